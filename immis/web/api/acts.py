"""Acts on records: each one that is declared has an address of its own, with the schema of what it asks for."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import translation
from ninja import Router, Schema

from immis import clock
from immis.core import acts
from immis.core.acts import Act, Offer
from immis.core.errors import NotFound, Refusal
from immis.core.nouns import NOUNS
from immis.web.api.act_bodies import body_of, form_data
from immis.web.api.answers import ACTS, SIGNED_IN, FindingOut, Unfit, finding_out
from immis.web.api.security import Session, actor, signed_in
from immis.web.shell import wording
from immis.web.shell.acts import ActForm, answered, warnings_of

router = Router(tags=["acts"])


class OfferOut(Schema):
    """An act that the caller's post has on a record; ``findings`` say why it does not fit now."""

    name: str
    label: dict[str, str]
    clause: str
    proposes: bool
    ends: bool
    fits: bool
    findings: list[FindingOut]


class DoneOut(Schema):
    """An act that was done, or proposed to the second person; ``findings`` are warnings of the rule book.

    ``made`` is the number of another record that it made, as an e-challan's; ``goes_on_at`` is the address in another
    system where it goes on, as the treasury's for a payment.
    """

    name: str
    number: str
    proposed: bool
    findings: list[FindingOut]
    made: str = ""
    goes_on_at: str = ""


def _offer_out(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.act.name,
        "label": wording.both(lambda: offer.label),
        "clause": offer.act.clause,
        "proposes": offer.proposes,
        "ends": bool(offer.act.ends),
        "fits": offer.fits,
        "findings": [finding_out(finding) for finding in offer.findings],
    }


def _list(kind: str) -> Callable[..., Any]:
    def listed(request: HttpRequest, number: str) -> list[dict[str, Any]]:
        """The acts that the caller's post has on this record, each with the reason why it does not fit now."""
        by = actor(request)
        result = acts.offers(kind, acts.record_of(kind, number, by), by=by, at=clock.now())
        return [_offer_out(offer) for offer in result]

    return listed


def _openers(kind: str) -> Callable[..., Any]:
    def listed(request: HttpRequest) -> list[dict[str, Any]]:
        """The acts by which the caller's post opens such a record."""
        return [_offer_out(offer) for offer in acts.offers(kind, None, by=actor(request), at=clock.now())]

    return listed


def _done(act: Act, request: HttpRequest, body: Any) -> dict[str, Any]:
    offer = acts.offer_on(act, request.act_record, by=actor(request), at=clock.now())  # type: ignore[attr-defined]
    form = ActForm(offer, *form_data(body))
    if not offer.open or (offer.findings and not form.is_valid()):
        raise Refusal(offer.findings)
    if not form.is_valid():
        raise _fault(form)
    result = form.perform(request)
    record = answered(result) if act.opens else offer.record
    warnings = [finding_out(finding) for finding in warnings_of(result)]
    return {
        "name": act.name,
        "number": act.noun.number(record),
        "proposed": offer.proposes,
        "findings": warnings,
        "made": NOUNS[act.makes].number(answered(result)) if act.makes else "",
        "goes_on_at": act.outside(result) if act.outside else "",
    }


def _door(act: Act, body_type: type[Schema]) -> Callable[..., Any]:
    def do(request: HttpRequest, number: str, body: Any) -> Any:
        return _done(act, request, body)

    def open_one(request: HttpRequest, body: Any) -> Any:
        return _done(act, request, body)

    do = open_one if act.opens else do
    do.__annotations__["body"] = body_type
    do.__doc__ = f"{act.label}. Needs the grant {act.grant}; 409 says by which clause it does not fit."
    return do


def _fault(form: ActForm) -> Exception:
    """What is wrong with a body of the right shape: it names what the record does not have, or cannot be taken."""
    if unknown := [name for name in form.errors if form.has_error(name, "invalid_choice")]:
        return NotFound(f"{', '.join(unknown)} of {form.offer.act.name}")
    return Unfit({name: wording.both(partial(_said, problems)) for name, problems in form.errors.as_data().items()})


def _said(problems: Sequence[ValidationError]) -> str:
    return " ".join(words for problem in problems for words in problem.messages)


def _require(act: Act, request: HttpRequest) -> None:
    """Who may not do it, or may not see the record, learns that before anything of the body is read.

    Whether the act fits is asked once the body has the right shape: its facts may be many.
    """
    number = request.resolver_match.kwargs.get("number", "")
    request.act_record = acts.reached(act.name, number, by=actor(request))  # type: ignore[attr-defined]


def _open_doors() -> None:
    """One address for the offers of each noun, and one for each act; those that open a record know no number."""
    for kind, noun in list(NOUNS.items()):
        known = acts.acts_of(kind)
        doors = {False: f"/{noun.address}/{{number}}/acts", True: f"/{noun.address}/acts"}
        lists = {False: (f"{kind}_acts", _list), True: (f"{kind}_openers", _openers)}
        for opens in sorted({act.opens for act in known}):
            name, listed = lists[opens]
            door = router.get(
                doors[opens], response={200: list[OfferOut], **SIGNED_IN}, auth=signed_in, operation_id=name
            )
            door(listed(kind))
        for act in known:
            door = router.post(
                f"{doors[act.opens]}/{act.name}",
                response={200: DoneOut, **ACTS},
                auth=Session(partial(_require, act)),
                operation_id=act.name.replace(".", "_"),
                summary=str(act.label),
            )
            door(_door(act, body_of(act)))


with translation.override("en"):  # the description of the API is in English
    _open_doors()
