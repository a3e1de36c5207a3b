"""The words of the pages: compile the hand-written ``.po`` files, and check that every msgid has Hindi.

``python -m immis.web.i18n compile`` · ``check`` · ``sort``. A msgid stands once,
in the room that uses it (``<noun>/locale/hi.po``), in ``shell`` where several do:
write new words into any of them, then ``sort``. Babel does the rest, so that no
GNU gettext has to be installed.
"""

import ast
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po

WEB = Path(__file__).resolve().parent
PACKAGE = WEB.parent
SHARED = "shell"  # the room of words that several rooms use
CITING = "law"  # the room of the rule book's citations
_HEAD = """msgid ""
msgstr ""
"Language: hi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_WRITTEN = ("*.typ", "*.html", "*.js")  # what else holds Hindi beside the catalogue and the rule book
_OTHERS = {"samples", "vendor"}  # folders of what others wrote
_BEHIND = "\x04"  # stands between a context and its msgid, as in a catalogue of gettext
_PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")

Message = tuple[str, str]  # msgid (behind its context, as gettext keeps it), where it is used


def po_files() -> list[Path]:
    """The words of every room of the web: ``<noun>/locale/hi.po``."""
    return sorted(WEB.glob("*/locale/hi.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="hi")


def compile_all(*, only_newer: bool = False) -> int:
    """Write for every ``hi.po`` the ``.mo`` that Django reads; answers how many were written."""
    written = 0
    for path in po_files():
        target = path.parent / "hi" / "LC_MESSAGES" / "django.mo"
        if only_newer and target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
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
        if (msgid := _msgid(name, node.args)) is not None:
            yield msgid, f"{label}:{node.lineno}"


def _template_messages(source: str, label: str) -> Iterator[Message]:
    """What Django's own extractor sees in a template: it rewrites the template as Python calls."""
    from django.utils.translation import templatize

    rewritten = templatize(source, origin=label)
    for match in re.finditer(r"\b(n?p?gettext)\(", rewritten):
        call = _call_at(rewritten, match.start())
        if call is not None and (msgid := _msgid(match.group(1), call.args)) is not None:
            yield msgid, label
    for match in re.finditer(r"(?<![\w.])_\(", rewritten):
        call = _call_at(rewritten, match.start())
        if call is not None and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value), label


def _msgid(name: str, args: list[ast.expr]) -> str | None:
    """The msgid of a call, behind its context where it gives one; None where it is no text that stands there."""
    texts = [arg.value for arg in args[: 2 if "pgettext" in name else 1] if isinstance(arg, ast.Constant)]
    if len(texts) != (2 if "pgettext" in name else 1) or not all(isinstance(text, str) for text in texts):
        return None
    return _BEHIND.join(map(str, texts))


def key_of(message: Entry) -> str:
    """What a message is known by: its msgid, behind its context where one English word has two Hindi ones."""
    first = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"{message.context}{_BEHIND}{first}" if message.context else str(first)


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
    for path in sorted(WEB.glob("*/templates/**/*.html")):
        yield from _template_messages(path.read_text(encoding="utf8"), str(path.relative_to(PACKAGE.parent)))


def homes() -> dict[str, str]:
    """The room in which each msgid stands: the one that uses it, ``shell`` where several do, ``law`` for citations."""
    from immis.rules.policy import book

    rooms: dict[str, set[str]] = {}
    for msgid, where in used_messages():
        rooms.setdefault(msgid, set()).add(_room(where))
    for entry in book().entries.values():
        for value in entry.values:
            rooms.setdefault(str(value.cites), {CITING})
    return {msgid: next(iter(names)) if len(names) == 1 else SHARED for msgid, names in rooms.items()}


def _room(where: str) -> str:
    """The room of the web that words of this file belong to; a domain's words belong to the room of the same noun."""
    parts = Path(where).parts
    room = parts[2] if parts[1] == "web" else parts[1]
    return room if (WEB / room / "__init__.py").exists() else SHARED


def sort(extra: Iterable[Path] = ()) -> int:
    """Put every msgid into its room, with those of further files; answers how many stand there now."""
    entries: dict[str, tuple[str, Entry]] = {}
    paths = [*po_files(), *extra]
    for path in paths:
        for message in read(path):
            if message.id:
                key = key_of(message)
                known = entries.get(key)
                if known is None or (message.pluralizable and not known[1].pluralizable):
                    entries[key] = (path.parts[-3], message)
    home = homes()
    rooms: dict[str, list[Entry]] = {}
    for msgid, (room, message) in entries.items():
        rooms.setdefault(home.get(msgid, room if (WEB / room).is_dir() else SHARED), []).append(message)
    for room, messages in rooms.items():
        target = WEB / room / "locale" / "hi.po"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_HEAD + "".join(map(_written, messages)), encoding="utf8")
    for path in set(po_files()) - {WEB / room / "locale" / "hi.po" for room in rooms}:
        path.unlink()
    return len(entries)


def _written(message: Entry) -> str:
    head = "\n#, fuzzy" if message.fuzzy else ""
    if message.context:
        head += f"\nmsgctxt {normalize(message.context, width=0)}"
    if not message.pluralizable:
        return (
            f"{head}\nmsgid {normalize(str(message.id), width=0)}\nmsgstr {normalize(str(message.string), width=0)}\n"
        )
    lines = [f"{head}\nmsgid {normalize(message.id[0], width=0)}", f"msgid_plural {normalize(message.id[1], width=0)}"]
    lines += [f"msgstr[{n}] {normalize(word, width=0)}" for n, word in enumerate(message.string)]
    return "\n".join(lines) + "\n"


def _places(text: str) -> set[str]:
    return {first or second for first, second in _PLACE.findall(text)}


def problems() -> list[str]:
    """Msgids without Hindi, other placeholders in Hindi, two words for one thing, words to avoid; else empty."""
    known: dict[str, tuple[str, ...]] = {}
    results = []
    home = homes()
    for path in po_files():
        room = path.parts[-3]
        for message in read(path):
            if message.id:
                results += [f"{room}: {fault}" for fault in _faults_of(message, room, home, known)]
    results += [*_english_citations(), *avoided()]
    missing: dict[str, str] = {}
    for msgid, where in used_messages():
        if msgid and msgid not in known:
            missing.setdefault(msgid, where)
    return results + [f"{where}: no Hindi for {_shown(msgid)}" for msgid, where in missing.items()]


def _faults_of(message: Entry, room: str, home: Mapping[str, str], known: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """What is wrong with an entry of a room; its Hindi is noted in ``known``."""
    key = key_of(message)
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    words = tuple(message.string if isinstance(message.string, tuple | list) else (message.string,))
    if message.fuzzy:
        yield f"fuzzy: {ids[0]!r}"
    if all(words) and any(_places(word) - _places(ids[0]) - _places(ids[-1]) for word in words):
        yield f"other placeholders: {ids[0]!r}"
    if key in known or home.get(key, room) != room:
        yield f"{_shown(key)} stands elsewhere (python -m immis.web.i18n sort)"
    if all(words) and known.setdefault(key, words) != words:
        yield f"two words for one thing: {ids[0]!r} is {known[key][0]!r}, not {words[0]!r}"


def _shown(key: str) -> str:
    context, _, msgid = key.rpartition(_BEHIND)
    return f"{msgid!r}, context {context!r}" if context else repr(msgid)


def avoided() -> list[str]:
    """Hindi of the catalogue and the rule book in words that the glossary has another one for, with what to write."""
    from immis.rules.writing.avoided import faults_in, hindi_of_the_law

    texts = [*_hindi_of_the_pages(), *hindi_of_the_law()]
    return [
        f"{where}: {word!r}: write {instead} ({text[:60]!r})"
        for where, text in texts
        for word, instead in faults_in(text)
    ]


def _hindi_of_the_pages() -> Iterator[tuple[str, str]]:
    for path in po_files():
        for message in read(path):
            words = message.string if isinstance(message.string, tuple | list) else (message.string,)
            yield from ((f"{path.parts[-3]}/locale", word) for word in words if message.id)
    for path in sorted(file for kind in _WRITTEN for file in PACKAGE.rglob(kind) if not _OTHERS & set(file.parts)):
        for line in path.read_text(encoding="utf8").splitlines():
            yield str(path.relative_to(PACKAGE.parent)), line


def _english_citations() -> Iterator[str]:
    """Citations of the rule book that keep English words in Hindi: give the whole citation as a msgid."""
    from django.utils import translation

    from immis.rules.policy import book
    from immis.web.shell.wording import citation

    with translation.override("hi"):
        for cites in sorted({str(value.cites) for entry in book().entries.values() for value in entry.values}):
            if re.search(r"\b(?![ivxlc]+\b)[a-z]{5,}\b", citation(cites)):
                yield f"policy: no Hindi for the citation {cites!r}"


def main(argv: list[str]) -> int:
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf8", line_buffering=True)
    if argv == ["compile"]:
        out.write(f"{compile_all()} catalogues compiled\n")
        return 0
    if argv[:1] == ["sort"]:
        from immis import setup_django

        setup_django()
        out.write(f"{sort(map(Path, argv[1:]))} msgids stand in their rooms\n")
        return 0
    if argv == ["check"]:
        from immis import setup_django

        compile_all()
        setup_django()
        result = problems()
        out.write("".join(f"{line}\n" for line in result) or "every msgid has its Hindi\n")
        return 1 if result else 0
    sys.stderr.write("usage: python -m immis.web.i18n compile|check|sort [FILE…]\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
