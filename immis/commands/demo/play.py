"""What all scenes of a season share: people at their browsers, trucks, the clock, and waiting for the office."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from immis import clock
from immis.commands.demo.cast import FLEET, Lorry
from immis.commands.demo.fleet import Fleet
from immis.commands.demo.people import Person, Stuck, anybody
from immis.commands.demo.stage import Stage

_LONGEST_WAIT_S = 40.0
_LOOK_AGAIN_S, _LONGEST_PAUSE_S = 0.1, 1.0


class Play:
    """One season in progress."""

    def __init__(self, stage: Stage, *, tell: Callable[[str, str], None], lorries: Sequence[Lorry] = FLEET):
        self.stage = stage
        self.lorries = lorries
        self.tell = tell
        self.fleet = Fleet("127.0.0.1", stage.gateway_port)
        self.visitor = anybody(stage.url)
        self.user_ids = stage.user_ids()
        self.leases: dict[str, str] = {}
        self._people: dict[str, Person] = {}

    def person(self, username: str) -> Person:
        """Somebody of the cast, signed in once; a firm under the user ID that it was mailed."""
        if username not in self._people:
            self._people[username] = Person(self.stage.url, self.user_ids.get(username, username)).login()
        return self._people[username]

    def know(self, username: str, person: Person) -> Person:
        """Keep somebody who is signed in already under the name that the cast has for him."""
        return self._people.setdefault(username, person)

    def at_once(self, jobs: Iterable[Callable[[], Any]]) -> list[Any]:
        """Do what several people do beside one another; answers what each got, in their order."""
        crowd = ThreadPoolExecutor(4)
        try:
            return [row.result() for row in [crowd.submit(job) for job in jobs]]
        finally:  # whoever stops the demo waits for nobody who has not begun
            crowd.shutdown(cancel_futures=True)

    def api(self, path: str) -> Any:
        """Open data as JSON."""
        return self.visitor.get(path).raise_for_status().json()

    def pay(self, person: Person, demand: str) -> None:
        """Pay one demand: the payment is begun here, and the treasury's page takes it from there."""
        start = person.call(f"/demands/{demand}/acts/demand.pay")
        bank = person.http.post(start["goes_on_at"], data={"act": "pay"}, follow_redirects=False)
        if bank.status_code >= 400:
            raise Stuck(f"{person.username} paid {demand} at the bank: {bank.status_code}")

    def until(self, what: str, holds: Callable[[], Any]) -> Any:
        """Look until something is so; the office's processes make it so in their own time.

        Raises Stuck when it is not so in time.
        """
        give_up, pause_s = time.monotonic() + _LONGEST_WAIT_S, _LOOK_AGAIN_S
        while not (result := holds()):
            if time.monotonic() > give_up:
                raise Stuck(f"not so after {_LONGEST_WAIT_S:.0f} s: {what}")
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.3, _LONGEST_PAUSE_S)  # a long wait is asked for seldom: each look costs a page
        return result

    def until_shown(self, instant: datetime) -> None:
        """Let the clock run until it shows an instant."""
        while clock.now() < instant:
            time.sleep(_LOOK_AGAIN_S)

    def step_to(self, instant: datetime, *, rate: float = 1.0) -> None:
        """Let the shared clock show an instant, and run at a rate from there."""
        if instant > clock.now():
            clock.step_to(instant, rate=rate)
        else:
            clock.run_at(rate)

    def settle(self) -> None:
        """Wait until the office has taken in everything that happened."""
        self.until("every event is handled", lambda: self._waiting() == 0)

    def _waiting(self) -> int:
        """How much news the office has not handled, as whoever watches the service reads it."""
        figures = self.visitor.get("/metrics").raise_for_status().text
        return int(re.findall(r"^immis_outbox_waiting (\d+)$", figures, re.MULTILINE)[0])

    def publish_passes(self) -> None:
        """Lay the QR text and the print of every pass beside the open data, for checks from outside."""
        folder = self.stage.data / "public" / "passes"
        folder.mkdir(parents=True, exist_ok=True)
        officer = self.person("mdo").http
        for row in officer.get("/api/v1/challans?limit=1000").raise_for_status().json():
            code = row["number"]
            (folder / f"{code}.txt").write_text(row["pass_text"], encoding="utf8")
            (folder / f"{code}.pdf").write_bytes(officer.get(f"/challans/{code}.pdf").raise_for_status().content)

    def close(self) -> None:
        self.fleet.stop()
        self.visitor.close()
        for person in self._people.values():
            person.http.close()
