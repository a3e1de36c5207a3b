"""The acts on the path to the mining permission (clauses 20 to 23): papers, LoI, clearances, deed, permission."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, Second, declare
from immis.core.errors import Unreadable
from immis.leases import facts, selectors, services
from immis.leases.acts.common import ON, REFERENCE, RUNNING, filled_in
from immis.leases.models import Lease
from immis.reading import whole_number
from immis.rules.calendar import india_day


def step_gate(step: str) -> Gate:
    """The order of the path (LSE-10): a step that could be recorded for today."""

    def gather(lease: Lease, by: Actor, at: datetime) -> Any:
        return facts.step_of(lease, step, on=india_day(at), at=at)

    return Gate("lease.step", gather)


def _members(text: str) -> list[dict[str, Any]]:
    """The persons of a body as the service takes them. Raises Unreadable for a line."""
    return [_member(line) for line in text.splitlines() if line.strip()]


def _odd_member(line: str) -> Unreadable:
    return Unreadable(
        lambda: gettext("“%(line)s” cannot be read: name; PAN; capacity; movable ₹; immovable ₹.") % {"line": line}
    )


def _member(line: str) -> dict[str, Any]:
    name, *rest = (part.strip() for part in line.split(";"))
    sums = [whole_number(amount.replace(",", "")) for amount in rest[2:]]
    if not name or len(rest) != 4 or None in sums:
        raise _odd_member(line[:60])
    movable, immovable = sums
    return {
        "name": name, "pan": rest[0], "capacity": rest[1], "movable_rupees": movable, "immovable_rupees": immovable
    }  # fmt: skip


def _record_assets(*, movable: int, immovable: int, **order: Any) -> Lease:
    assets = {"movable_rupees": movable, "immovable_rupees": immovable}
    return services.record_assets(assets=assets, **order)


_MOST_RUPEES = 10**13
_MEMBER = "[^;\\s][^;\\n]*;[^;\\n]*;[^;\\n]*;[0-9 ,]+;[0-9 ,]+"
_ASSETS = (
    Field(
        "members",
        "long_text",
        _("Directors, members or partners"),
        max_length=6000,
        help=_("One a line: name; PAN; capacity; movable property ₹; immovable property ₹. All count in the cap."),
        read=_members,
        pattern=f"{_MEMBER}(\\n{_MEMBER})*",
    ),
    Field("movable", "rupees", _("Movable property of the body in rupees"), most=_MOST_RUPEES),
    Field("immovable", "rupees", _("Immovable property of the body in rupees"), most=_MOST_RUPEES),
)
QUANTITY = Field("quantity_m3", "number", _("Permitted quantity (cubic metres a year)"), least=1, most=10**9)
MONTH = Field("month_m3", "number", _("Of a month, if it says so (cubic metres)"), required=False, least=1, most=10**8)
DAY = Field("day_m3", "number", _("Of a day, if it says so (cubic metres)"), required=False, least=1, most=10**7)
VALID_UNTIL = Field("valid_until", "day", _("Valid until (if it says so)"), required=False)
DOCUMENT = Field("document", "file", _("Document (PDF, JPG or PNG)"), required=False, read=services.handed_in)
_GRANTED = (ON, REFERENCE, QUANTITY, MONTH, DAY, VALID_UNTIL, DOCUMENT)
CLOSED_MONTHS = Field(
    "closed_months",
    "choices",
    _("Months that the environmental clearance closes (if it names any)"),
    required=False,
    choices=tuple(MONTHS.items()),
    read=lambda months: [int(month) for month in months],
)
_DEMARCATION = (
    ON,
    Field("pillars", "number", _("Number of pillars"), least=1, most=999),
    Field(
        "present",
        "choices",
        _("Certified in the presence of"),
        required=False,
        choices=(("rqp", _("RQP")), ("co", _("Circle officer"))),
    ),
    Field("certified_by", "text", _("Name of who certified"), max_length=120),
    Field("reference", "text", _("Certificate number"), max_length=120),
)


def _clearance(kind: str, what: str, label: Any, clause: str, *fields: Field) -> Act:
    """A clearance applied for, or granted (clause 21, E-087…E-092)."""
    step = f"{kind}_{what}"

    def record(*, lease: Lease, by: Actor, at: datetime, on: date, **order: Any) -> Any:
        step = {"applied_on": on} if what == "applied" else {"grant": services.ClearanceGrant(granted_on=on, **order)}
        return services.record_clearance(lease=lease, kind=kind, by=by, at=at, **step)

    return Act(
        f"lease.record_{step}",
        label,
        clause,
        record,
        fields,
        fits=(RUNNING, step_gate(step)),
        word=step,
        shared_grant="lease.record_clearance",
    )


def _rqps(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """The accredited persons of the register, by name and number."""
    return [("", "—"), *((row.number, _rqp_named(row.values)) for row in selectors.rqps())]


def _rqp_named(values: Mapping[str, Any]) -> str:
    """An accredited person by name, number and last day."""
    until = date.fromisoformat(str(values["valid_until"]))
    return f"{values['name']} · {values['accreditation_no']} · {until:%d.%m.%Y}"


def _proposed(step: str, issue: Callable[..., Any]) -> Second:
    """The mining office proposes, the Collector issues; nobody does both (LSE-60)."""

    def gather(lease: Lease, by: Actor, at: datetime) -> Any:
        return facts.issue_of(lease, step, by)

    return Second(
        grant="lease.propose_step",
        label=_("Propose to the Collector: %(act)s"),
        done=_("Proposed to the Collector: %(act)s"),
        propose=partial(services.propose_step, step=step, issue=issue),
        gate=Gate("lease.issue_step", gather),
    )


def _proposed_day(step: str) -> Field:
    """The day of a step that two officers issue: the one that was proposed, else today."""

    def day(lease: Lease, by: Actor, at: datetime) -> date:
        proposal = facts.proposal_of(lease, step)
        return proposal.on if proposal else india_day(at)

    return Field("on", "day", _("Date"), initial=day)


declare(
    Act(
        "lease.record_documents",
        _("Copies of documents received"),
        "LSE-02",
        services.record_documents,
        (ON,),
        fits=(RUNNING, step_gate("documents")),
        word="documents",
    ),
    Act(
        "lease.record_assets",
        _("Asset statements received"),
        "LSE-03",
        _record_assets,
        (ON, *_ASSETS),
        fits=(RUNNING, Gate("lease.assets_asked", facts.body_of), step_gate("assets")),
        word="assets",
    ),
    Act(
        "lease.issue_loi",
        _("Issue the LoI"),
        "LSE-01",
        services.issue_loi,
        (_proposed_day("loi"),),
        fits=(RUNNING, step_gate("loi"), Gate("lease.issue_loi", facts.loi_of)),
        second=_proposed("loi", services.issue_loi),
        word="loi",
    ),
    Act(
        "lease.record_plan_applied",
        _("Mining plan submitted"),
        "LSE-04",
        services.submit_plan,
        (ON, Field("rqp", "choice", _("Prepared by (RQP)"), required=False, choices=_rqps)),
        fits=(RUNNING, step_gate("plan_applied")),
        word="plan_applied",
        shared_grant="lease.record_clearance",
    ),
    _clearance("plan", "granted", _("Mining plan approved"), "LSE-04", *_GRANTED),
    _clearance("ec", "applied", _("EC applied for"), "LSE-05", ON),
    _clearance("ec", "granted", _("EC granted"), "LSE-05", *_GRANTED, CLOSED_MONTHS),
    _clearance("cte_cto", "applied", _("Consents applied for"), "LSE-06", ON),
    _clearance("cte_cto", "granted", _("Consents granted"), "LSE-06", *_GRANTED),
    Act(
        "lease.execute_deed",
        _("Deed executed"),
        "LSE-07",
        services.execute_deed,
        (_proposed_day("deed"),),
        fits=(RUNNING, step_gate("deed"), Gate("lease.execute_deed", facts.deed_of)),
        second=_proposed("deed", services.execute_deed),
        word="deed",
    ),
    Act(
        "lease.grant_permission",
        _("Permit mining"),
        "LSE-11",
        services.grant_permission,
        fits=(
            RUNNING,
            step_gate("permission"),
            Gate("lease.permit", facts.permit_of),
            Gate("lease.permit_place", facts.places_of),
        ),
        second=_proposed("permission", services.grant_permission),
        word="permission",
    ),
    Act(
        "lease.record_demarcation",
        _("Boundary pillars certified"),
        "LSE-19",
        filled_in(services.record_demarcation, services.Demarcation, "demarcation"),
        _DEMARCATION,
        fits=(RUNNING, step_gate("demarcation")),
        word="demarcation",
    ),
    Act(
        "lease.record_registration",
        _("Deed registered"),
        "LSE-09",
        services.record_registration,
        (ON, Field("number", "text", _("Registration number"), max_length=60)),
        fits=(RUNNING, step_gate("registration")),
        word="registration",
    ),
    Act(
        "lease.record_gst",
        _("GST registration seen"),
        "LSE-13",
        services.record_gst,
        (ON,),
        fits=(RUNNING, Gate("lease.gst_wanted", facts.gst_of), step_gate("gst")),
        word="gst",
    ),
    place="path",
)
