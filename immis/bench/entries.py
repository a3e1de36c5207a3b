"""A register of any size for benchmarks, written by the database itself; and a sheet to import."""

from datetime import datetime
from typing import Any

from django.db import connection

from immis.core.access.permissions import Actor
from immis.registers import imports, loader, selectors
from immis.registers.models import Entry
from immis.registers.selectors import Find
from immis.rules.calendar import india_day

NAME = "visitors"
PURPOSES = ("application", "complaint", "hearing", "other")
_N = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
#: The entries are spread over a thousand days.
_DAY = {
    "sqlite": "datetime('2023-09-09 04:45:00', '+' || (i % 1000) || ' days')",
    "postgresql": "timestamptz '2023-09-09 04:45:00+00' + (i % 1000) * interval '1 day'",
}
_CAST = {"sqlite": "", "postgresql": "::jsonb"}
_PURPOSE = "CASE (i / 40) % 4 WHEN 0 THEN 'application' WHEN 1 THEN 'complaint' WHEN 2 THEN 'hearing' ELSE 'other' END"
_ENTRIES = """
INSERT INTO registers_entry (register, version, number, state, office_id, district, "values", revision, entered_at,
  changed_at)
{n} SELECT 'visitors', '{version}', 'BEN-2026-' || i, CASE WHEN (i / 7) % 10 = 0 THEN 'waiting' ELSE 'met' END,
  {offices}, 'Munger', ('{{"visitor": "Visitor ' || i || '", "purpose": "' || {purpose} || '"}}'){cast}, 1,
  {day}, {day} FROM n
"""
_TEXTS = """
INSERT INTO registers_entryvalue (entry_id, register, field, text)
SELECT id, register, '{field}', {text} FROM (SELECT id, register, CAST(substr(number, 10) AS BIGINT) AS i
  FROM registers_entry WHERE number LIKE 'BEN-%') AS e
"""
_INSTANTS = """
INSERT INTO registers_entryvalue (entry_id, register, field, text, instant)
SELECT id, register, 'came_at', '', entered_at FROM registers_entry WHERE number LIKE 'BEN-%'
"""


def fill(count: int, *, office_ids: tuple[int, ...], at: datetime) -> None:
    """So many visits, spread over offices, with their rows of the side table."""
    version = loader.current(NAME, india_day(at)).version
    first, number = min(office_ids), len(office_ids)
    shared = {"n": _N.format(count=count), "version": version, "purpose": _PURPOSE, "cast": _CAST[connection.vendor]}
    shared["day"] = _DAY[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES.format(**shared, offices=f"{first} + i % {number}"))
        cursor.execute(_TEXTS.format(field="visitor", text="'visitor ' || i"))
        cursor.execute(_TEXTS.format(field="visitor", text="CAST(i AS VARCHAR(20))"))
        cursor.execute(_TEXTS.format(field="purpose", text=_PURPOSE))
        cursor.execute(_TEXTS.format(field="#", text="'ben-2026-' || i"))
        cursor.execute(_INSTANTS)
        cursor.execute("ANALYZE")


def questions(viewer: Actor, at: datetime) -> dict[str, Any]:
    """The questions of a list, each a function of a number: a first page, a far one, a filter, a search, a count."""
    register = loader.current(NAME, india_day(at))

    def listed(find: Find, *, offset: int = 0) -> list[Entry]:
        return list(selectors.entries(viewer, register, find)[offset : offset + 50])

    return {
        "list": lambda n: listed(Find(), offset=50 * (n % 5)),
        "state": lambda n: listed(Find(state="waiting")),
        "filter": lambda n: listed(Find(fields={"purpose": PURPOSES[n % 4]})),
        "two filters": lambda n: listed(Find(state="waiting", fields={"purpose": PURPOSES[n % 4]})),
        "search": lambda n: listed(Find(text=f"Visitor {1000 + n * 7919}")),
        "number": lambda n: listed(Find(text=f"BEN-2026-{1000 + n}")),
        "second word": lambda n: listed(Find(text=str(1000 + n * 7919))),
        "day": lambda n: listed(Find(fields={"came_at": f"2026-05-{1 + n % 28:02d}"})),
        "count": lambda n: selectors.count_of(selectors.entries(viewer, register)),
    }


def import_rows(count: int, *, by: Actor, at: datetime) -> int:
    """Check and take in a sheet of so many rows; answers how many were taken."""
    from immis.adapters.sheets import read_sheet

    register = loader.current(NAME, india_day(at))
    lines = [f"05.06.2026 10:{n % 60:02d},Guest {n},{PURPOSES[n % 3]},dust" for n in range(count)]
    raw = "\n".join(["came_at,visitor,purpose,about", *lines]).encode()
    sheet, act = read_sheet(raw), register.acts["enter"]
    if misfits := imports.check_sheet(register, act, sheet, by=by):
        raise RuntimeError(f"{len(misfits)} misfits, the first: {misfits[0]}")
    return imports.import_sheet(register, act, sheet, raw=raw, by=by, at=at).taken
