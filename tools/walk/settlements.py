"""From the hammer to the permission to mine, by the pages of the settlee, the mining office and the Collector."""

import json
from dataclasses import dataclass
from typing import Any

from tests.doors import codes_in, words_of
from tools.walk.auctions import pay
from tools.walk.chromium import Reader, Seen
from tools.walk.people import word

PERSONS = "Ram Prasad; ABCPR1234F; director; 500000; 0"


@dataclass
class Settlement:
    """One settlement on its way, with the three who act on it."""

    number: str
    settlee: Reader
    account: str
    officer: Reader
    collector: Reader

    def act(self, who: Reader, name: str, **fields: Any) -> Seen:
        """Press one act of the settlement's page."""
        page = who.open(f"/office/leases/{self.number}/")
        answer = who.send(page, word(name), fields, lawful=False)
        assert answer.status_code < 400, (name, codes_in(answer.text), words_of(answer.text)[:1500])
        return answer

    def propose(self, name: str, **fields: Any) -> Seen:
        """The mining office proposes, the Collector issues."""
        self.act(self.officer, name, **fields)
        return self.act(self.collector, name, **fields)

    def pay(self, kind: str) -> str:
        """The settlee pays the oldest due of a kind, by the link of the settlement's page."""
        self.settlee.open(f"/api/v1/leases/{self.number}/dues")
        rows = json.loads(self.settlee.page.locator("body").inner_text())
        row = next(row for row in rows if row["kind"] == kind and row["state"] not in ("settled", "cancelled"))
        page = self.settlee.open(f"/settlee/leases/{self.number}/")
        assert f"/pay/{row['demand']}" in page.text, (kind, row)
        pay(self.settlee, f"/pay/{row['demand']}/", self.account)
        return str(row["demand"])

    def papers(self, day: str) -> None:
        self.act(self.officer, "documents", on=day)
        self.act(self.officer, "assets", on=day, members=PERSONS, movable="700000", immovable="0")

    def cleared(self, kind: str, applied: str, granted: str) -> None:
        self.act(self.officer, f"{kind}_applied", on=applied)
        order = {"reference": f"{kind}/1", "quantity_m3": "91800", "valid_until": "01.07.2031"}
        self.act(self.officer, f"{kind}_granted", on=granted, **order)

    def deed(self, day: str) -> None:
        self.propose("deed", on=day)
        self.act(self.officer, "registration", on=day, number=f"REG-{self.number}")
        self.act(self.officer, "gst", on=day)
        self.act(
            self.officer, "demarcation", pillars="12", present="rqp", certified_by="RQP/7", reference="DM/1", on=day
        )
        self.propose("permission")

    def state(self) -> str:
        return words_of(self.officer.open(f"/office/leases/{self.number}/").text)
