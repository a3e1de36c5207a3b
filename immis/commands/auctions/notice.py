"""``immis notice``: read a notice inviting e-auction as it was published, check it, and store it."""

import json
import sys
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

import immis
from immis import clock
from immis.adapters.notices import MOST_BYTES, NoticeUnreadable
from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.rules.land.geometry import area_ha
from immis.rules.notices import (
    Column,
    GhatFacts,
    NoticeFacts,
    NoticeFinding,
    check_notice,
    label_of,
    policy_day,
    slug_of,
)
from immis.rules.notices.facts import FIGURES, STEPS
from immis.rules.policy import book
from immis.rules.writing.texts import texts

FOUND_ERRORS, UNUSABLE = 1, 2
_DEGREE_PLACES = 7
_WORDS = texts("commands/notice")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
_lang_option = click.option("--lang", type=click.Choice(["hi", "en"]), default="hi", show_default=True)
_file_argument = click.argument("file", metavar="FILE")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check or import a notice inviting e-auction: published text, CSV or XLSX; - reads standard input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Devanagari shows marks, not a traceback
            stream.reconfigure(errors="backslashreplace")


@command.command()
@_file_argument
@_json_option
@_lang_option
def check(file: str, as_json: bool, lang: str) -> None:
    """Report what a notice states and what is wrong in it.

    \b
    Example: immis notice check munger_2026.txt --lang en
    Exit 0: no errors. Exit 1: errors found. Exit 2: not readable as a notice.
    """
    facts, findings, _ = _read_and_check(file, as_json=as_json, lang=lang)
    _show(facts, findings, as_json=as_json, lang=lang)
    raise click.exceptions.Exit(FOUND_ERRORS if _errors(findings) else 0)


class _Row(click.ParamType):
    """A row of a notice and the ghat of the register that it is, as 5=MUN-2026-22, or 5=new."""

    name = "row=ghat"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        if isinstance(value, tuple):
            return value
        serial, _, ghat = value.partition("=")
        if not (serial.isascii() and serial.isdigit() and ghat.strip()):
            self.fail(f"{value!r} is no row and ghat such as 5=MUN-2026-22 or 5=new", param, ctx)
        return int(serial), ghat.strip()


@command.command("import")
@_file_argument
@click.option("--ghat", "ghats", type=_Row(), multiple=True, help="Which ghat of the register a row is, or 5=new.")
@_json_option
@_lang_option
def import_(file: str, ghats: tuple[tuple[int, str], ...], as_json: bool, lang: str) -> None:
    """Check a notice and, when it has no errors, store its auction with all ghats.

    \b
    Example: immis notice import munger_2026.txt
    Example: immis notice import second.xlsx --ghat 5=MUN-2026-22 --ghat 6=new
    Exit 0: stored. Exit 1: errors found, nothing stored. Exit 2: not readable as a notice, or refused.
    """
    facts, findings, source = _read_and_check(file, as_json=as_json, lang=lang)
    stored = not _errors(findings)
    if stored:
        payload = dict(ghats)
        _store(facts, findings, source=source, file=file, same_blocks=payload, as_json=as_json, lang=lang)
    _show(facts, findings, as_json=as_json, lang=lang, stored=stored)
    raise click.exceptions.Exit(0 if stored else FOUND_ERRORS)


def _store(
    facts: NoticeFacts,
    findings: list[NoticeFinding],
    *,
    source: bytes,
    file: str,
    same_blocks: dict[int, str],
    as_json: bool,
    lang: str,
) -> None:
    immis.setup_django()
    from django.core.exceptions import ImproperlyConfigured, ValidationError
    from django.db import DatabaseError

    from immis.auctions.services import import_notice
    from immis.core.errors import NotPermitted, Refusal

    try:
        name = Path(file).name
        import_notice(facts=facts, findings=findings, source=source, filename=name, by=None, same_blocks=same_blocks)
    except Refusal as refusal:
        both = {each: " ".join(book().say(f.code, f.facts, each) for f in refusal.findings) for each in ("hi", "en")}
        _refuse(both, code=refusal.findings[0].code, as_json=as_json, lang=lang)
    except (NotPermitted, ValueError, LookupError, ValidationError, DatabaseError, ImproperlyConfigured) as error:
        both = {each: str(error) for each in ("hi", "en")}
        _refuse(both, code=type(error).__name__, as_json=as_json, lang=lang)


def _read_and_check(file: str, *, as_json: bool, lang: str) -> tuple[NoticeFacts, list[NoticeFinding], bytes]:
    try:
        source = _bytes_of(file)
        facts: NoticeFacts = read_apart("notice", source, filename=file)
    except (NoticeUnreadable, ReadingRefused) as error:
        _refuse({code: error.message(code) for code in ("hi", "en")}, code=error.reason, as_json=as_json, lang=lang)
    on = policy_day(facts, otherwise=clock.now())
    return facts, check_notice(facts, policy=book(), on=on), source


def _bytes_of(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NoticeUnreadable("missing", name=path.name) from error
    except (OSError, ValueError) as error:
        raise NoticeUnreadable("refused", name=path.name, detail=type(error).__name__) from error


def _refuse(messages: dict[str, str], *, code: str, as_json: bool, lang: str) -> Any:
    if as_json:
        _print_json({"error": {"code": code, "message": messages[lang], "messages": messages}})
    for each in dict.fromkeys((messages[lang], messages["en" if lang == "hi" else "hi"])):
        click.echo(f"immis notice: {each}", err=True)
    raise click.exceptions.Exit(UNUSABLE)


def _errors(findings: list[NoticeFinding]) -> list[NoticeFinding]:
    return [finding for finding in findings if finding.severity == "error"]


def _show(
    facts: NoticeFacts, findings: list[NoticeFinding], *, as_json: bool, lang: str, stored: bool | None = None
) -> None:
    if as_json:
        shown = report(facts, findings, lang=lang)
        _print_json(shown if stored is None else shown | {"stored": stored})
        return
    for line in (*_table(facts, lang), "", *_programme_lines(facts, lang), "", *_finding_lines(findings, lang)):
        click.echo(line)
    if stored is not None:
        click.echo(_word("stored" if stored else "refused", lang))


def _print_json(shown: dict[str, Any]) -> None:
    click.echo(json.dumps(shown, ensure_ascii=False, indent=1))


def report(facts: NoticeFacts, findings: list[NoticeFinding], *, lang: str) -> dict[str, Any]:
    """The check as the public contract names it; a finding on a row stands at its ghat, any other at the end."""
    serials = {ghat.serial for ghat in facts.ghats}
    return {
        "number": facts.number,
        "release": facts.release,
        "district": facts.district,
        "title": facts.title,
        "ghats": [_ghat_json(ghat, facts, findings, lang=lang) for ghat in facts.ghats],
        "totals": _totals_json(facts),
        "programme": _programme_json(facts),
        "fees": {name: _number(value) for name, value in vars(facts.fees).items()},
        "contacts": [vars(contact) for contact in facts.contacts],
        "findings": [_finding_json(finding, lang) for finding in findings if finding.row not in serials],
        "counts": {"errors": len(_errors(findings)), "warnings": len(findings) - len(_errors(findings))},
    }


def _ghat_json(ghat: GhatFacts, facts: NoticeFacts, findings: list[NoticeFinding], *, lang: str) -> dict[str, Any]:
    return {
        "serial": ghat.serial,
        "name": ghat.name,
        "code": ghat.code,
        "slug": slug_of(facts.district, _year(facts), ghat.serial),
        "area_ha": _number(ghat.area_ha),
        "computed_area_ha": round(area_ha(ghat.corners), 2),
        "quantity_m3": _number(ghat.quantity_m3),
        "reserve_rupees": ghat.reserve_rupees,
        "emd_rupees": ghat.emd_rupees,
        "corners": [[round(c.lat, _DEGREE_PLACES), round(c.lon, _DEGREE_PLACES)] for c in ghat.corners],
        "findings": [_finding_json(finding, lang) for finding in findings if finding.row == ghat.serial],
    }


def _year(facts: NoticeFacts) -> int:
    starts = facts.programme.auction_starts_at
    return (starts or clock.now()).astimezone(clock.INDIA).year


def _finding_json(finding: NoticeFinding, lang: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message(lang),
        "messages": {code: finding.message(code) for code in ("hi", "en")},
        "row": finding.row,
        "column": finding.column,
        "found": finding.found,
        "expected": finding.expected,
        "line": finding.line,
        "cites": finding.cites,
    }


def _sum(facts: NoticeFacts, column: Column) -> Decimal:
    return sum((Decimal(getattr(g, column.value) or 0) for g in facts.ghats), Decimal(0))


def _totals_json(facts: NoticeFacts) -> dict[str, Any]:
    """Sums of the rows, and beside them the totals as printed."""
    printed = {c.value: _number(getattr(facts.totals, c.value)) for c in FIGURES} if facts.totals else None
    return {
        "ghats": len(facts.ghats),
        "corners": sum(len(ghat.corners) for ghat in facts.ghats),
        **{column.value: _number(_sum(facts, column)) for column in FIGURES},
        "computed_area_ha": round(sum(area_ha(ghat.corners) for ghat in facts.ghats), 2),
        "printed": printed,
    }


def _programme_json(facts: NoticeFacts) -> dict[str, Any]:
    steps = {step.value: getattr(facts.programme, step.value) for step in STEPS}
    return {name: when.isoformat() if when else None for name, when in steps.items()} | {
        "prebid_venue": facts.programme.prebid_venue
    }


def _number(value: Decimal | int | None) -> int | float | None:
    """A figure for JSON: whole numbers stay whole."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _word(name: str, lang: str) -> str:
    return _WORDS[name]["hi" if lang == "hi" else "en"]


def _width(text: str) -> int:
    return sum(unicodedata.category(letter) not in ("Mn", "Cf") for letter in text)


def _padded(cells: list[str], widths: list[int]) -> str:
    padded = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - _width(cell))
        padded.append(cell + space if index == 1 else space + cell)
    return "  ".join(padded).rstrip()


def _grouped(value: Decimal | int | float | None) -> str:
    """A figure with the groups of Indian print: ``18,57,60,000``."""
    if value is None:
        return "—"
    whole, _, part = format(Decimal(str(value)), "f").partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*groups, tail]) + (f".{part}" if part else "")


def _table(facts: NoticeFacts, lang: str) -> list[str]:
    head = [label_of("serial", lang), label_of("name", lang), _word("corners", lang), label_of("area_ha", lang)]
    head += [_word("computed", lang), *(label_of(column.value, lang) for column in FIGURES[1:])]
    rows = [
        [str(g.serial), g.name[:60], str(len(g.corners)), _grouped(g.area_ha), f"{area_ha(g.corners):.2f}"]
        + [_grouped(getattr(g, column.value)) for column in FIGURES[1:]]
        for g in facts.ghats
    ]
    totals = _totals_json(facts)
    last = ["", _word("sum", lang), str(totals["corners"]), _grouped(totals["area_ha"])]
    last += [f"{totals['computed_area_ha']:.2f}", *(_grouped(totals[column.value]) for column in FIGURES[1:])]
    lines = [head, *rows, last]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(head))]
    title = " · ".join(filter(None, (facts.number, facts.district_hi if lang == "hi" else facts.district)))
    return [*filter(None, [title]), *(_padded(line, widths) for line in lines)]


def _programme_lines(facts: NoticeFacts, lang: str) -> list[str]:
    return [f"{label_of(step.value, lang)}: {_when(when)}" for step, when in facts.programme.steps()]


def _when(when: date | datetime) -> str:
    return f"{when:%d.%m.%Y %H:%M}" if isinstance(when, datetime) else f"{when:%d.%m.%Y}"


def _finding_lines(findings: list[NoticeFinding], lang: str) -> list[str]:
    if not findings:
        return [_word("nothing", lang)]
    lines = []
    for finding in findings:
        severity = _WORDS[finding.severity]["hi" if lang == "hi" else "en"]
        lines += [
            f"{finding.code} {severity}: {finding.message(lang)}",
            f"       {finding.message('en' if lang == 'hi' else 'hi')}",
        ]
    errors = len(_errors(findings))
    return [*lines, _word("counts", lang).format(errors=errors, warnings=len(findings) - errors)]
