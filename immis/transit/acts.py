"""What a post may do about transit passes: switch them, register, ask for one, record an entry, withdraw."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.challans.signed.photos import read_photo
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.ledger.facts import credit_claim_of
from immis.ledger.selectors import RefundClaim
from immis.ledger.services.claims import claim_credit
from immis.registry.acts.common import district_choices
from immis.rules.ledger.refunds import ClaimFacts
from immis.rules.transit.passes import StandFacts
from immis.rules.writing.texts import texts
from immis.transit import facts, nouns
from immis.transit.models import Registration, SwitchOrder, TransitPass
from immis.transit.services import applying, parties, passes
from immis.transit.services.switch import switch

__all__ = ["nouns"]

IN_FORCE = Gate("istp.in_force", facts.switch_facts)
_REASON = Field("reason", "text", _("Reason"), max_length=300)
_ORDER_NO = Field("order_no", "text", _("Number of the order"), max_length=120)


def _words(name: str) -> Callable[..., list[tuple[str, Any]]]:
    """The choices of a file of words; asked when a form is drawn."""
    return lambda record, by, at: [("", _("Choose")), *((key, dict(words)) for key, words in texts(name).items())]


# -- the switch


def _order(kind: str) -> Callable[..., SwitchOrder]:
    return partial(switch, kind=kind)


def _starts_on(label: Any) -> Field:
    return Field("starts_on", "day", label)


def _switched(row: SwitchOrder) -> str:
    facts = {"order": row.order_no, "on": f"{row.starts_on:%d.%m.%Y}"}
    if row.kind == SwitchOrder.ON:
        return gettext("Order %(order)s puts transit passes in force from %(on)s.") % facts
    return gettext("Order %(order)s ends transit passes on %(on)s.") % facts


def _to_status(row: SwitchOrder) -> Page:
    return Page("office_istp_status")


declare(
    Act(
        "istp_order.on",
        _("Put transit passes in force"),
        "IST-12",
        _order(SwitchOrder.ON),
        (_starts_on(_("In force from")), _ORDER_NO),
        shared_grant="istp.switch",
        done=_switched,
        leads_to=_to_status,
        opens=True,
    ),
    Act(
        "istp_order.off",
        _("End transit passes"),
        "IST-12",
        _order(SwitchOrder.OFF),
        (_starts_on(_("Ended from")), _ORDER_NO),
        ends=_("I know that from this day on no pass is given, and every door says so."),
        shared_grant="istp.switch",
        done=_switched,
        leads_to=_to_status,
        opens=True,
    ),
    place="status",
)

# -- parties of other States


def _register(*, document: Any, by: Actor, at: datetime, **given: Any) -> Registration:
    return parties.register_party(proof=parties.Proof(content=document.read(), **given), by=by, at=at)


def _change(to: str) -> Callable[..., Registration]:
    def change(*, istp_party: Registration, reason: str, by: Actor, at: datetime) -> Registration:
        return parties.change_registration(registration=istp_party, to=to, reason=reason, by=by, at=at)

    return change


def _standing(to: str) -> Callable[[Registration, Actor, datetime], StandFacts]:
    return lambda row, by, at: facts.stand_facts(row, to)


def _to_party(row: Registration) -> Page:
    return Page("istp_party", (row.number,))


declare(
    Act(
        "istp_party.register",
        _("Register as a party of another State"),
        "IST-08",
        _register,
        (
            Field("state_code", "choice", _("State where you mine or deal"), choices=_words("transit/states")),
            Field("kind", "choice", _("What you are there"), choices=_words("transit/kinds")),
            Field("licence_no", "text", _("Number of the lease, licence or registration there"), max_length=60),
            Field("district", "choice", _("District by which your loads mostly enter"), choices=district_choices),
            Field("document", "document", _("Paper that proves it (PDF, JPG or PNG)")),
        ),
        fits=(IN_FORCE, Gate("istp.register", facts.holder_facts)),
        shared_grant="istp.apply",
        done=_("You are registered, and may ask for transit passes now."),
        leads_to=_to_party,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "istp_party.stop",
        _("Stop the registration"),
        "IST-14",
        _change(Registration.STOPPED),
        (_REASON,),
        fits=(Gate("istp.change_party", _standing(Registration.STOPPED)),),
        shared_grant="istp.stop_party",
    ),
    Act(
        "istp_party.open",
        _("Open the registration again"),
        "IST-14",
        _change(Registration.STANDS),
        (_REASON,),
        fits=(Gate("istp.change_party", _standing(Registration.STANDS)),),
        shared_grant="istp.stop_party",
    ),
    place="party",
)

# -- passes


def _apply(*, by: Actor, at: datetime, document: Any = None, photo: str = "", text: str = "", **given: Any) -> Any:
    content = document.read() if document else b""
    load = applying.NewLoad(**given)
    return applying.apply_for_pass(load=load, signed_text=text or photo, content=content, by=by, at=at)


def _read_number(text: str) -> str:
    """The number of a challan as it is kept: one line, capitals, no blanks at its ends. Raises Unreadable."""
    number = " ".join(text.split()).upper()
    if not number or not number.isprintable():
        raise Unreadable(lambda: gettext("Write the number as the challan prints it."))
    return number


def _times(sent: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    issued, until = sent.get("origin_issued_at"), sent.get("origin_until")
    if issued and until and until <= issued:
        return {"origin_until": _("It ends after it begins.")}
    return {}


def _to_pay(row: TransitPass) -> Page:
    return Page("pay", (row.demand,)) if row.state == TransitPass.APPLIED else Page("istp_pass", (row.number,))


def _asked(row: TransitPass) -> str:
    return gettext("Transit pass %(number)s: it is given as soon as its fee is paid.") % {"number": row.number}


_CHALLAN = (
    Field("origin_state", "choice", _("State of the challan"), choices=_words("transit/states")),
    Field(
        "origin_number", "text", _("Number of the challan"), max_length=36, read=_read_number,
        attrs={"autocapitalize": "characters", "autocomplete": "off"},
    ),
    Field("origin_issued_at", "instant", _("Issued at")),
    Field("origin_until", "instant", _("Valid until")),
    Field("consignor", "text", _("Lessee or crusher that issued it"), max_length=160),
    Field("mineral", "choice", _("Mineral"), choices=_words("transit/minerals")),
    Field("quantity", "decimal", _("Quantity as loaded"), least=Decimal("0.001"), digits=9, places=3),
    Field(
        "unit", "choice", _("Unit of the challan"), choices=_words("transit/units"),
        help=_("The unit that the challan prints; it decides the fee and is never converted."),
    ),
)  # fmt: skip
_WAY = (
    Field(
        "vehicle", "text", _("Vehicle number"), max_length=14,
        attrs={"autocapitalize": "characters", "autocomplete": "off"},
    ),
    Field("driver_name", "text", _("Driver's name"), max_length=120),
    Field("driver_phone", "text", _("Driver's phone"), required=False, max_length=15),
    Field("district", "choice", _("District of destination"), choices=district_choices),
    Field("destination", "text", _("Place of destination"), max_length=160),
    Field("consignee", "text", _("Who receives it"), max_length=160),
)  # fmt: skip
_PROOF = (
    Field("text", "text", _("Text of its QR, where the State signs it"), required=False, max_length=4096),
    Field(
        "photo", "file", _("Photo of its QR"), required=False, read=read_photo, mark="qr",
        attrs={"accept": "image/*", "capture": "environment"},
    ),
    Field("document", "document", _("The challan itself (PDF, JPG or PNG)"), required=False),
)  # fmt: skip

declare(
    Act(
        "istp.apply",
        _("Ask for a transit pass"),
        "IST-03",
        _apply,
        (*_CHALLAN, *_WAY, *_PROOF),
        fits=(IN_FORCE, Gate("istp.holder", facts.holder_facts)),
        check=_times,
        done=_asked,
        leads_to=_to_pay,
        opens=True,
    ),
    place="new",
)


def _whole_fee(istp: TransitPass, by: Actor, at: datetime) -> ClaimFacts:
    """All that is free on account of a pass, asked for with a reason that the form asks for."""
    asked = credit_claim_of(istp.party, ("istp", istp.number), amount_paise=0, reason="—", at=at)
    return ClaimFacts(**{**vars(asked), "amount_paise": asked.free_paise})


def _claim(*, istp: TransitPass, reason: str, by: Actor, at: datetime) -> RefundClaim:
    paise = _whole_fee(istp, by, at).amount_paise
    subject = ("istp", istp.number)
    return claim_credit(party=istp.party, subject=subject, amount_paise=paise, reason=reason, by=by, at=at)


def _entered(result: Any) -> str:
    return gettext("Recorded: the load of %(number)s entered.") % {"number": result[0].number}


declare(
    Act(
        "istp.enter",
        "",
        "IST-09",
        passes.record_entry,
        fits=(IN_FORCE, Gate("istp.enter", facts.entry_facts)),
        done=_entered,
        key="1",
    ),
    Act(
        "istp.withdraw",
        "",
        "IST-11",
        passes.withdraw,
        (_ORDER_NO, _REASON),
        fits=(Gate("istp.withdraw", facts.withdraw_facts),),
        ends=_("I know that the pass is none any more, and that its fee becomes credit of the party."),
    ),
    Act(
        "istp.claim_fee",
        _("Ask for the fee back"),
        "PAY-20",
        _claim,
        (_REASON,),
        fits=(Gate("claim.ask", _whole_fee),),
        done=_("The claim is with the Collector."),
        shared_grant="credit.claim",
        makes="claim",
    ),
    place="pass",
)
