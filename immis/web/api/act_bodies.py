"""The body of a call that does an act: its schema from the act's fields, and what a page would have sent for it."""

import base64
import re
from typing import Annotated, Any, Literal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, WithJsonSchema, create_model

from immis.core.acts import Act
from immis.core.acts import Field as ActField
from immis.reading import written_day
from immis.web.api.security import Text
from immis.web.shell.acts import SURE

#: Days as the schema shows them; the leap day, which no pattern knows, is taken as well.
_DAY = (
    "(19|20|21)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_INSTANT = f"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_BASE64 = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
#: Text with something to read in it, as the records keep it.
_FILLED = r"[^\x00]*[^\s\x00][^\x00]*"


def _written(pattern: str, note: str, **limits: int) -> Any:
    """Text of one form, which the schema of the call shows."""

    def check(text: str) -> str:
        least, most = limits.get("minLength", 0), limits.get("maxLength", len(text))
        if not re.fullmatch(pattern, text, re.DOTALL) or not least <= len(text) <= most:
            raise ValueError(note)
        return text

    return Annotated[Text, AfterValidator(check), _shown(pattern, **limits)]


def _shown(pattern: str, **limits: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", **limits})


def _whole(value: Any) -> Any:
    """A whole number may be written as 69.0: JSON knows no other kind."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _day(text: str) -> str:
    if written_day(text) is None:
        raise ValueError("a day as 2026-10-16")
    return text


class _Body(Schema):
    """A body in which nothing stands that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class FileIn(_Body):
    """A file, its content in base 64."""

    name: _written(_FILLED, "a name", minLength=1, maxLength=120)  # type: ignore[valid-type]
    content: _written(_BASE64, "base 64", maxLength=15_000_000)  # type: ignore[valid-type]


def _decimal(act_field: ActField) -> Any:
    """A decimal as its digits: as many as the record keeps, from the least on."""
    above = "" if not act_field.least else "(?!0*([.]0*)?$)"
    digits = f"{above}[0-9]{{1,{act_field.digits - act_field.places}}}([.][0-9]{{1,{act_field.places}}})?"
    return _written(digits, f"a number of {act_field.digits} digits, {act_field.places} after the point")


def _type(act_field: ActField) -> Any:
    """The type of an act's field in the body of a call."""
    if act_field.kind in ("text", "long_text"):
        pattern = act_field.pattern or (_FILLED if act_field.required else r"[^\x00]*")
        return _written(pattern, "text", minLength=int(act_field.required), maxLength=act_field.max_length)
    if act_field.kind in ("number", "rupees"):
        return Annotated[int, Field(strict=True, ge=act_field.least, le=act_field.most), BeforeValidator(_whole)]
    if act_field.kind == "decimal":
        return _decimal(act_field)
    if act_field.kind in ("choice", "choices"):
        known = () if callable(act_field.choices) else tuple(str(value) for value, _words in act_field.choices)
        choice: Any = Literal[known] if known else _written(_FILLED, "a choice", minLength=1, maxLength=120)
        return choice if act_field.kind == "choice" else list[choice]
    if act_field.kind == "day":
        return Annotated[Text, AfterValidator(_day), _shown(_DAY)]
    if act_field.kind == "instant":
        return _written(_INSTANT, "an instant as 2026-10-16T10:00:00+05:30")
    return Annotated[bool, Field(strict=True)] if act_field.kind == "yes_no" else FileIn


def body_of(act: Act) -> type[Schema]:
    """The schema of what an act asks for; an act that ends something is confirmed by ``sure``."""
    fields: dict[str, Any] = {}
    for field in act.fields:
        note = Field(... if field.required else None, description=str(field.label))
        fields[field.name] = (_type(field) if field.required else _type(field) | None, note)
    if act.ends:
        fields[SURE] = (Literal[True], Field(..., description=str(act.ends)))
    name = "".join(part.title() for part in act.name.replace(".", "_").split("_"))
    return create_model(f"{name}In", __base__=_Body, **fields)


def form_data(body: Schema) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """What a page would have sent: so the two doors clean alike."""
    data, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
    for name, value in body.model_dump().items():
        if isinstance(value, dict):
            files[name] = SimpleUploadedFile(value["name"], base64.b64decode(value["content"]))
        elif isinstance(value, list):
            data.setlist(name, value)
        elif value is not None and value is not False:  # a zero is sent
            data[name] = str(value)
    return data, files
