"""June to October: security, papers, LoI, clearances, deed, first instalment, and the instalment that one forgets."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from immis.commands.demo.people import Form
from immis.commands.demo.play import Play

#: Settlements that are followed to the truck on the road; the others wait at earlier gates, as in life.
FOLLOWED = ("MUN-2026-01", "MUN-2026-02", "MUN-2026-07", "MUN-2026-13", "MUN-2026-17", "MUN-2026-18")
#: Letters of intent are issued to these besides.
LOI_TOO = ("MUN-2026-03", "MUN-2026-04", "MUN-2026-08", "MUN-2026-14")


def settlements(play: Play) -> dict[str, dict[str, Any]]:
    """All settlements by the code of their block, as the district's officer sees them."""
    rows = play.person("mdo").http.get("/api/v1/leases").raise_for_status().json()
    return {row["block"]: row for row in rows}


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
        play.pay(play.person(person), f"/pay/{demand['demand']}/")


def verify_all(play: Play) -> int:
    """The district verifies every payment that waits, one by one, against the treasury itself (A-18)."""
    officer, verified = play.person("mdo"), 0
    while numbers := re.findall(r'href="/office/payments/([^"/?]+)/"', officer.open("/office/payments/").text):
        for number in dict.fromkeys(numbers):
            page = officer.open(f"/office/payments/{number}/")
            officer.send(page, lambda form: form.fields.get("act") == "verify", follow=False)
            verified += 1
    return verified


def act(play: Play, lease: str, name: str, on: date | None = None, **fields: str) -> None:
    """One act on a settlement's page: of the district, and of the Collector where the district proposes only."""

    def fits(form: Form) -> bool:
        return form.fields.get("act") == name or ("act", name) in form.buttons

    payload = {"act": name, **({"on": on.isoformat()} if on else {}), **fields}
    for officer in ("mdo", "collector") if name in ("loi", "deed", "permission") else ("mdo",):
        page = play.person(officer).open(f"/office/leases/{lease}/")
        play.person(officer).send(page, fits, payload, follow=False)


def pay_securities(play: Play, winners: dict[str, str]) -> None:
    """Within five days of the auction the highest bidders pay the balance of the security (E-078)."""
    rows = settlements(play)
    for block, person in winners.items():
        if block in rows:
            pay_dues(play, person, unpaid(play, person, rows[block]["code"], "security"))


def issue_letters(play: Play, on: date) -> None:
    """Papers are received and the LoI goes out (E-079, E-085, E-086)."""
    rows = settlements(play)
    for block in (row for row in (*FOLLOWED, *LOI_TOO) if row in rows):
        lease = rows[block]["code"]
        page = play.person("mdo").open(f"/office/leases/{lease}/").text
        act(play, lease, "documents", on)
        if re.search(r'value="assets"', page):
            act(play, lease, "assets", on, **_statement(block))
        act(play, lease, "loi", on)


def _statement(block: str) -> dict[str, str]:
    """The persons of a body and what each and the body own; names, numbers and sums are made up."""
    persons = [("Ramesh Prasad", "ABDPR"), ("Sunita Devi", "ABEPS")]
    lines = [f"{name};{letters}10{block[-2:]}F;director;1200000;4500000" for name, letters in persons]
    return {"members": "\n".join(lines), "movable": "9000000", "immovable": "22000000"}


def clearances(play: Play, kind: str, applied_on: date, granted_on: date) -> None:
    """One clearance for every followed settlement, applied for and granted (E-087…E-092)."""
    rows = settlements(play)
    quantities = {row["code"]: row["quantity_m3"] for row in play.api("/api/v1/blocks")}
    for block in FOLLOWED:
        lease = rows[block]["code"]
        reference, quantity = f"{kind.upper()}/{lease}", str(quantities[block])
        act(play, lease, f"{kind}_applied", applied_on)
        act(play, lease, f"{kind}_granted", granted_on, reference=reference, quantity_m3=quantity)


def pay_first_instalments(play: Play) -> None:
    """Half of the first year's amount before the deed (E-098)."""
    rows = settlements(play)
    for block in FOLLOWED:
        lease, person = rows[block]["code"], holder(block)
        pay_dues(play, person, unpaid(play, person, lease, "instalment"))


def execute_deeds(play: Play, on: date) -> None:
    """Deed, registration, GST, permission to mine (E-095…E-097)."""
    rows = settlements(play)
    for block in FOLLOWED:
        lease = rows[block]["code"]
        act(play, lease, "deed", on)
        act(play, lease, "registration", on, number=f"REG-{lease}")
        if re.search(r'value="gst"', play.person("mdo").open(f"/office/leases/{lease}/").text):
            act(play, lease, "gst", on)
        pillars = {"pillars": "12", "present": "rqp", "certified_by": "RQP/7", "reference": "DM/1"}
        act(play, lease, "demarcation", on, **pillars)
        act(play, lease, "permission")


def pay_dmf(play: Play) -> None:
    """The share of the District Mineral Foundation of the first year (E-105)."""
    rows = settlements(play)
    for block in FOLLOWED:
        pay_dues(play, holder(block), unpaid(play, holder(block), rows[block]["code"], "dmf")[:1])


def pay_second_instalments(play: Play, *, but: Iterable[str]) -> None:
    """Everybody pays the second instalment in time but the defaulters (E-099)."""
    rows, late = settlements(play), set(but)
    for block in FOLLOWED:
        if block not in late:
            pay_instalment(play, rows[block]["code"], holder(block))


def pay_instalment(play: Play, lease: str, person: str) -> None:
    """Pay the instalment that is due next on a settlement."""
    pay_dues(play, person, unpaid(play, person, lease, "instalment")[:1])
