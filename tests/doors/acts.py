"""Acts on settlements by the API, and what a settlee owes."""

from typing import Any

from tests.doors.http import ApiDoor, Person


def act(api: ApiDoor, who: str, lease: str, name: str, **fields: Any) -> tuple[int, list[str]]:
    """Do an act on a settlement as somebody: the status, and the codes of what refuses it or is warned of."""
    answer = api(who).post(f"/api/v1/leases/{lease}/acts/lease.{name}", fields)
    return answer.status_code, [row["code"] for row in answer.json().get("findings", [])]


def against(api: ApiDoor, who: str, lease: str, name: str) -> list[str]:
    """The codes of what stands against an act on a settlement now, as it is offered; nothing is done."""
    offers = api(who).get(f"/api/v1/leases/{lease}/acts")
    offer = next(offer for offer in offers if offer["name"] == f"lease.{name}")
    return [row["code"] for row in offer["findings"]]


def dues_of(settlee: Person, lease: str, kind: str) -> list[dict[str, Any]]:
    """The demands of one kind on a settlement, oldest due first."""
    return [row for row in settlee.open(f"/api/v1/leases/{lease}/dues").json() if row["kind"] == kind]
