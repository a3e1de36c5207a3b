"""Matters in each of their states: cases of penalty, payments, returns, devices, orders that stop."""

import re
from datetime import timedelta
from typing import Any

from immis import clock
from immis.commands.demo import lease_scenes as lease
from immis.commands.demo import road_scenes as road
from immis.commands.demo.cast import typed
from immis.commands.demo.play import Play

#: What a case of the month has come to, the acts that lead there in their order.
_NOTICE, _REPLY, _ORDER = "case.send_notice", "case.record_reply", "case.order_penalty"
_COURSES: tuple[tuple[str, ...], ...] = (
    (_NOTICE,),
    (_NOTICE, _REPLY, _ORDER),
    (_NOTICE, _REPLY, _ORDER, "pay"),
    (_NOTICE, _REPLY, _ORDER, "pay", "case.close"),
    ("case.drop",),
)
_GIVEN: dict[str, dict[str, Any]] = {
    _REPLY: {"reply": typed("torn")},
    _ORDER: {"amount": "5000", "reason": typed("first_offence")},
    "case.close": {"outcome": typed("paid")},
    "case.drop": {"outcome": typed("other_vehicle")},
}
#: Ghats whose earnest money goes back to those who did not win; the others wait on the Collector's desk.
_RETURNED = ("MUN-2026-01", "MUN-2026-02", "MUN-2026-07")


def cases(play: Play) -> None:
    """The check posts' cases go on: noticed, ordered, paid, closed, dropped; the one of tampering stays opened."""
    office = play.person("mdo")
    numbers = play.until("the check posts' finds are cases", lambda: _uncovered(play, len(_COURSES)))
    for number, course in zip(numbers, _COURSES, strict=False):
        for act in course:
            if act == "pay":
                _pay_penalty(play, number)
            else:
                office.call(f"/cases/{number}/acts/{act}", _GIVEN.get(act, {}))


def _uncovered(play: Play, fewest: int) -> list[str]:
    """The open cases of loads without tarpaulin, as soon as there are so many."""
    page = play.person("mdo").open("/office/cases/?offence=uncovered&state=opened").text
    numbers = sorted(set(re.findall(r'href="/office/cases/([^"/]+)/"', page)))
    return numbers if len(numbers) >= fewest else []


def _pay_penalty(play: Play, number: str) -> None:
    """The owner of the vehicle pays the penalty, and the district verifies it."""
    page = play.person("mdo").open(f"/office/cases/{number}/").text
    demand = re.findall(r'href="/office/demands/([^"/]+)/"', page)[0]
    owner = next(lorry.firm for lorry in play.lorries if lorry.plate in page)
    play.pay(play.person(owner), demand)
    lease.verify_all(play)
    play.until("the case is paid", lambda: number in play.person("mdo").open("/office/cases/?state=paid").text)


def money(play: Play) -> None:
    """The Collector orders the returns of some ghats; the treasury pays them."""
    collector = play.person("collector")
    for lot in _RETURNED:
        collector.call(f"/lots/{lot}/acts/lot.order_refunds", lawful=False)


def devices(play: Play) -> None:
    """One device has a fault, work on another is announced, a third is asked for a sign of life and tested."""
    faulty, serviced, asked = (row.imei for row in play.lorries[-3:])
    office, now = play.person("mdo"), clock.now()
    office.call(f"/devices/{faulty}/acts/device.report_fault", {"kind": "power", "words": typed("afternoons")})
    window = {"begins_at": _written(now + timedelta(days=1)), "ends_at": _written(now + timedelta(hours=32))}
    office.call(f"/devices/{serviced}/acts/device.announce_service", {**window, "reason": typed("battery")})
    office.call(f"/devices/{asked}/acts/device.test")


def orders(play: Play) -> None:
    """The Collector stops a vehicle by an order; another order was lifted."""
    for plate, lifted in ((play.lorries[-1].plate, False), (play.lorries[-2].plate, True)):
        stop = {"scope": "vehicle", "subject": plate, "reference": "DM/61", "reason": typed("by_night")}
        hold = play.person("collector").call("/holds/acts/hold.order", stop)
        if lifted:
            play.person("collector").call(f"/holds/{hold['number']}/acts/hold.lift", {"reference": "DM/64"})


def under_way(play: Play) -> None:
    """At the end some e-challans are on the road, one stands still, and one payment waits for the district."""
    block = road.lorries_of("MUN-2026-01", play.lorries)
    for lorry in block[:3]:
        if road.issue(play, "MUN-2026-01", lorry).number and lorry is not block[2]:
            road.set_off(play, "MUN-2026-01", lorry)
    due = lease.unpaid(play, lease.holder("MUN-2026-02"), lease.code_of(play, "MUN-2026-02"), "instalment")
    lease.pay_dues(play, lease.holder("MUN-2026-02"), due[:1])


def _written(at: Any) -> str:
    return str(at.astimezone(clock.INDIA).isoformat(timespec="seconds"))
