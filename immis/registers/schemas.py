"""The JSON Schema of an act's values, as the API publishes it."""

from collections.abc import Mapping
from typing import Any

from immis.registers.declaration import Act, Field, Register

_PLAIN: Mapping[str, Mapping[str, Any]] = {
    "number": {"type": ["number", "string"]},
    "money": {"type": ["number", "string"], "description": "rupees"},
    "day": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "point": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "reference": {"type": "string", "maxLength": 60},
    "photo": {"type": "object"},
    "file": {"type": "object"},
}


def act_schema(register: Register, act: Act) -> dict[str, Any]:
    """The object of values that an act takes."""
    fields = [register.fields[name] for name in act.fields if not register.fields[name].rule]
    return {
        "type": "object",
        "properties": {field.name: _schema(field) for field in fields},
        "required": [field.name for field in fields if field.required and field.show_if is None],
        "additionalProperties": False,
    }


def _schema(field: Field) -> dict[str, Any]:
    titled = {"title": field.title["en"]}
    if field.type == "text":
        return {**titled, "type": "string", "maxLength": field.most}
    if field.type == "choice":
        return {**titled, "enum": list(field.choices or ())}
    if field.type == "yes_no":
        body = {"answer": {"enum": ["yes", "no", "na"]}, "remark": {"type": "string", "maxLength": field.most}}
        return {**titled, "type": "object", "properties": body, "required": ["answer"]}
    if field.type == "table":
        row = {"type": "object", "properties": {column.name: _schema(column) for column in field.columns}}
        return {**titled, "type": "array", "items": row, "maxItems": field.most}
    return {**titled, **_PLAIN[field.type]}
