"""Where a line may end: where space is already, and at the edge of a block, where a browser ignores space."""

import re
from functools import cached_property

from tokens import Token, names, pairs

BLOCKS = names(
    "html head body meta link base header footer main nav section article aside div p h1 h2 h3 h4 h5 h6 ul ol li dl dt"
    " dd table thead tbody tfoot tr th td caption colgroup col form fieldset legend figure figcaption hr details"
    " summary dialog noscript option optgroup template blockquote address script style pre !doctype"
    " text path circle line rect g polyline polygon ellipse defs use"
)
INSIDE = {"button", "select", "svg"}  # inline outside, but space at their inner edges is ignored
#: Inline tags without a box of their own: space at their edges joins the space beside them.
THIN = names("a span b i em strong small code kbd abbr time")
BOXES = re.compile(r'<\w+ [^>]*?class="(?:[^"]*\s)?(?:btn|chip|link)(?=[\s"])')
#: Our tags that draw whole blocks.
BLOCK_TAGS = names(
    "extends include form_fields field empty_state export_links pager error_state reason_card"
    " map_and_list path schedule map_figure evidence_strip actions verdict statement desk_row act_form list_page acts"
)
_NAMED = re.compile(r"\bas \w+ %\}$")
_KEPT_FOR_LATER = re.compile(r"\{%\s*blocktrans(?:late)?\b(?:(?!%\}).)*\basvar\b")
SILENT = {"load", "csrf_token", "get_static_prefix"}
INLINE_TAGS = {"translate", "trans", "chip", "clause", "url", "static", "now", "firstof", "cycle", "qr", "plural"}
KEPT_TIGHT = {"title"}  # blocks whose space is seen
#: What the style sheet draws as blocks, and the boxes whose children it sets side by side.
LINES_OF_THEIR_OWN = re.compile(r'<span class="sub\b')
SIDE_BY_SIDE = re.compile(
    r'<\w+ [^>]*?class="(?:[^"]*\s)?(?:tag-line|actions|row|filters|steps|pager|who|in|search|reason-head|wall-head'
    r'|answers|player-bar|player-speed|site-nav|btn|dept|map-legend)(?=[\s"])'
)


class Gaps:
    """The gaps between the tokens of one template; gap ``k`` is the place before token ``k``.

    With ``spaces`` a gap is also free where another space is always drawn beside it: two look like one.
    """

    def __init__(self, tokens: list[Token], *, spaces: bool = False) -> None:
        self.tokens = tokens
        self.spaces = spaces
        self.ends, self.middles = pairs(tokens)
        self.starts = {end: start for start, end in self.ends.items()}
        self.parents = self._parents()
        self.owner = {mid: start for start, mids in self.middles.items() for mid in mids}
        self._left: dict[int, bool] = {}
        self._right: dict[int, bool] = {}

    def _parents(self) -> list[int | None]:
        """The HTML element in which each token stands, where the tags are well nested."""
        parents: list[int | None] = []
        stack: list[int] = []
        for index, token in enumerate(self.tokens):
            if stack and self.ends.get(stack[-1]) == index:
                stack.pop()
            parents.append(stack[-1] if stack else None)
            if token.kind == "html-open" and index in self.ends:
                stack.append(index)
        return parents

    @cached_property
    def extends(self) -> bool:
        return any(token.name == "extends" and token.kind == "django" for token in self.tokens[:3])

    def block(self, index: int) -> bool:
        """Whether the token stands in lines of its own."""
        token = self.tokens[index]
        if token.kind == "kept":
            return token.name in BLOCKS
        return token.name in (BLOCK_TAGS if token.kind == "django" else BLOCKS)

    def edge(self, index: int) -> bool:
        """Whether space beside the token is never seen."""
        if self.tokens[index].kind == "html-close" and index in self.starts:
            return self.edge(self.starts[index])
        token, parent = self.tokens[index], self.parents[index]
        if LINES_OF_THEIR_OWN.match(token.text) or self.block(index):
            return True
        drawn = token.kind.startswith("html") or token.name in {"chip", "clause"}
        return drawn and parent is not None and bool(SIDE_BY_SIDE.match(self.tokens[parent].text))

    @staticmethod
    def _box(token: Token) -> bool:
        return token.name in INSIDE or bool(BOXES.match(token.text))

    def _thin(self, index: int) -> bool:
        token = self.tokens[index]
        if token.kind == "html-close":
            return index in self.starts and self._thin(self.starts[index])
        return token.kind == "html-open" and token.name in THIN and not self._box(token)

    def free(self, gap: int) -> bool:
        """Whether space here is never seen."""
        return self.left(gap) or self.right(gap)

    def hard(self, gap: int) -> bool:
        """Whether a line ends here whatever its length."""
        if not 0 < gap < len(self.tokens):
            return False
        before, after = self.tokens[gap - 1], self.tokens[gap]
        if self.block(gap) and after.kind != "html-close":
            return True
        if self.block(gap - 1) and before.kind != "html-open":
            return True
        return "\n" in after.before and (self._statement(before) or self._statement(after))

    @staticmethod
    def _statement(token: Token) -> bool:
        return token.kind == "note" or (token.kind == "django" and token.name not in INLINE_TAGS)

    def silent(self, token: Token) -> bool:
        """Whether the token draws nothing at all."""
        if token.kind == "note" or (token.kind == "html-void" and 'type="hidden"' in token.text):
            return True
        if token.kind == "kept":
            return token.name == "comment" or bool(_KEPT_FOR_LATER.match(token.text))
        named = token.kind == "django"
        return named and (token.name in SILENT or (token.name in INLINE_TAGS and bool(_NAMED.search(token.text))))

    def left(self, gap: int) -> bool:
        if gap not in self._left:
            self._left[gap] = True  # while it is asked: a loop adds nothing
            self._left[gap] = self._ask_left(gap)
        return self._left[gap]

    def _ask_left(self, gap: int) -> bool:
        index = gap - 1
        if index < 0:
            return self.extends
        if self.spaces and gap < len(self.tokens) and self.tokens[gap].before:
            return True
        token = self.tokens[index]
        if self.edge(index) or (token.kind == "html-open" and self._box(token)):
            return True
        if self._thin(index):
            return self.left(index)
        if self.silent(token):
            return self.left(index)
        if token.kind != "django":
            return False
        if token.opens:
            return self._before_body(index)
        if token.middle:
            return index in self.owner and self.left(self.owner[index])
        if index in self.starts:
            return self._after(self.starts[index], index)
        return False

    def _before_body(self, index: int) -> bool:
        token = self.tokens[index]
        if token.name == "block":
            return self._open_block(index) or (not self.extends and self.left(index) and not self._tight(index))
        if token.name == "for":
            last = self.middles.get(index, [self.ends.get(index, -1)])[0]
            return last > 0 and self.left(index) and self.left(last)
        return self.left(index)

    def _after(self, start: int, end: int) -> bool:
        token = self.tokens[start]
        if token.name == "block":
            return self._tight(start) is False and (self.extends or self.left(end))
        lasts = [*self.middles.get(start, []), end]
        always = token.name in {"with", "filter", "autoescape", "spaceless"} or any(
            self.tokens[mid].name in {"else", "empty"} for mid in lasts[:-1]
        )
        return all(self.left(last) for last in lasts) and (always or self.left(start))

    def right(self, gap: int) -> bool:
        if gap not in self._right:
            self._right[gap] = True
            self._right[gap] = self._ask_right(gap)
        return self._right[gap]

    def _ask_right(self, gap: int) -> bool:
        if gap >= len(self.tokens):
            return self.extends
        token = self.tokens[gap]
        if (self.spaces and token.before) or self.edge(gap):
            return True
        if token.kind == "html-close" and gap in self.starts and self._box(self.tokens[self.starts[gap]]):
            return True
        if self._thin(gap) and not (self.spaces and token.text == "</a>"):  # a link's line would reach over the space
            return self.right(gap + 1)
        if self.silent(token):
            return self.right(gap + 1)
        if token.kind != "django":
            return False
        if token.opens:
            return self._before(gap)
        if token.middle or gap in self.starts:
            return self._body_end(gap)
        return False

    def _before(self, start: int) -> bool:
        token = self.tokens[start]
        if start not in self.ends:
            return False
        if token.name == "block":
            return not self._tight(start) and (self.extends or self.right(start + 1))
        firsts = [start, *self.middles.get(start, [])]
        always = token.name in {"with", "filter", "autoescape", "spaceless"} or any(
            self.tokens[mid].name in {"else", "empty"} for mid in firsts[1:]
        )
        return all(self.right(first + 1) for first in firsts) and (always or self.right(self.ends[start] + 1))

    def _body_end(self, gap: int) -> bool:
        start = self.owner.get(gap, self.starts.get(gap, -1))
        if start < 0 or start not in self.ends:
            return False
        token = self.tokens[start]
        after = self.right(self.ends[start] + 1)
        if token.name == "block":
            return self._open_block(start) or (not self.extends and after and not self._tight(start))
        if token.name == "for" and gap == self.middles.get(start, [self.ends[start]])[0]:
            return after and self.right(start + 1)
        return after

    def _open_block(self, index: int) -> bool:
        return self.extends and not self._tight(index)

    def _tight(self, index: int) -> bool:
        words = self.tokens[index].text.split()
        return len(words) > 2 and words[2] in KEPT_TIGHT
