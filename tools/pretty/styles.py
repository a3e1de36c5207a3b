"""A style sheet laid out: one declaration a line, one selector of a list a line where the list is long."""

import re

WIDTH = 120
_PIECE = re.compile(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'|url\([^)]*\)|[{};]|[^{};\"'/]+|/", re.DOTALL)


def layout(source: str) -> str:
    """The sheet as it should stand; laying it out again changes nothing."""
    lines: list[str] = []
    text, depth, brackets = "", 0, 0
    for match in _PIECE.finditer(source):
        piece = match.group()
        if piece.startswith("/*") and not text.strip():
            _comment(lines, piece, depth, own_line=_begins_line(source, match.start()), blank=_blank(text))
            text = ""
        elif piece == ";" and not brackets:
            lines += _declaration(text, "  " * depth)
            text = ""
        elif piece == "{":
            _blank_line(lines, text, depth)
            lines += _opening(text, depth)
            text, depth = "", depth + 1
        elif piece == "}":
            if text.strip():
                lines += _declaration(text, "  " * depth)
            text, depth = "", depth - 1
            lines.append("  " * depth + "}")
        else:
            text += piece
            brackets = max(0, text.count("(") - text.count(")"))
    return "\n".join(lines) + "\n"


def _begins_line(source: str, place: int) -> bool:
    return not source[source.rfind("\n", 0, place) + 1 : place].strip()


def _blank(text: str) -> bool:
    return text.count("\n") > 1


def _blank_line(lines: list[str], text: str, depth: int) -> None:
    """A rule stands apart from the one before it."""
    if lines and lines[-1].strip() and not lines[-1].endswith(("{", "*/")):
        lines.append("")


def _comment(lines: list[str], piece: str, depth: int, *, own_line: bool, blank: bool) -> None:
    if not own_line and lines:
        lines[-1] += f" {piece}"
        return
    if lines and lines[-1].strip() and (blank or not lines[-1].endswith(("{", "*/"))):
        lines.append("")
    if len(piece) + 2 * depth <= WIDTH or "\n" in piece:
        lines.append("  " * depth + piece)
    else:
        lines += _filled(piece.split(), "  " * depth, "")


def _opening(text: str, depth: int) -> list[str]:
    indent = "  " * depth
    selector = " ".join(text.split())
    if selector.startswith("@"):
        return [indent + re.sub(r"\s*:\s*", ": ", selector) + " {"]
    parts = [re.sub(r"\s*([>~+])\s*", r" \1 ", part.strip()) for part in _commas(selector)]
    line = f"{indent}{', '.join(parts)} {{"
    if len(line) <= WIDTH:
        return [line]
    return [*(f"{indent}{part}," for part in parts[:-1]), f"{indent}{parts[-1]} {{"]


def _commas(selector: str) -> list[str]:
    parts, depth = [""], 0
    for sign in selector:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _declaration(text: str, indent: str) -> list[str]:
    """A declaration; the members of a long list of values fill lines of their own."""
    name, colon, value = " ".join(text.split()).partition(":")
    value = re.sub(r"\s*!important", " !important", re.sub(r",\s*", ", ", value.strip()))
    line = f"{indent}{name.strip()}: {value};" if colon else f"{indent}{name};"
    if len(line) <= WIDTH or ", " not in value:
        return [line]
    return [f"{indent}{name.strip()}:", *_filled([f"{part.strip()}," for part in _commas(value)], indent + "  ", ";")]


def _filled(words: list[str], indent: str, end: str) -> list[str]:
    lines = [indent]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > WIDTH and lines[-1].strip():
            lines.append(indent)
        lines[-1] += word if lines[-1] == indent else f" {word}"
    return [*lines[:-1], lines[-1].removesuffix(",") + end]


def meaning(source: str) -> str:
    """What must not change: the sheet without comments, space and last semicolons."""
    text = re.sub(r"\s+", "", source)
    return text.replace(";}", "}")
