"""What every call may answer beside its record: refusals, faults of the request, too many requests."""

from collections.abc import Mapping
from typing import Any

from ninja import Schema

from immis.rules.catalogue import Finding
from immis.web.shell import wording


class FindingOut(Schema):
    """A finding of the rule book: its code, its message in both languages, its facts."""

    code: str
    message: dict[str, str]
    facts: dict[str, str]


class FieldFaultOut(Schema):
    """A field that cannot be taken, and why; ``message`` says it in both languages, where the shape is right."""

    field: str
    problem: str
    message: dict[str, str] = {}


class RefusedOut(Schema):
    """Why the law refuses it, or why it is not answered now; ``fields`` of a right form that the record cannot take."""

    findings: list[FindingOut]
    fields: list[FieldFaultOut] = []


class FaultOut(Schema):
    """What is wrong, as a word for programs and in both languages."""

    error: str
    message: dict[str, str]


class BadInputOut(FaultOut):
    """A request that lacks a field or holds a wrong one."""

    fields: list[FieldFaultOut] = []


#: Answers of calls that anybody may make, by status.
OPEN: dict[Any, Any] = {400: FaultOut, 404: FaultOut, 422: BadInputOut}
#: Answers of calls that need a signed-in person.
SIGNED_IN: dict[Any, Any] = {**OPEN, 401: FaultOut, 403: FaultOut}
#: Answers of calls that the law may refuse.
ACTS: dict[Any, Any] = {**SIGNED_IN, 409: RefusedOut, 429: RefusedOut}


class Unfit(Exception):
    """A body of the right shape whose fields cannot be taken for this record: what is wrong, in both languages."""

    def __init__(self, fields: Mapping[str, Mapping[str, str]]):
        super().__init__(", ".join(fields))
        self.fields = fields


def finding_out(finding: Finding) -> dict[str, Any]:
    """A finding as calls answer it."""
    facts = {name: str(value) for name, value in finding.facts.items()}
    return {"code": finding.code, "message": wording.both(lambda: wording.say(finding)), "facts": facts}
