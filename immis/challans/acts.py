"""What a post may do about e-challans: issue one, take it back, check one on the road."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis.challans import facts, loading, nouns, selectors, services
from immis.challans.gate_acts import weight_field
from immis.challans.loads import SALE, Sale
from immis.challans.models import Challan, CheckPostScan
from immis.challans.signed.photos import read_photo
from immis.challans.signed.text import MAX_TEXT_CHARS
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, Shut, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.leases.selectors import Lease
from immis.registry import selectors as registry
from immis.registry import things
from immis.registry.selectors import Place
from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.writing.texts import texts

__all__ = ["nouns"]

#: Stands for a vehicle that is not in the list of those at the ghat.
_OTHER = ""
LOADED, EMPTY = "loaded", "empty"
YES, NO = "yes", "no"
#: What an officer is asked for instead of an entry that says too little.
UNCLEAR_WORDS = {
    "short_number": _("No e-challan in force ends so, or several do: enter the whole number, or the vehicle's."),
    "no_number": _("This is neither a vehicle's number (as BR08G1234) nor an e-challan's (as MUN-26-000135)."),
}


def _to_load(lease: Lease, by: Actor, at: datetime) -> Sequence[tuple[str, str | Shut]]:
    """The vehicles that may have an e-challan, those that may not with the reasons, and any other one."""
    rows = loading.loadable_vehicles(lease, by, at)
    fit = [(row.registration, _named(row)) for row in rows if row.fits]
    shut = [(row.registration, Shut(_named(row), row.findings)) for row in rows if not row.fits]
    return [*fit, (_OTHER, gettext("another vehicle")), *shut]


def _named(row: loading.Loadable) -> str:
    if row.seen is None:
        return row.registration
    doing = gettext("moving") if row.seen.state == "moving" else gettext("standing")
    return f"{row.registration} · {doing} · {gettext('position')} {row.seen.last.at.astimezone(INDIA):%H:%M}"


def read_destination(text: str) -> Place:
    """The destination that somebody wrote. Raises Unreadable: of no such name, or of several."""
    found = things.destinations_named(text)
    if not found:
        raise Unreadable(_none_like_it)
    if len(found) > 1:
        raise Unreadable(partial(_several_like_it, found))
    return found[0]


def _none_like_it() -> str:
    return gettext("No destination begins like this; write its name or code, or have it entered.")


def _several_like_it(places: Sequence[Place]) -> str:
    return gettext("Several destinations begin like this: %(names)s.") % {"names": _listed(places)}


def _listed(places: Sequence[Place]) -> str:
    return "; ".join(f"{place.name_hi if get_language() == 'hi' else place.name_en} · {place.code}" for place in places)


def _new_key(lease: Lease, by: Actor, at: datetime) -> str:
    return uuid4().hex


def _vehicle_named(sent: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    if registry.plate(sent.get("other") or sent.get("vehicle") or ""):
        return {}
    return {"other": _("Choose a vehicle, or enter its number.")}


def _issue(*, lease: Lease, place: Place, key: str, by: Actor, at: datetime, **load: Any) -> Challan:
    """The instant is the database's, read under the locks; ``at`` is when the act was looked at."""
    vehicle = load.pop("other") or load.pop("vehicle")
    load.pop("vehicle", None)
    sale = Sale(**{name: value for name in SALE if (value := load.pop(name, None))})
    load["quantity_m3"] = load["quantity_m3"] or Decimal(0)
    wanted = services.Load(lease=lease, vehicle=vehicle, place=place, sale=sale, **load)
    return services.issue_challan(load=wanted, key=key or None, by=by)


def _buyers(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    named = texts("challans/buyers")
    return [(kind, dict(named[kind])) for kind in book().value("CH-34", at, district=lease.district)["kinds"]]


def _load_named(sent: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """What is missing of a load: which vehicle, and how much, in cubic metres or by its weights."""
    if not sent.get("quantity_m3") and not (sent.get("tare_kg") and sent.get("gross_kg")):
        return {"quantity_m3": _("Enter the quantity, or both weights."), **_vehicle_named(sent, by, at)}
    return _vehicle_named(sent, by, at)


def _check(
    *, q: str, photo: str, load: str, cover: str, board: str, by: Actor, at: datetime
) -> tuple[CheckPostScan, list[Finding]]:
    """Where the check post stands is known when its office has a place of the same code."""
    place = registry.places("checkpost").filter(code=by.office_code).first()
    lat, lon = (place.lat, place.lon) if place else (None, None)
    answer = selectors.check_typed(photo or q, at)
    loaded = None if not load else load == LOADED
    scan, warning = services.record_scan(answer=answer, by=by, at=at, lat=lat, lon=lon, loaded=loaded)
    if cover or board:
        said = {"covered": _yes(cover), "board": _yes(board)}
        scan = services.record_equipment(scan=scan, by=by, at=at, **said)
    return scan, [warning] if warning else []


def _yes(answer: str) -> bool | None:
    return answer == YES if answer else None


def _clear_enough(sent: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """What is to be typed instead, where it says too little for any verdict."""
    text = sent.get("photo") or sent.get("q") or ""
    if not text.strip():
        return {"q": _("Enter the number of the vehicle or of the e-challan, or take a photo of its QR.")}
    reason = selectors.check_typed(text, at).reason
    return {"q": UNCLEAR_WORDS[reason]} if reason in UNCLEAR_WORDS else {}


def _against_verdict(*verdicts: str) -> Callable[[CheckPostScan, Actor, datetime], bool]:
    """Whether the officer goes against one of these verdicts, and says why."""
    return lambda scan, by, at: scan.verdict in verdicts


def _settle(outcome: str) -> Callable[..., CheckPostScan]:
    return partial(services.settle_scan, outcome=outcome)


def _nothing_more(record: Any) -> str:
    """The page that it leads to shows what was done."""
    return ""


declare(
    Act(
        "lease.issue_challan",
        _("Issue the e-challan"),
        "CH-01",
        _issue,
        (
            Field(
                "vehicle",
                "choice",
                _("Vehicle at the ghat"),
                required=False,
                choices=_to_load,
                look="radio",
                one_of=True,
            ),
            Field(
                "other",
                "text",
                _("Other vehicle"),
                required=False,
                help=_("Its number, when it is not in the list above"),
                max_length=14,
            ),
            Field(
                "place",
                "text",
                _("Destination"),
                max_length=170,
                help=_("The beginning of its name, or its code; choose from what is offered."),
                read=read_destination,
                attrs={"list": "destinations", "autocomplete": "off"},
            ),
            Field(
                "quantity_m3", "decimal", _("Quantity in cubic metres"), required=False, digits=7, places=3, one_of=True
            ),
            Field("driver_name", "text", _("Driver's name"), max_length=120, attrs={"list": "drivers"}),
            Field("driver_phone", "text", _("Driver's phone"), required=False, max_length=15),
            weight_field("tare_kg", _("Empty weight (kg)")),
            weight_field("gross_kg", _("Gross weight (kg)")),
            Field("buyer_kind", "choice", _("Buyer"), required=False, choices=_buyers),
            Field("buyer_name", "text", _("Buyer's name"), required=False, max_length=160),
            Field("buyer_phone", "text", _("Buyer's phone"), required=False, max_length=15),
            Field("buyer_licence", "text", _("Storage licence"), required=False, max_length=40),
            Field("price_rupees", "decimal", _("Price in rupees"), required=False),
            Field("invoice_no", "text", _("Invoice number"), required=False, max_length=40),
            Field("key", "text", _("Key"), required=False, max_length=40, initial=_new_key, look="hidden"),
        ),
        fits=(Gate("challan.issue", facts.before_a_load), Gate("challan.operate", facts.operator_facts)),
        word="issue",
        shared_grant="challan.issue",
        check=_load_named,
        done=_nothing_more,
        leads_to=lambda challan: Page("challan", (challan.number,)),
        makes="challan",
        tries_kept=True,
    ),
    place="challan",
)
declare(
    Act(
        "challan.cancel",
        _("Cancel this e-challan"),
        "CH-14",
        services.cancel_challan,
        (Field("reason", "text", _("Reason")),),
        fits=(Gate("challan.cancel", facts.cancel_facts),),
    ),
    place="challan",
)
declare(
    Act(
        "scan.record",
        _("Check"),
        "MOV-04",
        _check,
        (
            Field(
                "load",
                "choice",
                _("The vehicle is"),
                required=False,
                choices=((LOADED, _("loaded")), (EMPTY, _("empty"))),
                look="radio",
                one_of=True,
            ),
            Field(
                "q",
                "text",
                _("Vehicle number, e-challan number or QR"),
                required=False,
                max_length=MAX_TEXT_CHARS,
                attrs={"autocomplete": "off", "autocapitalize": "characters"},
                one_of=True,
            ),
            Field(
                "photo",
                "file",
                _("Photo of the QR"),
                required=False,
                read=read_photo,
                attrs={"accept": "image/*", "capture": "environment"},
                mark="qr",
                one_of=True,
            ),
            *(
                Field(name, "choice", words, required=False, choices=((YES, _("yes")), (NO, _("no"))), look="radio")
                for name, words in (("cover", _("Tarpaulin over the load")), ("board", _("Signboard on the vehicle")))
            ),
        ),
        word="check",
        shared_grant="checkpost.work",
        check=_clear_enough,
        done=_nothing_more,
        leads_to=lambda scan: Page("checkpost_scan", (str(scan.pk),)),
        opens=True,
    ),
    place="checkpost",
)
declare(
    Act(
        "scan.hold",
        _("Hold the vehicle"),
        "MOV-04",
        _settle(CheckPostScan.HELD),
        (Field("note", "text", _("Why is it held?"), asked=_against_verdict("good")),),
        shared_grant="checkpost.work",
        done=_("Recorded: the vehicle is held."),
    ),
    Act(
        "scan.let_go",
        _("Let the vehicle go"),
        "MOV-04",
        _settle(CheckPostScan.LET_GO),
        (Field("note", "text", _("Why is it let go?"), asked=_against_verdict("warn", "bad")),),
        shared_grant="checkpost.work",
        done=_("Recorded: the vehicle was let go."),
    ),
    place="verdict",
)
