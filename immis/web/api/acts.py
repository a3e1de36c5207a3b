"""Acts on records: each one that is declared has an address of its own, with the schema of what it asks for."""

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from ninja import Field, Router, Schema
from ninja.errors import ValidationError
from pydantic import AfterValidator, BeforeValidator, StringConstraints, create_model

from immis import clock
from immis.core import acts
from immis.core.acts import Act, Offer
from immis.core.errors import Refusal
from immis.core.nouns import NOUNS
from immis.web.api.answers import ACTS, SIGNED_IN, FindingOut, both, finding_out
from immis.web.api.security import Text, actor, signed_in
from immis.web.shell.acts import SURE, ActForm, warnings_of

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
    """An act that was done, or proposed to the second person; ``findings`` are warnings of the rule book."""

    name: str
    number: str
    proposed: bool
    findings: list[FindingOut]


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise ValueError("not base 64") from fault
    return text


class FileIn(Schema):
    """A file, its content in base 64."""

    name: Text = Field(min_length=1, max_length=120)
    content: Annotated[str, AfterValidator(_base64), Field(max_length=15_000_000, pattern="^[A-Za-z0-9+/]*={0,2}$")]


def _whole(value: Any) -> Any:
    """A whole number as JSON writes it; nothing else is taken for one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number")
    return value


def _type(one: acts.Field) -> Any:
    """The type of an act's field in the body of a call."""
    if one.kind in ("text", "long_text"):
        least = 1 if one.required else 0
        return Annotated[Text, StringConstraints(min_length=least, max_length=one.max_length)]
    if one.kind in ("number", "rupees"):
        return Annotated[int, BeforeValidator(_whole), Field(ge=one.least, le=one.most)]
    if one.kind == "decimal":
        return Annotated[Decimal, Field(ge=one.least, le=one.most, max_digits=one.digits, decimal_places=one.places)]
    simple = {
        "day": date,
        "instant": datetime,
        "choice": Annotated[Text, StringConstraints(max_length=120)],
        "choices": list[Annotated[Text, StringConstraints(max_length=120)]],
        "yes_no": bool,
        "file": FileIn,
    }
    return simple[one.kind]


def body_of(act: Act) -> type[Schema]:
    """The schema of what an act asks for; an act that ends something is confirmed by ``sure``."""
    fields: dict[str, Any] = {}
    for one in act.fields:
        note = Field(... if one.required else None, description=str(one.label))
        fields[one.name] = (_type(one) if one.required else _type(one) | None, note)
    if act.ends:
        fields[SURE] = (bool, Field(..., description=str(act.ends)))
    name = "".join(part.title() for part in act.name.replace(".", "_").split("_"))
    return create_model(f"{name}In", __base__=Schema, **fields)


def _form_data(act: Act, body: Schema) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """What a page would have sent: so the two doors clean alike."""
    data, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
    for name, value in body.model_dump().items():
        if isinstance(value, dict):
            files[name] = SimpleUploadedFile(value["name"], base64.b64decode(value["content"]))
        elif isinstance(value, list):
            data.setlist(name, value)
        elif value not in (None, False):
            data[name] = value.isoformat() if isinstance(value, date) else str(value)
    return data, files


def _offer_out(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.act.name,
        "label": both(lambda: offer.label),
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
        found = acts.offers(kind, acts.record_of(kind, number, by), by=by, at=clock.now())
        return [_offer_out(offer) for offer in found]

    return listed


def _door(act: Act, body_type: type[Schema]) -> Callable[..., Any]:
    def do(request: HttpRequest, number: str, body: Any) -> Any:
        offer = acts.offer_of(act.name, number, by=actor(request), at=clock.now())
        if offer.findings:
            raise Refusal(offer.findings)
        form = ActForm(offer, *_form_data(act, body))
        if not form.is_valid():
            raise ValidationError(_faults(form))
        warnings = [finding_out(finding) for finding in warnings_of(form.perform())]
        number = act.noun.number(offer.record)
        return {"name": act.name, "number": number, "proposed": offer.proposes, "findings": warnings}

    do.__annotations__["body"] = body_type
    do.__doc__ = f"{act.label}. Needs the grant {act.grant}; 409 says by which clause it does not fit."
    return do


def _faults(form: ActForm) -> list[dict[str, Any]]:
    return [{"loc": (name,), "msg": " ".join(map(str, problems))} for name, problems in form.errors.items()]


def _open_doors() -> None:
    """One address for the offers of each noun, and one for each act."""
    for kind, noun in list(NOUNS.items()):
        known = acts.acts_of(kind)
        if not known:
            continue
        here = f"/{noun.address}/{{number}}/acts"
        name = f"{kind}_acts"
        router.get(here, response={200: list[OfferOut], **SIGNED_IN}, auth=signed_in, operation_id=name)(_list(kind))
        for act in known:
            door = router.post(
                f"{here}/{act.name}",
                response={200: DoneOut, **ACTS},
                auth=signed_in,
                operation_id=act.name.replace(".", "_"),
                summary=str(act.label),
            )
            door(_door(act, body_of(act)))


with translation.override("en"):  # the description of the API is in English
    _open_doors()
