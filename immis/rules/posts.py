"""Posts and their grants as data: reads ``immis/policy/posts.yaml`` once and answers what a post may do.

A grant is named ``<noun>.<verb>`` and is declared in the file with its title; a post holds grants, each within a reach.
Every fault of the file is told with its line and what is allowed, the nearest spelling first.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from immis.rules.marks import Fault, Faults, Marked, Reading, nearest, read_marked
from immis.rules.policy import POLICY_DIR

FILE = POLICY_DIR / "posts.yaml"
#: How far a grant goes: the own party's records, those of the own office, its district, the districts below, all.
REACHES = ("own_party", "own_office", "district", "division", "state")
#: Kinds of office in which posts are held.
OFFICE_KINDS = ("hq", "division", "district", "subdivision", "block", "monitoring", "checkpost")
#: Codes that the program itself acts under: anybody, who acts for a party, and what nobody asked for.
PUBLIC, PARTY, SYSTEM = "public", "party", "system"
_NAME = re.compile(r"[a-z][a-z_]{1,19}")
_GRANT = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_POST = ("title", "offices", "reach", "over", "begins", "grants")


@dataclass(frozen=True)
class Grant:
    """Something that a post may do or see, with its title in both languages."""

    name: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class Post:
    """A post: its title, the kinds of office it is held in, its grants with the reach of each, its navigation."""

    code: str
    title: Mapping[str, str]
    reach: str
    grants: Mapping[str, str]  # name of the grant to its reach
    offices: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    begins: str = ""

    @property
    def reaches_below(self) -> bool:
        """Whether any of its grants reaches the districts below the post's office."""
        return "division" in (self.reach, *self.grants.values())

    @property
    def is_office(self) -> bool:
        """Whether people are appointed to it in an office; not so the public, parties and the system."""
        return bool(self.offices)


@dataclass(frozen=True)
class Chart:
    """Every post and every grant, in the order of the file."""

    posts: Mapping[str, Post]
    grants: Mapping[str, Grant]

    def post(self, code: str) -> Post:
        """Raises LookupError for a code that no post has."""
        if code not in self.posts:
            raise LookupError(f"no post {code!r}; {nearest(code, self.posts)}")
        return self.posts[code]

    def grant(self, name: str) -> Grant:
        """Raises LookupError for a grant that is not declared."""
        if name not in self.grants:
            raise LookupError(f"no grant {name!r} in posts.yaml; {nearest(name, self.grants)}")
        return self.grants[name]

    def holders(self, grant: str) -> tuple[str, ...]:
        """The posts that hold a grant, in the order of the file. Raises LookupError for an undeclared one."""
        name = self.grant(grant).name
        return tuple(code for code, post in self.posts.items() if name in post.grants)


@cache
def chart() -> Chart:
    """The posts of this installation, read once for the life of the process. Raises Faults."""
    return load(FILE)


def load(path: Path) -> Chart:
    """Posts and grants of a file. Raises Faults with all faults at once."""
    faults: list[Fault] = []
    read = _File(path, faults)
    read_in = read.chart(read_marked(path))
    if faults:
        raise Faults(faults)
    return read_in


class _File:
    """The file taken apart, part by part."""

    def __init__(self, path: Path, faults: list[Fault]):
        self.read = Reading(path.name, faults)
        self.declared: Collection[str] = ()
        self.codes: Collection[str] = ()

    def chart(self, marked: Marked) -> Chart:
        top = self.read.table(marked, ("grants", "posts"), needed=("grants", "posts"))
        if len(top) < 2:
            return Chart({}, {})
        grants = {name: self._grant(name, each, line) for name, each, line in self._entries(top["grants"])}
        self.declared = grants
        rows = list(self._entries(top["posts"]))
        self.codes = [code for code, _each, _line in rows]
        for code in (PUBLIC, PARTY, SYSTEM):
            if code not in self.codes:
                self.read.fault(top["posts"].line, f"the post {code!r} is missing", "the program itself acts under it")
        return Chart({code: self._post(code, each, line) for code, each, line in rows}, grants)

    def _entries(self, marked: Marked) -> list[tuple[str, Marked, int]]:
        if not isinstance(marked.value, dict):
            self.read.fault(marked.line, f"{marked.plain!r} is no table", "names, each with its table")
            return []
        return [(name, each, marked.keys[name]) for name, each in marked.value.items()]

    def _grant(self, name: str, marked: Marked, line: int) -> Grant:
        if not _GRANT.fullmatch(name):
            self.read.fault(line, f"{name!r} names no grant", "<noun>.<verb> in small letters, as lease.read")
        return Grant(name, self.read.words(marked))

    def _post(self, code: str, marked: Marked, line: int) -> Post:
        if not _NAME.fullmatch(code):
            self.read.fault(line, f"{code!r} is no code of a post", "small letters and _, at most 20")
        table = self.read.table(marked, _POST, needed=("title",))
        reach = self.read.choice(table.get("reach"), REACHES)
        grants = dict(self._held(each, reach) for each in self.read.items(table.get("grants")))
        if code not in (PUBLIC, PARTY, SYSTEM) and not self.read.items(table.get("offices")):
            self.read.fault(line, f"nobody can hold {code}", f"offices: {', '.join(OFFICE_KINDS)}")
        if "" in grants.values() and "reach" not in table:
            self.read.fault(line, f"{code} has grants and no reach", f"reach: {', '.join(REACHES)}")
        return Post(
            code=code,
            title=self.read.words(table.get("title")),
            reach=reach,
            grants=grants,
            offices=self.read.choices(table.get("offices"), OFFICE_KINDS),
            over=self.read.choices(table.get("over"), self.codes),
            begins=self.read.text(table.get("begins")),
        )

    def _held(self, marked: Marked, reach: str) -> tuple[str, str]:
        """A grant of a post with its reach: its name alone, or its name with a reach of its own."""
        if not isinstance(marked.value, dict):
            return self._known(str(marked.value), marked.line), reach
        if len(marked.value) != 1:
            self.read.fault(marked.line, f"{marked.plain!r}", "one grant a line: lease.read, or lease.read: own_office")
            return "", reach
        ((name, own),) = marked.value.items()
        return self._known(name, marked.line), self.read.choice(own, REACHES)

    def _known(self, name: str, line: int) -> str:
        if name not in self.declared:
            self.read.fault(line, f"no grant {name!r}", nearest(name, self.declared))
        return name
