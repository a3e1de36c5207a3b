"""June to October: security, papers, LoI, clearances, deed, first instalment, and the instalment that one forgets."""

import re
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from immis.commands.demo.play import Play

#: Settlements that are followed to the truck on the road; the others wait at earlier gates, as in life.
FOLLOWED = ("MUN-2026-01", "MUN-2026-02", "MUN-2026-07", "MUN-2026-13", "MUN-2026-17", "MUN-2026-18")
#: Letters of intent are issued to these besides.
LOI_TOO = ("MUN-2026-03", "MUN-2026-04", "MUN-2026-08", "MUN-2026-14")


def settlements(play: Play) -> dict[str, dict[str, Any]]:
    """All settlements by the code of their block, as the district's officer sees them."""
    rows = play.person("mdo").http.get("/api/v1/leases").raise_for_status().json()
    return {row["block"]: row for row in rows}


def code_of(play: Play, block: str) -> str:
    """The number of the settlement of a block; it stays, so it is asked for once."""
    if block not in play.leases:
        play.leases = {row: lease["code"] for row, lease in settlements(play).items()}
    return play.leases[block]


def holder(block: str) -> str:
    """Who won a followed lot."""
    from immis.commands.demo.auction_scenes import WINNERS

    return WINNERS[block]


def unpaid(play: Play, person: str, lease: str, kind: str) -> list[dict[str, Any]]:
    """What a settlee still owes of one kind on a settlement, oldest due first."""
    rows = play.person(person).http.get(f"/api/v1/leases/{lease}/dues").raise_for_status().json()
    return [row for row in rows if row["kind"] == kind and row["state"] not in ("settled", "waiting", "cancelled")]


def pay_dues(play: Play, person: str, demands: Iterable[dict[str, Any]]) -> None:
    """Pay each demand at the bank."""
    for demand in demands:
        play.pay(play.person(person), demand["demand"])


def verify_all(play: Play, officer: str = "mdo") -> None:
    """The district verifies every payment that waits, one by one, against the treasury itself (A-18)."""
    office = play.person(officer)
    while numbers := re.findall(r'href="/office/payments/([^"/?]+)/"', office.open("/office/payments/").text):
        for number in dict.fromkeys(numbers):
            office.call(f"/receipts/{number}/acts/receipt.verify")


def act(play: Play, lease: str, name: str, on: date | None = None, *, lawful: bool = True, **fields: Any) -> None:
    """One act on a settlement: of the district, and of the Collector where the district proposes only."""
    payload = {**({"on": on.isoformat()} if on else {}), **fields}
    proposed = name in ("issue_loi", "execute_deed", "grant_permission")
    for officer in ("mdo", "collector") if proposed else ("mdo",):
        play.person(officer).call(f"/leases/{lease}/acts/lease.{name}", payload, lawful=lawful)


def pay_securities(play: Play, winners: dict[str, str]) -> None:
    """Within five days of the auction the highest bidders pay the balance of the security (E-078)."""
    rows = settlements(play)
    for block, person in winners.items():
        if block in rows:
            pay_dues(play, person, unpaid(play, person, rows[block]["code"], "security"))


def issue_letters(play: Play, on: date) -> None:
    """Papers are received and the LoI goes out (E-079, E-085, E-086)."""
    rows = settlements(play)
    play.at_once(
        partial(_issue_letter, play, row, rows[row]["code"], on) for row in (*FOLLOWED, *LOI_TOO) if row in rows
    )


def _issue_letter(play: Play, block: str, lease: str, on: date) -> None:
    act(play, lease, "record_documents", on)
    act(play, lease, "record_assets", on, lawful=False, **_statement(block))  # not asked of every kind of party
    act(play, lease, "issue_loi", on)


def _statement(block: str) -> dict[str, Any]:
    """The persons of a body and what each and the body own; names, numbers and sums are made up."""
    persons = [("Ramesh Prasad", "ABDPR"), ("Sunita Devi", "ABEPS")]
    lines = [f"{name};{letters}10{block[-2:]}F;director;1200000;4500000" for name, letters in persons]
    return {"members": "\n".join(lines), "movable": 9_000_000, "immovable": 22_000_000}


def clearances(play: Play, kind: str, applied_on: date, granted_on: date) -> None:
    """One clearance for every followed settlement, applied for and granted (E-087…E-092)."""
    quantities = {row["code"]: row["quantity_m3"] for row in play.api("/api/v1/blocks")}
    for block in FOLLOWED:
        lease = code_of(play, block)
        order = {"reference": f"{kind.upper()}/{lease}", "quantity_m3": quantities[block]}
        act(play, lease, f"record_{kind}_applied", applied_on)
        act(play, lease, f"record_{kind}_granted", granted_on, **order)


def pay_first_instalments(play: Play) -> None:
    """Half of the first year's amount before the deed (E-098)."""
    for block in FOLLOWED:
        lease, person = code_of(play, block), holder(block)
        pay_dues(play, person, unpaid(play, person, lease, "instalment"))


def execute_deeds(play: Play, on: date) -> None:
    """Deed, registration, GST, permission to mine (E-095…E-097)."""
    play.at_once(partial(_execute_deed, play, code_of(play, block), on) for block in FOLLOWED)


def _execute_deed(play: Play, lease: str, on: date) -> None:
    act(play, lease, "execute_deed", on)
    act(play, lease, "record_registration", on, number=f"REG-{lease}")
    act(play, lease, "record_gst", on, lawful=False)  # only where an undertaking was given
    pillars = {"pillars": 12, "present": ["rqp"], "certified_by": "RQP/7", "reference": "DM/1"}
    act(play, lease, "record_demarcation", on, **pillars)
    act(play, lease, "grant_permission")


def pay_dmf(play: Play) -> None:
    """The share of the District Mineral Foundation of the first year (E-105)."""
    for block in FOLLOWED:
        pay_dues(play, holder(block), unpaid(play, holder(block), code_of(play, block), "dmf")[:1])


def pay_second_instalments(play: Play, *, but: Iterable[str]) -> None:
    """Everybody pays the second instalment in time but the defaulters (E-099)."""
    late = set(but)
    for block in FOLLOWED:
        if block not in late:
            pay_instalment(play, code_of(play, block), holder(block))


def pay_instalment(play: Play, lease: str, person: str) -> None:
    """Pay the instalment that is due next on a settlement."""
    pay_dues(play, person, unpaid(play, person, lease, "instalment")[:1])
