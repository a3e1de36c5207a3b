"""What the rules on a settlement are asked about: its facts as they stand, for its services and the gates of its acts.

Every gatherer takes the settlement, the viewer and the instant.
"""

from datetime import date, datetime

from immis.core.access.permissions import Actor
from immis.leases.life import (
    acts_of,
    amount_open,
    demarcated,
    deposits_of,
    notices_of,
    open_clocks,
    open_demands_of,
    prohibited_on,
    returnable_of,
    surrender_dues,
)
from immis.leases.models import Lease, LeaseAct, LeaseNotice
from immis.leases.related import related_persons
from immis.leases.selectors import (
    clearances_of,
    first_instalment,
    granted_kinds,
    oldest_owed,
    plan_of,
    security_open_paise,
)
from immis.ledger.entries import pending_on
from immis.ledger.selectors import Demand, demand_state, dues_of
from immis.rules.calendar import india_day
from immis.rules.leases import acts as lease_acts
from immis.rules.leases import life as lease_life
from immis.rules.leases import path as leases
from immis.rules.leases.clearances import WATER
from immis.rules.leases.duties import ProhibitedFacts
from immis.rules.leases.proposals import IssueFacts
from immis.rules.policy import book

# -- the life of a settlement


def end_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.EndFacts:
    """Whether the settlement ended early."""
    return lease_acts.EndFacts(india_day(lease.cancelled_at) if lease.cancelled_at else None)


def clocks_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.ClocksFacts:
    """The time limits that run."""
    return lease_acts.ClocksFacts(list(open_clocks(lease)))


def grounds_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.ClocksFacts:
    """The time limits that run and whose clause names a forfeiture (LSE-18)."""
    running = open_clocks(lease)
    named = book().value("LSE-18", lease.auction_closed_at)["grounds"] if running else ()
    return lease_acts.ClocksFacts([clock for clock in running if clock in named])


def notices_to_close(lease: Lease, by: Actor, at: datetime) -> lease_acts.NoticesFacts:
    """The notices that are not closed."""
    return lease_acts.NoticesFacts([notice.number for notice in notices_of(lease, closed_at__isnull=True)])


def notices_to_answer(lease: Lease, by: Actor, at: datetime) -> lease_acts.NoticesFacts:
    """The notices that wait for the settlee's reply."""
    waiting = notices_of(lease, closed_at__isnull=True, replied_at__isnull=True)
    return lease_acts.NoticesFacts([notice.number for notice in waiting])


def asked_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.AskedFacts:
    """Whether the settlee asked to give the settlement up."""
    asked = acts_of(lease, "surrender_asked")
    return lease_acts.AskedFacts(asked[0].on if asked else None)


def after_deed(lease: Lease, by: Actor, at: datetime) -> lease_acts.AfterFacts:
    """Whether the deed is executed."""
    return lease_acts.AfterFacts("deed", lease.deed_on)


def after_permission(lease: Lease, by: Actor, at: datetime) -> lease_acts.AfterFacts:
    """Whether mining is permitted."""
    return lease_acts.AfterFacts("permission", permitted_on(lease))


def after_plan(lease: Lease, by: Actor, at: datetime) -> lease_acts.AfterFacts:
    """Whether a mining plan was submitted."""
    plan = clearances_of(lease).get("plan")
    return lease_acts.AfterFacts("plan_applied", plan.applied_on if plan else None)


def after_application(lease: Lease, by: Actor, at: datetime) -> lease_acts.AfterFacts:
    """Whether a clearance was applied for; the mining plan is the first of them."""
    days = [row.applied_on for row in clearances_of(lease).values() if row.applied_on]
    return lease_acts.AfterFacts("plan_applied", min(days, default=None))


def after_grant(lease: Lease, by: Actor, at: datetime) -> lease_acts.AfterFacts:
    """Whether a clearance was granted."""
    days = [row.granted_on for row in clearances_of(lease).values() if row.granted_on]
    return lease_acts.AfterFacts("plan_granted", min(days, default=None))


def obtainer_of(lease: Lease, by: Actor, at: datetime) -> lease_life.ObtainerFacts:
    """Who must obtain plan and EC, and what is applied for already."""
    return lease_life.ObtainerFacts(lease.clearances_by, sorted(clearances_of(lease)))


def certificate_of(
    lease: Lease, by: Actor, at: datetime, *, filed_on: date | None = None
) -> lease_life.CertificateFacts:
    """What a notice of dues did not bring in."""
    notice, today = dues_notice(lease), india_day(at)
    day = min(filed_on or today, today)
    return lease_life.CertificateFacts(day, notice.due_on if notice else None, unpaid_of(notice) if notice else 0)


def dues_notice(lease: Lease) -> LeaseNotice | None:
    """The newest open notice for dues, of the year of a surrender or of what is overdue."""
    kinds = ("surrender_dues", "non_payment")
    return next(iter(notices_of(lease, kind__in=kinds, closed_at__isnull=True)[::-1]), None)


def unpaid_of(notice: LeaseNotice) -> int:
    """What of a notice's demands is still open, in paise; dues outside the ledger count until the notice is closed."""
    held = open_demands_of(notice.lease)
    return int(notice.other_paise) + amount_open(demand for demand in held if demand.number in notice.demands)


def cancelling_of(lease: Lease, by: Actor, at: datetime) -> lease_life.CancelFacts:
    """The notice that carries a cancellation: the one to show cause before the one for dues."""
    known = {notice.kind: notice for notice in notices_of(lease, closed_at__isnull=True)}
    notice = known.get("show_cause") or known.get("non_payment")
    return lease_life.CancelFacts(
        today=india_day(at),
        notice=notice.kind if notice else "",
        due_on=notice.due_on if notice else None,
        replied=bool(notice and notice.replied_at),
        open_paise=unpaid_of(notice) if notice else 0,
    )


def surrender_of(lease: Lease, by: Actor, at: datetime) -> lease_life.SurrenderFacts:
    """What of the year is open, but for what a pending certificate case recovers."""
    pending = set(pending_on(lease.number))
    acts = [act for act in acts_of(lease, "certificate") if act.reference in pending]
    named = {number for act in acts for number in act.facts["demands"]}
    dues = surrender_dues(lease, at)
    left = [demand for demand in dues if demand.number not in named]
    return lease_life.SurrenderFacts(amount_open(left), certificate_case=len(left) < len(dues) and not left)


def annul_of(lease: Lease, by: Actor, at: datetime) -> lease_life.AnnulFacts:
    """How far the settlement of a cancelled auction has come."""
    return lease_life.AnnulFacts(lease.deed_on)


def annulled_of(lease: Lease, by: Actor, at: datetime) -> lease_life.ReturnFacts:
    """What is held of the deposits and the first instalment of a settlement that ended."""
    return lease_life.ReturnFacts(lease.ended_kind, sum(returnable_of(lease).values()))


def refund_of(lease: Lease, by: Actor, at: datetime) -> lease_life.RefundFacts:
    """The security that is held, and what is still to be recovered."""
    matters = len(notices_of(lease, closed_at__isnull=True)) + len(pending_on(lease.number))
    return lease_life.RefundFacts(
        today=india_day(at),
        period_to=lease.period_to,
        ended=lease.ended_kind,
        held_paise=deposits_of(lease)["security"],
        open_paise=amount_open(_to_recover(lease)),
        open_matters=matters,
    )


def _to_recover(lease: Lease) -> list[Demand]:
    """What is still to be recovered: dues of the settlement and of its lot, and the settlee's penalties."""
    penalties = [demand for demand in dues_of(party=lease.party) if demand.kind == "penalty"]
    own = [*open_demands_of(lease), *dues_of(subject=("lot", lease.lot_code)), *penalties]
    return list({demand.pk: demand for demand in own}.values())


# -- the path to the mining permission

#: Each step of the path, and the one before it (LSE-10).
_BEFORE = {
    "documents": "auction", "assets": "auction", "loi": "auction", "gst": "", "demarcation": "loi",
    "plan_applied": "loi", "plan_granted": "plan_applied", "ec_applied": "plan_granted", "ec_granted": "ec_applied",
    "cte_cto_applied": "ec_granted", "cte_cto_granted": "cte_cto_applied",
    "water_applied": "loi", "water_answered": "water_applied",
    "deed": "cte_cto_granted", "registration": "deed", "permission": "deed", "refill": "permission",
}  # fmt: skip


def step_of(lease: Lease, step: str, *, on: date, at: datetime) -> leases.StepFacts:
    """A step of the path recorded for a day: the step before it, and whether it is done already."""
    days, before = days_of(lease), _BEFORE[step]
    return leases.StepFacts(step, on, india_day(at), before, days.get(before), days[step])


def days_of(lease: Lease) -> dict[str, date | None]:
    """The day of each step of the path; None where it is not done."""
    days = {
        "auction": india_day(lease.auction_closed_at),
        "documents": lease.documents_received_on,
        "assets": lease.assets_received_on,
        "loi": lease.loi_on,
        "gst": lease.gst_registered_on,
        "demarcation": lease.demarcated_on if demarcated(lease) else None,  # a corrected ghat is certified anew
        "deed": lease.deed_on,
        "registration": lease.registered_on,
        "permission": permitted_on(lease),
        "refill": None,  # reported again and again
    }
    rows = clearances_of(lease)
    for kind in (*leases.CLEARANCES, WATER):
        row = rows.get(kind)
        days[f"{kind}_applied"] = row.applied_on if row else None
        days[f"{kind}_granted"] = row.granted_on if row else None
    water = rows.get(WATER)
    return {**days, "water_answered": (water.granted_on or water.refused_on) if water else None}


def permitted_on(lease: Lease) -> date | None:
    """The day on which mining was permitted."""
    return india_day(lease.permitted_at) if lease.permitted_at else None


def body_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.BodyFacts:
    """Of what kind the settlee is."""
    return lease_acts.BodyFacts(lease.party.kind)


def gst_of(lease: Lease, by: Actor, at: datetime) -> lease_acts.GstFacts:
    """The GST number on the settlee's record."""
    return lease_acts.GstFacts(lease.party.gstin)


def loi_of(lease: Lease, by: Actor, at: datetime) -> leases.LoiFacts:
    """What stands before the LoI."""
    return leases.LoiFacts(
        party={"en": lease.party.name_en, "hi": lease.party.name_hi},
        party_kind=lease.party.kind,
        auction_closed_on=india_day(lease.auction_closed_at),
        security_paise=lease.security_paise,
        security_open_paise=security_open_paise(lease),
        documents_received_on=lease.documents_received_on,
        assets_received_on=lease.assets_received_on,
        river=lease.block.river,
        area_ha=lease.block.area_ha,
        related=related_persons(lease, at),
    )


def deed_of(lease: Lease, by: Actor, at: datetime) -> leases.DeedFacts:
    """What stands before the deed."""
    first = first_instalment(lease)
    return leases.DeedFacts(
        granted=granted_kinds(lease),
        first_instalment_paise=plan_of(lease, deed_on=None)[0].instalments[0].amount_paise,
        first_instalment_state=demand_state(first) if first else "open",
        security_open_paise=security_open_paise(lease),
    )


def permit_of(lease: Lease, by: Actor, at: datetime) -> leases.PermitFacts:
    """What stands before the mining permission."""
    owed = oldest_owed(lease, at=at)
    return leases.PermitFacts(
        party={"en": lease.party.name_en, "hi": lease.party.name_hi},
        granted=granted_kinds(lease),
        deed_on=lease.deed_on,
        gst_registered=bool(lease.gst_registered_on or lease.party.gstin),
        owed_demand=owed.number if owed else "",
        owed_paise=owed.balance_paise if owed else 0,
        demarcated=demarcated(lease),
    )


def places_of(lease: Lease, by: Actor, at: datetime) -> list[ProhibitedFacts]:
    """The prohibited areas that the ghat overlaps."""
    return prohibited_on(lease, at=at)


def issue_of(lease: Lease, step: str, by: Actor) -> IssueFacts:
    """A step that is to be issued, and who proposed it."""
    proposal = proposal_of(lease, step)
    return IssueFacts(leases.STEPS[step], proposal.by if proposal else None, by.user_id)


def proposal_of(lease: Lease, step: str) -> LeaseAct | None:
    """The newest proposal of a step, whether or not it was issued since."""
    return LeaseAct.objects.filter(lease=lease, kind="proposal", facts__step=step).order_by("-id").first()
