"""Changing a settlement: opening it, taking it along the path to the deed, permitting mining, ending it."""

from immis.leases.services.clearances import (
    Document,
    add_version,
    answer_water,
    apply_for_water,
    follow_proposal,
)
from immis.leases.services.deed import cancel_settlement, execute_deed, grant_permission, record_registration
from immis.leases.services.path import issue_loi, record_clearance, record_documents, record_gst
from immis.leases.services.settlement import open_settlement

__all__ = [
    "Document",
    "add_version",
    "answer_water",
    "apply_for_water",
    "follow_proposal",
    "cancel_settlement",
    "execute_deed",
    "grant_permission",
    "issue_loi",
    "open_settlement",
    "record_clearance",
    "record_documents",
    "record_gst",
    "record_registration",
]
