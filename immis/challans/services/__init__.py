"""Changing e-challans: issue, states, trips, checks."""

from immis.challans.loads import Load
from immis.challans.services.changes import amend_challan, extend_challan, extend_for_outage
from immis.challans.services.equipment import record_equipment
from immis.challans.services.issue import issue_challan, issue_usual_loads
from immis.challans.services.phone import take_phone_rows
from immis.challans.services.scans import FromPhone, compare_with_device, record_scan, settle_scan
from immis.challans.services.states import cancel_challan, expire_challan, invalidate_challan, reopen_challan
from immis.challans.services.trips import record_arrival, record_place, record_start, settle_start, tell_not_started
from immis.challans.services.watch import came_again, came_back, take_back_second_deliveries, watch

__all__ = [
    "FromPhone",
    "Load",
    "came_again",
    "came_back",
    "amend_challan",
    "extend_challan",
    "extend_for_outage",
    "cancel_challan",
    "compare_with_device",
    "expire_challan",
    "invalidate_challan",
    "issue_challan",
    "issue_usual_loads",
    "record_arrival",
    "record_equipment",
    "record_place",
    "record_scan",
    "record_start",
    "reopen_challan",
    "settle_scan",
    "settle_start",
    "take_back_second_deliveries",
    "take_phone_rows",
    "tell_not_started",
    "watch",
]
