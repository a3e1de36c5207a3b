"""The words of the pages: compile the hand-written ``.po`` files, and check that every msgid has Hindi.

``python -m immis.web.i18n compile`` · ``python -m immis.web.i18n check``. Babel
does both, so that no GNU gettext has to be installed.
"""

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parent
PACKAGE = WEB.parent
PARTS = WEB / "locale_parts"
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")

Message = tuple[str, str]  # msgid, where it is used


def po_files() -> list[Path]:
    """The ``.po`` files of all parts, in the order in which Django looks words up."""
    return sorted(PARTS.glob("*/hi/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="hi")


def compile_all(*, only_newer: bool = False) -> int:
    """Write a ``.mo`` beside every ``.po``; answers how many were written."""
    written = 0
    for path in po_files():
        target = path.with_suffix(".mo")
        if only_newer and target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        part = target.with_suffix(f".mo.{os.getpid()}")  # several processes may compile at once
        with part.open("wb") as file:
            write_mo(file, read(path))
        part.replace(target)
        written += 1
    return written


def _python_messages(path: Path, source: str, label: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in _CALLS:
            continue
        index = 1 if name.startswith("pgettext") else 0
        first = node.args[index] if len(node.args) > index else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, f"{label}:{node.lineno}"


def _template_messages(source: str, label: str) -> Iterator[Message]:
    """What Django's own extractor sees in a template: it rewrites the template as Python calls."""
    from django.utils.translation import templatize

    rewritten = templatize(source, origin=label)
    for match in re.finditer(r"\b(n?p?gettext)\(", rewritten):
        call = _call_at(rewritten, match.start())
        if call is not None:
            index = 1 if match.group(1).startswith("p") else 0
            value = call.args[index]
            if isinstance(value, ast.Constant):
                yield str(value.value), label
    for match in re.finditer(r"(?<![\w.])_\(", rewritten):
        call = _call_at(rewritten, match.start())
        if call is not None and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value), label


def _call_at(text: str, start: int) -> ast.Call | None:
    depth = 0
    for index in range(text.index("(", start), len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            try:
                node = ast.parse(text[start : index + 1].replace(" u'", " '"), mode="eval").body
            except SyntaxError:
                continue  # the bracket stood inside the words
            return node if isinstance(node, ast.Call) and node.args else None
    return None


def used_messages() -> Iterator[Message]:
    """Every msgid of the templates and of the Python code that pages use, with where."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf8")
        if "django.utils.translation" in source:
            yield from _python_messages(path, source, str(path.relative_to(PACKAGE.parent)))
    for path in sorted((WEB / "templates").rglob("*.html")):
        yield from _template_messages(path.read_text(encoding="utf8"), str(path.relative_to(PACKAGE.parent)))


def _places(text: str) -> set[str]:
    return {first or second for first, second in _PLACE.findall(text)}


def problems() -> list[str]:
    """Msgids without Hindi, other placeholders in Hindi, two words for one thing, fuzzy entries; else empty."""
    known: dict[str, tuple[str, ...]] = {}
    found = []
    for path in po_files():
        for message in read(path):
            if not message.id:
                continue
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            words = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if message.fuzzy:
                found.append(f"{path.parts[-4]}: fuzzy: {ids[0]!r}")
            if all(words) and any(_places(word) - _places(ids[0]) - _places(ids[-1]) for word in words):
                found.append(f"{path.parts[-4]}: other placeholders: {ids[0]!r}")
            if all(words) and known.setdefault(ids[0], tuple(words)) != tuple(words):
                found.append(
                    f"{path.parts[-4]}: two words for one thing: {ids[0]!r} is {known[ids[0]][0]!r}, not {words[0]!r}"
                )
    found += list(_english_citations())
    missing: dict[str, str] = {}
    for msgid, where in used_messages():
        if msgid and msgid not in known:
            missing.setdefault(msgid, where)
    return found + [f"{where}: no Hindi for {msgid!r}" for msgid, where in missing.items()]


def _english_citations() -> Iterator[str]:
    """Citations of the rule book that keep English words in Hindi: give the whole citation as a msgid."""
    from django.utils import translation

    from immis.rules.policy import book
    from immis.web.wording import citation

    with translation.override("hi"):
        for cites in sorted({str(value.cites) for entry in book().entries.values() for value in entry.values}):
            if re.search(r"\b(?![ivxlc]+\b)[a-z]{5,}\b", citation(cites)):
                yield f"policy: no Hindi for the citation {cites!r}"


def main(argv: list[str]) -> int:
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf8", line_buffering=True)
    if argv == ["compile"]:
        out.write(f"{compile_all()} catalogues compiled\n")
        return 0
    if argv == ["check"]:
        from immis import setup_django

        compile_all()
        setup_django()
        found = problems()
        out.write("".join(f"{line}\n" for line in found) or "every msgid has its Hindi\n")
        return 1 if found else 0
    sys.stderr.write("usage: python -m immis.web.i18n compile|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
