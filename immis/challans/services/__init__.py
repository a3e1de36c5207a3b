"""Changing e-challans: issue, states, trips, checks."""

from immis.challans.facts import Load
from immis.challans.services.issue import issue_challan
from immis.challans.services.phone import take_phone_rows
from immis.challans.services.scans import FromPhone, compare_with_device, record_scan, settle_scan
from immis.challans.services.states import cancel_challan, expire_challan, invalidate_challan, reopen_challan
from immis.challans.services.trips import record_arrival, record_place, record_start, settle_start, tell_not_started

__all__ = [
    "FromPhone",
    "Load",
    "cancel_challan",
    "compare_with_device",
    "expire_challan",
    "invalidate_challan",
    "issue_challan",
    "record_arrival",
    "record_place",
    "record_scan",
    "record_start",
    "reopen_challan",
    "settle_scan",
    "settle_start",
    "take_phone_rows",
    "tell_not_started",
]
