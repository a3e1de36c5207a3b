"""Offences are data: every one has its words, accused, clause and evidence, and a fault of the file is told by line."""

import pytest

from immis.rules.catalogue import TRIGGERS
from immis.rules.marks import Faults
from immis.rules.movement.offences import ACCUSED, liable_of, load, offence, offence_of, offences
from immis.rules.policy import book


def test_every_offence_has_what_a_case_of_it_needs():
    for row in offences().values():
        assert row.words["hi"] and row.words["en"] and row.clause and row.accused and row.evidence
        assert set(row.accused) <= set(ACCUSED) and set(row.triggers) <= set(TRIGGERS)
        assert not row.table or book().entry(row.table)


def test_a_trigger_leads_to_its_offence_and_what_is_unknown_to_an_irregularity():
    assert {offence_of(code) for code in ("TRG-190", "TRG-191", "TRG-193")} == {"copied_pass"}
    assert (offence_of("TRG-192"), offence_of("TRG-05"), offence_of("TRG-99")) == ("reused_pass", "gps_tamper", "other")
    assert offence("gone").code == "other"


def test_a_case_begins_against_the_first_accused_that_is_known():
    both = {"owner_id": 5, "party_id": 7}
    assert (liable_of("gps_tamper", both), liable_of("issued_away", both)) == (5, 7)
    assert (liable_of("copied_pass", {"party_id": 7}), liable_of("copied_pass", {})) == (7, None)


FAULTY = """
copied: {words: {en: "x"}, accused: [owner, passenger], clause: "c", status: law, evidence: [pass], triggers: [T1]}
other: {words: {en: "x", hi: "x"}, accused: [owner], clause: "c", status: unverified, evidence: [pass], fine: 5}
"""


def test_every_fault_is_told_with_line_and_what_is_allowed(tmp_path):
    path = tmp_path / "offences.yaml"
    path.write_text(FAULTY)
    with pytest.raises(Faults) as told:
        load(path)
    text = str(told.value)
    for part in ("2", "passenger", "driver", "law", "in_force", "T1", "hi", "fine"):
        assert part in text
