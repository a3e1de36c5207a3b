"""Changing a settlement: opening it, taking it along the path to the deed, permitting mining, ending it."""

from immis.holds.services import SuspensionOrder
from immis.leases.services.amounts import GreaterDepth, increase_quantity, settle_royalty_year
from immis.leases.services.clearances import ClearanceGrant, Document, add_version, handed_in
from immis.leases.services.closures import Closure, close_challans, suspend_stop
from immis.leases.services.deed import execute_deed, grant_permission, record_registration
from immis.leases.services.duties import NewPrice, fix_price, order_plan_check, report_refill
from immis.leases.services.endings import (
    accept_surrender,
    annul_auction,
    cancel_settlement,
    end_by_default,
    forfeit_settlement,
    refund_security,
    return_annulled,
    tell_of_ends,
)
from immis.leases.services.notices import (
    ask_surrender,
    close_notice,
    issue_notice,
    open_certificate_case,
    reply_to_notice,
)
from immis.leases.services.orders import (
    Demarcation,
    StoredSand,
    accept_reason,
    extend_clock,
    record_demarcation,
    record_stored_sand,
    set_obtainer,
)
from immis.leases.services.parivesh import follow_proposal
from immis.leases.services.path import issue_loi, record_assets, record_clearance, record_documents, record_gst
from immis.leases.services.plans import submit_plan
from immis.leases.services.proposals import propose_step
from immis.leases.services.settlement import SoldLot, open_settlement
from immis.leases.services.takeover import check_takeover, take_over_settlements
from immis.leases.services.water import answer_water, apply_for_water

__all__ = [
    "ClearanceGrant",
    "Closure",
    "Demarcation",
    "GreaterDepth",
    "NewPrice",
    "SoldLot",
    "StoredSand",
    "SuspensionOrder",
    "propose_step",
    "submit_plan",
    "Document",
    "add_version",
    "answer_water",
    "apply_for_water",
    "follow_proposal",
    "accept_reason",
    "accept_surrender",
    "annul_auction",
    "ask_surrender",
    "cancel_settlement",
    "check_takeover",
    "close_challans",
    "close_notice",
    "end_by_default",
    "execute_deed",
    "extend_clock",
    "fix_price",
    "forfeit_settlement",
    "handed_in",
    "tell_of_ends",
    "grant_permission",
    "increase_quantity",
    "issue_loi",
    "issue_notice",
    "open_certificate_case",
    "open_settlement",
    "order_plan_check",
    "record_clearance",
    "record_demarcation",
    "record_assets",
    "record_documents",
    "record_gst",
    "record_registration",
    "record_stored_sand",
    "refund_security",
    "return_annulled",
    "report_refill",
    "reply_to_notice",
    "set_obtainer",
    "suspend_stop",
    "settle_royalty_year",
    "take_over_settlements",
]
