"""Whatever happens to a notice on its way, its reader answers facts or NoticeUnreadable, and the check answers."""

import re
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.adapters.notices import SAMPLES, NoticeUnreadable, read_notice
from immis.rules.notices import check_notice
from immis.rules.policy import book

TEXT = (SAMPLES / "munger_2026.txt").read_text(encoding="utf8")
LINES = TEXT.split("\n")
# The prose between the tables is long and reads the same; the fuzz works on the tables and a little prose around.
TABLES = [*LINES[:60], *LINES[LINES.index("Sand Ghat details for year 2026 (Block wise)") - 5 :]]
CSV_LINES = (SAMPLES / "munger_2026_corners.csv").read_text(encoding="utf8").splitlines()
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

PLACEHOLDER = re.compile(r"\{(row|line|column|found|expected|other|figure|base|percent|tolerance|unread|reason)\}")

positions = st.integers(0, 10_000)
snippets = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["\t", "\t\t\t", "\n", "°", '"N', "0", "१", "999999999999999999999", "BLOCK-", "(", "²", "\ufeff", "Ⅷ"]
    ),
)
edits = st.lists(
    st.tuples(
        st.sampled_from(["drop", "twice", "swap", "insert", "cut", "join", "clear"]), positions, positions, snippets
    ),
    min_size=1,
    max_size=8,
)


def edited(lines: list[str], changes: list[tuple[str, int, int, str]]) -> str:
    lines = list(lines)
    for kind, first, second, snippet in changes:
        a, b = first % len(lines), second % len(lines)
        if kind == "drop" and len(lines) > 1:
            del lines[a]
        elif kind == "twice":
            lines.insert(b, lines[a])
        elif kind == "swap":
            lines[a], lines[b] = lines[b], lines[a]
        elif kind == "insert":
            at = second % (len(lines[a]) + 1)
            lines[a] = lines[a][:at] + snippet + lines[a][at:]
        elif kind == "cut":
            lines[a] = lines[a][: second % (len(lines[a]) + 1)]
        elif kind == "join" and a + 1 < len(lines):
            lines[a : a + 2] = [lines[a] + lines[a + 1]]
        elif kind == "clear":
            lines[a] = snippet
    return "\n".join(lines)


def answers(data: bytes) -> None:
    try:
        facts = read_notice(data)
    except NoticeUnreadable as refused:
        assert refused.message("hi") and refused.message("en")
        return
    for finding in check_notice(facts, policy=book(), on=date(2026, 5, 8)):
        assert finding.severity in ("error", "warning")
        assert not PLACEHOLDER.search(finding.message("hi") + finding.message("en"))


@SETTINGS
@given(edits)
def test_edited_notice(changes):
    answers(edited(TABLES, changes).encode("utf8", "surrogatepass"))


@SETTINGS
@given(edits, st.sampled_from(["utf8", "utf-16", "utf-8-sig"]))
def test_edited_csv(changes, encoding):
    answers(edited(CSV_LINES, changes).encode(encoding, "replace"))


@SETTINGS
@given(st.integers(0, len(TEXT.encode())), st.integers(0, 4000))
def test_notice_cut_anywhere(start, length):
    data = TEXT.encode()
    answers(data[:start] if length % 2 else data[start : start + 20 * length])


@SETTINGS
@given(st.binary(max_size=300), positions)
def test_bytes_thrown_in(noise, at):
    data = "\n".join(TABLES).encode()
    answers(data[: at % len(data)] + noise + data[at % len(data) :])


@SETTINGS
@given(st.binary(max_size=2000))
def test_any_bytes(data):
    answers(data)
    answers(b"PK\x03\x04" + data)
