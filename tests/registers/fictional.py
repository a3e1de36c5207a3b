"""A small fictional register in which everything that a declaration can say is said: wells that a district looks at."""

from pathlib import Path

import pytest

from immis.registers import loader

WELLS = """\
title: {en: Wells, hi: कुएँ}
entry: {en: Well, hi: कुआँ}
rows: [D-09]
cites: "fictional"
from: 2026-01-01
prefix: WEL
scope: district
shows: open
fields:
  name:   {type: text, title: {en: Name, hi: नाम}, required: true, find: true}
  kind:   {type: choice, title: {en: Kind, hi: प्रकार}, find: true, required: true,
           choices: {dug: {en: Dug, hi: खुदा}, bored: {en: Bored, hi: बोर}}}
  place:  {type: point, title: {en: Place, hi: स्थान}}
  hidden: {type: point, title: {en: Hidden, hi: गुप्त}, private: true, seen_by: [hq]}
  cost:   {type: money, title: {en: Cost, hi: लागत}}
  until:  {type: day, title: {en: Until, hi: कब तक}}
states:
  open:   {title: {en: open, hi: खुला}, drawn: warn}
  seen:   {title: {en: seen, hi: देखा गया}, drawn: good, ends: true}
  lapsed: {title: {en: lapsed, hi: व्यपगत}, drawn: plain, ends: true}
acts:
  enter:  {title: {en: Enter, hi: दर्ज करें}, who: [district], to: open, fields: [name, kind, place, hidden, cost, until]}
  look:   {title: {en: Look, hi: देखें}, who: [district, hq], from: open, to: seen, reason: optional}
  lapse:  {title: {en: Lapse, hi: व्यपगत करें}, who: [system], from: open, to: lapsed}
clocks:
  look:   {title: {en: To be seen, hi: देखना}, start: open, stops: [seen, lapsed], length: 3, unit: working_day,
           cites: "fictional", rungs: [{after: 0, to: collector}]}
  term:   {title: {en: Term, hi: अवधि}, start: open, stops: [seen, lapsed], until: until, then: lapse,
           cites: "fictional"}
measures:
  wells:  {title: {en: Wells, hi: कुएँ}, how: count}
reports:
  kinds:  {title: {en: Wells by kind, hi: प्रकारवार कुएँ}, by: kind, measure: wells, drawn: bars, every: month,
           to: [hq, district]}
"""


def load_wells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str = WELLS):
    """Beside the shipped registers, the fictional one."""
    folder = tmp_path / "declared" / "ghats"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wells.yaml").write_text(text, encoding="utf8")
    known = {**loader.registers(), **loader.load(tmp_path / "declared")}
    monkeypatch.setattr(loader, "registers", lambda: known)
    return known["wells"][-1]
