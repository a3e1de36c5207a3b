"""A template as a list of tokens: HTML tags, Django tags, words of text, and pieces that are kept as they are."""

import re
from dataclasses import dataclass

SPACE = " \t\r\n\f"
DJANGO = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
_QUOTED = rf'"(?:{DJANGO}|[^"])*"|\'(?:{DJANGO}|[^\'])*\''
_OPEN = rf"<[A-Za-z][\w:-]*(?:{DJANGO}|{_QUOTED}|[^\"'>])*>"
_KEPT = (
    r"<!--.*?-->|<!doctype[^>]*>"
    rf"|<(?P<raw>pre|textarea|script|style)\b(?:{DJANGO}|{_QUOTED}|[^\"'>])*>.*?</(?P=raw)\s*>"
    r"|\{%\s*blocktrans(?P<late>late)?\b.*?%\}.*?\{%\s*endblocktrans(?P=late)\s*%\}"
    r"|\{%\s*blocktrans\b.*?%\}.*?\{%\s*endblocktrans\s*%\}"
    r"|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}"
)
_TOKEN = re.compile(
    rf"(?P<space>[{SPACE}]+)|(?P<kept>{_KEPT})|(?P<django>{DJANGO})|(?P<close></[A-Za-z][\w:-]*\s*>)|(?P<open>{_OPEN})"
    rf"|(?P<text>(?:(?!{DJANGO})[^{SPACE}<])+|<)",
    re.DOTALL | re.IGNORECASE,
)
#: Words that may stand in a ``blocktranslate`` just as well, where they can go over several lines.
WORDS = re.compile(r"\{%\s*trans(?:late)?\s+(\"[^\"%{}\\]*\"|'[^'%{}\\]*')\s*%\}")


def names(text: str) -> set[str]:
    """The names of a list that is written as words."""
    return set(text.split())


VOID = names("area base br col embed hr img input link meta source track wbr")
CONTROLS = {
    "if": {"elif", "else"}, "for": {"empty"}, "with": set(), "block": set(), "filter": set(), "autoescape": set(),
    "clauses_once": set(), "spaceless": set(), "ifchanged": {"else"},
}  # fmt: skip
MIDDLES = {"elif", "else", "empty"}


@dataclass
class Token:
    """``kind``: text, html-open, html-close, html-void, kept, note, django, var; ``name``: its tag."""

    kind: str
    text: str
    name: str = ""
    before: str = ""

    @property
    def opens(self) -> bool:
        return self.kind == "html-open" or (self.kind == "django" and self.name in CONTROLS)

    @property
    def middle(self) -> bool:
        return self.kind == "django" and self.name in MIDDLES


def read(source: str) -> tuple[list[Token], str]:
    """The tokens of a template, each with the space before it, and the space at the end of the file."""
    tokens: list[Token] = []
    place, before = 0, ""
    while place < len(source):
        match = _TOKEN.match(source, place)
        assert match is not None, f"cannot read: {source[place : place + 40]!r}"
        place = match.end()
        if match.lastgroup == "space" or match.group("space"):
            before = match.group()
            continue
        tokens.append(_token(match, before))
        before = ""
    return tokens, before


def _token(match: re.Match[str], before: str) -> Token:
    text = match.group()
    if match.group("kept"):
        name = re.match(r"(?:<|\{%\s*)!?([\w-]+)", text)
        return Token("kept", text, name.group(1).lower() if name else "", before)
    if match.group("django"):
        name = re.match(r"\{%\s*(\w+)", text)
        kind = "django" if name else ("note" if text.startswith("{#") else "var")
        return Token(kind, text, name.group(1) if name else "", before)
    if match.group("close"):
        return Token("html-close", text, text[2:-1].strip().lower(), before)
    if match.group("open"):
        name_text = re.match(r"<([A-Za-z][\w:-]*)", text).group(1).lower()  # type: ignore[union-attr]
        void = name_text in VOID or text.endswith("/>")
        return Token("html-void" if void else "html-open", text, name_text, before)
    return Token("text", text, "", before)


def pairs(tokens: list[Token]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Where what opens is closed (well nested only), and the ``elif``, ``else`` and ``empty`` of each control tag."""
    ends: dict[int, int] = {}
    middles: dict[int, list[int]] = {}
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.opens:
            stack.append(index)
        elif token.middle:
            while stack and tokens[stack[-1]].kind != "django":
                stack.pop()
            if stack:
                middles.setdefault(stack[-1], []).append(index)
        elif token.kind == "django" and token.name.startswith("end"):
            while stack and not (tokens[stack[-1]].kind == "django" and f"end{tokens[stack[-1]].name}" == token.name):
                stack.pop()
            if stack:
                ends[stack.pop()] = index
        elif token.kind == "html-close":
            _close(tokens, stack, ends, index)
    return ends, middles


def _close(tokens: list[Token], stack: list[int], ends: dict[int, int], index: int) -> None:
    for depth in range(len(stack) - 1, -1, -1):
        opener = tokens[stack[depth]]
        if opener.kind == "django":
            return
        if opener.name == tokens[index].name:
            ends[stack[depth]] = index
            del stack[depth:]
            return


def meaning(source: str) -> list[str]:
    """What must not change: the tokens without the space between them, spaces inside tags and bodies made one."""
    tokens, _end = read(source)
    return [_plain(token) for token in tokens]


def as_block(text: str) -> str:
    """``{% translate "…" %}`` as the ``blocktranslate`` of the same words."""
    return WORDS.sub(lambda match: "{% blocktranslate %}" + match.group(1)[1:-1] + "{% endblocktranslate %}", text)


def _plain(token: Token) -> str:
    if WORDS.fullmatch(token.text):
        return as_block(token.text)
    if token.kind == "kept" and token.name.startswith("blocktrans"):
        head, body, tail = re.fullmatch(r"(\{%.*?%\})(.*)(\{%.*?%\})", token.text, re.DOTALL).groups()  # type: ignore[union-attr]
        if re.search(r"\btrimmed\b", head):
            head = re.sub(r"\s*\btrimmed\b", "", head)
            body = trimmed(body)
        return f"{head}{body}{tail}"
    if token.kind.startswith("html"):
        return re.sub(rf"[{SPACE}]+", "", token.text)
    return token.text


def trimmed(body: str) -> str:
    """The words of a ``blocktranslate trimmed`` as Django reads them, ``plural`` and all."""
    parts = re.split(r"(\{%\s*plural\s*%\})", body)
    return "".join(
        part
        if part.startswith("{%") and "plural" in part
        else " ".join(filter(None, map(str.strip, part.splitlines())))
        for part in parts
    )
