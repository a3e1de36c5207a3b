"""A template laid out: a block a line, its content indented, words filled up to 120 characters."""

import re
from dataclasses import dataclass, field

from gaps import Gaps
from tokens import DJANGO, SPACE, WORDS, Token, as_block, read, trimmed

WIDTH = 120
INDENT = "  "
_ITEM = re.compile(
    rf"\{{%.*?%\}}|\{{#.*?#\}}|(?:\{{\{{.*?\}}\}}|[^{SPACE}=>\"'{{])+(?:\s*=\s*(?:\"(?:{DJANGO}|[^\"])*\"|'(?:{DJANGO}|[^'])*'"
    rf"|(?:{DJANGO}|[^{SPACE}>\"'])+))?",
    re.DOTALL,
)
_CUT_ATTRIBUTE = re.compile(r"%\}\s*=|[\w-]\{%(?!\s*(?:end|el))|=\s*\{%")


def layout(source: str) -> str:
    """The template as it should stand; laying it out again changes nothing."""
    for _turn in range(6):
        again = _once(source)
        if again == source:
            break
        source = again
    return source


def _once(source: str) -> str:
    tokens, end = read(source)
    if not tokens:
        return source
    page = _Page(tokens)
    page.run(0, len(tokens) - 1, 0)
    page.flush()
    return "\n".join(page.lines) + ("\n" if "\n" in end else end)


@dataclass
class _Page:
    """The lines written so far and the line that is being filled."""

    tokens: list[Token]
    lines: list[str] = field(default_factory=list)
    line: str = ""
    indent: int = 0

    def __post_init__(self) -> None:
        self.gaps = Gaps(self.tokens)
        self.spaces = Gaps(self.tokens, spaces=True)

    def flush(self) -> None:
        if self.line.strip():
            self.lines.append(self.line.rstrip())
        self.line = ""

    def room(self) -> int:
        return WIDTH - (len(self.line) if self.line else len(INDENT) * self.indent)

    def put(self, text: str) -> None:
        if not self.line:
            self.line = INDENT * self.indent
        first, *rest = text.split("\n")
        self.line += first
        for more in rest:
            self.lines.append(self.line.rstrip() if not self.line.isspace() else "")
            self.line = more

    def breakable(self, gap: int) -> bool:
        return bool(self.tokens[gap].before) or self.spaces.free(gap)

    def space(self, gap: int) -> str:
        """What the gap holds where no line ends."""
        return " " if self.tokens[gap].before and not self.gaps.free(gap) else ""

    def newline(self, gap: int, indent: int) -> None:
        self.flush()
        if self.tokens[gap].before.count("\n") > 1 and self.lines and self.lines[-1]:
            self.lines.append("")
        self.indent = indent

    def flat(self, first: int, last: int) -> str | None:
        """These tokens on one line; None where that cannot be."""
        parts = []
        for index in range(first, last + 1):
            text = flat_token(self.tokens[index])
            if index > first:
                if self.gaps.hard(index):
                    return None
                parts.append(self.space(index))
            if "\n" in text:
                return None
            parts.append(text)
        return "".join(parts)

    def end_of(self, index: int, last: int) -> int:
        """The last token of what begins here, and of what hangs on it without a gap."""
        end = min(self.gaps.ends.get(index, index), last)
        while end < last and not self.breakable(end + 1):
            end = min(self.gaps.ends.get(end + 1, end + 1), last)
        return end

    def tail(self, index: int) -> int:
        """How many characters follow before a line may end."""
        length = 0
        while index < len(self.tokens) and not self.breakable(index) and not self.gaps.hard(index):
            length += len(flat_token(self.tokens[index]))
            index += 1
        return length

    def run(self, first: int, last: int, indent: int) -> None:
        """Lay out these tokens, lines beginning at this indent; the gap before the first one is settled."""
        index = first
        while index <= last:
            end = self.end_of(index, last)
            flat = self.flat(index, end)
            more = self.tail(end + 1)
            if index > first:
                self.between(index, flat, indent, more)
            if flat is not None and len(flat) + more <= self.room():
                self.put(flat)
                index = end + 1
                continue
            index = self.broken(index, last, indent)

    def between(self, gap: int, flat: str | None, indent: int, more: int = 0) -> None:
        """End the line before this token, or write the space that stands there."""
        if not self.breakable(gap):
            return
        space = self.space(gap)
        if self.gaps.hard(gap) or flat is None or len(flat) + len(space) + more > self.room():
            self.newline(gap, indent)
        elif self.line:
            self.put(space)

    def broken(self, index: int, last: int, indent: int) -> int:
        """Write one thing that does not fit on the line; answers where to go on."""
        token, end = self.tokens[index], self.gaps.ends.get(index)
        if end is None or end > last or not (token.opens or token.kind == "html-open"):
            self.put(broken_token(token, self.room(), INDENT * indent))
            return index + 1
        self.put(broken_token(token, self.room() - self.tail(index + 1), INDENT * indent))
        inline = token.kind == "html-open" and not self.gaps.block(index) and not self.gaps.left(index + 1)
        inner = indent if inline else indent + 1
        begin = index
        for stop in [*self.gaps.middles.get(index, []), end]:
            self.branch(begin + 1, stop - 1, inner, inline=inline)
            if stop - begin > 1 or self.tokens[stop].middle or self.tokens[begin].kind == "django":
                self.edge(stop, indent, inline=inline)
            self.put(flat_token(self.tokens[stop]))
            begin = stop
        return end + 1

    def branch(self, first: int, last: int, indent: int, *, inline: bool) -> None:
        if first > last:
            return
        if inline:
            self.between(first, self.flat(first, self.end_of(first, last)), indent)
        else:
            self.edge(first, indent, inline=False)
        self.run(first, last, indent)

    def edge(self, gap: int, indent: int, *, inline: bool) -> None:
        """The gap at the edge of something broken: a line ends wherever it may."""
        if not self.breakable(gap):
            return
        if inline and not self.gaps.hard(gap):
            text = flat_token(self.tokens[gap])
            self.between(gap, text, indent)
        else:
            self.newline(gap, indent)


def flat_token(token: Token) -> str:
    """A token on one line, where its meaning allows that."""
    if token.kind.startswith("html"):
        text = re.sub(rf"[{SPACE}]*\n[{SPACE}]*", " ", token.text)
        return re.sub(rf"[{SPACE}]+(/?>)$", r"\1", re.sub(r"^<([\w:-]+)\s+", r"<\1 ", text))
    if token.kind == "kept" and token.name.startswith("blocktrans"):
        head, body, tail = _blocktrans(token.text)
        return f"{head}{trimmed(body)}{tail}" if re.search(r"\btrimmed\b", head) else token.text
    return token.text


def _blocktrans(text: str) -> tuple[str, str, str]:
    return re.fullmatch(r"(\{%.*?%\})(.*)(\{%.*?%\})", text, re.DOTALL).groups()  # type: ignore[union-attr,return-value]


def broken_token(token: Token, room: int, indent: str) -> str:
    """A token over several lines where it is too long: attributes one a line, words of a translation filled."""
    flat = flat_token(token)
    if "\n" not in flat and len(flat) <= room:
        return flat
    if token.kind in {"html-open", "html-void"}:
        return _broken_tag(token, indent)
    if token.kind == "kept" and token.name.startswith("blocktrans"):
        return _broken_words(token.text, indent)
    if WORDS.fullmatch(flat):
        return _broken_words(as_block(flat), indent)
    return flat


def _broken_words(text: str, indent: str) -> str:
    head, body, tail = _blocktrans(text)
    if not re.search(r"\btrimmed\b", head):
        parts = re.split(r"\{%\s*plural\s*%\}", body)
        if any(part != part.strip() or re.search(r"\s\s|[\t\r\n]", part) for part in parts):
            return text
        head = re.sub(r"^(\{%\s*\w+)", r"\1 trimmed", head)
    lines = [head]
    for part in re.split(r"(\{%\s*plural\s*%\})", trimmed(body)):
        if part.startswith("{%") and "plural" in part:
            lines.append(indent + part)
            continue
        lines += _filled(re.findall(r"(?:\{\{.*?\}\}|\S)+", part), indent + INDENT)
    return "\n".join([*lines, indent + tail])


def _filled(words: list[str], indent: str) -> list[str]:
    lines = [indent]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > WIDTH and lines[-1].strip():
            lines.append(indent)
        lines[-1] += ("" if lines[-1] == indent else " ") + word
    return lines


def _broken_tag(token: Token, indent: str) -> str:
    name = re.match(r"<[\w:-]+", token.text).group()  # type: ignore[union-attr]
    tail = "/>" if token.text.endswith("/>") else ">"
    inside = token.text[len(name) : -len(tail)]
    unquoted = re.sub(rf"\"(?:{DJANGO}|[^\"])*\"|'(?:{DJANGO}|[^'])*'", "Q", inside)
    if _CUT_ATTRIBUTE.search(re.sub(r"\{\{.*?\}\}", "", unquoted.replace("Q{%", "Q {%"))):
        return flat_token(token)
    if not inside.strip():
        return flat_token(token)
    lines, depth = [name], 1
    items = [(item.group(), inside[item.end() :]) for item in _ITEM.finditer(inside)]
    position = 0
    while position < len(items):
        text = items[position][0]
        if re.match(r"\{%\s*(?:if|for|with)\b", text):
            stop = _group_end(items, position)
            group = " ".join(item for item, _rest in items[position : stop + 1])
            if len(indent) + len(INDENT) * depth + len(group) <= WIDTH:
                lines.append(indent + INDENT * depth + group)
                position = stop + 1
                continue
            lines.append(indent + INDENT * depth + text)
            depth += 1
        elif re.match(r"\{%\s*(?:end\w+|else|elif)\b", text):
            lines.append(indent + INDENT * (depth - 1) + text)
            depth -= "end" in text.split()[1]
        else:
            lines += _attribute(text, indent + INDENT * depth)
        position += 1
    return "\n".join([*lines, indent + tail])


def _group_end(items: list[tuple[str, str]], start: int) -> int:
    depth = 0
    for index in range(start, len(items)):
        word = re.match(r"\{%\s*(\w+)", items[index][0])
        if word and word.group(1) in {"if", "for", "with"}:
            depth += 1
        elif word and word.group(1).startswith("end"):
            depth -= 1
            if depth == 0:
                return index
    return start


def _attribute(text: str, indent: str) -> list[str]:
    """An attribute on a line; the names of a long class list over several."""
    text = re.sub(rf"[{SPACE}]*\n[{SPACE}]*", " ", text) if text.startswith("class=") else text
    if len(indent) + len(text) <= WIDTH or not text.startswith('class="'):
        return [indent + text]
    words = re.findall(r"(?:\{%.*?%\}|\{\{.*?\}\}|\S)+", text[7:-1])
    return [f'{indent}class="', *_filled(words, indent + INDENT), f'{indent}"']
