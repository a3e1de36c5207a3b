"""Changes in the life of a settlement: extensions, notices, surrender, cancellation, forfeiture, refund, carry-over."""

from immis.rules.leases.life.amounts import IncreaseFacts, RoyaltyFacts, no_increase, royalty_exceeds, year_end
from immis.rules.leases.life.clocks import (
    CLOCKS,
    ExtensionFacts,
    ForfeitFacts,
    ObtainerFacts,
    extension_without_ground,
    nothing_to_forfeit,
    obtainer_too_late,
)
from immis.rules.leases.life.endings import (
    AnnulFacts,
    CarryFacts,
    RefundFacts,
    ReturnFacts,
    SurrenderFacts,
    clearance_carried,
    security_still_bound,
    year_not_paid,
)
from immis.rules.leases.life.ground import (
    DemarcationFacts,
    StoredSandFacts,
    demarcation_incomplete,
    sand_is_the_governments,
)
from immis.rules.leases.life.notices import (
    NOTICES,
    CancelFacts,
    CertificateFacts,
    certificate_too_early,
    dues_notice_running,
    no_cause_asked,
    notice_due_on,
    reminder_days,
)

__all__ = [
    "CLOCKS",
    "CancelFacts",
    "AnnulFacts",
    "CarryFacts",
    "ReturnFacts",
    "CertificateFacts",
    "DemarcationFacts",
    "ExtensionFacts",
    "ForfeitFacts",
    "IncreaseFacts",
    "NOTICES",
    "ObtainerFacts",
    "RefundFacts",
    "RoyaltyFacts",
    "StoredSandFacts",
    "SurrenderFacts",
    "certificate_too_early",
    "clearance_carried",
    "demarcation_incomplete",
    "dues_notice_running",
    "extension_without_ground",
    "no_cause_asked",
    "no_increase",
    "nothing_to_forfeit",
    "notice_due_on",
    "obtainer_too_late",
    "reminder_days",
    "royalty_exceeds",
    "sand_is_the_governments",
    "security_still_bound",
    "year_end",
    "year_not_paid",
]
