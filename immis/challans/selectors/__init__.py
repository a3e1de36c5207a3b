"""Asking for e-challans, and the check of one: genuine, in time, and in which state by law at this instant."""

from immis.challans.selectors.challan import (
    cancelled_pass_ids,
    challan_of,
    challan_of_trip,
    challans,
    issued_by_person,
    last_challan_of,
    live_challans_of,
    on_trip,
    place_unchecked,
    run_out,
    scans_for,
    search,
    start_due,
    state_counts,
)
from immis.challans.selectors.check import CheckAnswer, answer_of, check_challan, check_in_public, check_vehicle
from immis.challans.selectors.number import looks_like_pass, number_and_mark, number_of, typed_number
from immis.challans.selectors.quantity import COUNTED, issued_quantity_m3, settlement_year
from immis.challans.selectors.scan import scan_before, scans, scans_of, scans_of_vehicle
from immis.challans.selectors.standing import Standing, not_started, standing_of, start_by, start_facts

__all__ = [
    "COUNTED",
    "CheckAnswer",
    "Standing",
    "answer_of",
    "cancelled_pass_ids",
    "challan_of",
    "challan_of_trip",
    "challans",
    "check_challan",
    "check_in_public",
    "check_vehicle",
    "issued_by_person",
    "issued_quantity_m3",
    "last_challan_of",
    "live_challans_of",
    "looks_like_pass",
    "not_started",
    "number_and_mark",
    "number_of",
    "on_trip",
    "place_unchecked",
    "run_out",
    "scan_before",
    "scans",
    "scans_for",
    "scans_of",
    "scans_of_vehicle",
    "search",
    "settlement_year",
    "standing_of",
    "start_by",
    "start_due",
    "start_facts",
    "state_counts",
    "typed_number",
]
