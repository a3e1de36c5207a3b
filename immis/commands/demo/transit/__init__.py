"""Transit passes of other States go from off to on by one dated order, and the first load comes with one."""

import base64
from datetime import timedelta

from immis import clock
from immis.commands.demo.cast import DISTRICT, typed
from immis.commands.demo.people import PAPER, Stuck
from immis.commands.demo.play import Play

#: Who also deals in stone from Jharkhand, and with which truck.
FIRM, TRUCK, ORDER = "rishikund", "JH05AB1234", "DMG/ISTP/1"


def switch_on(play: Play) -> None:
    """Before the order the page says that passes are not in force; after it, by the same page, that they are."""
    hq, today = play.person("hq"), clock.now().astimezone(clock.INDIA).date()
    if ORDER in hq.open("/istp/").text:
        raise Stuck("transit passes are in force before their order")
    hq.call("/istp-orders/acts/istp_order.on", {"starts_on": today.isoformat(), "order_no": ORDER})
    if ORDER not in hq.open("/istp/").text:
        raise Stuck("the order of transit passes does not show at once")


def first_load(play: Play) -> None:
    """A firm registers itself and its truck, takes a pass for a load from Jharkhand, pays, comes to a check post."""
    firm = play.person(FIRM)
    paper = {"name": "licence.pdf", "content": base64.b64encode(PAPER).decode()}
    who = {"state_code": "JH", "kind": "dealer", "licence_no": "KOD/2026/7", "district": DISTRICT, "document": paper}
    firm.call("/istp-parties/acts/istp_party.register", who)
    _truck(play, paper)
    now = clock.now().replace(second=0, microsecond=0)
    load = {
        "origin_state": "JH", "origin_number": "JHK/2026/000417", "mineral": "stone", "quantity": "18.5", "unit": "t",
        "origin_issued_at": (now - timedelta(hours=1)).isoformat(), "consignor": typed("stone_works"),
        "origin_until": (now + timedelta(hours=11)).isoformat(), "vehicle": TRUCK, "driver_name": typed("driver"),
        "district": DISTRICT, "destination": typed("town"), "consignee": typed("buyer"), "document": paper,
    }  # fmt: skip
    number = firm.call("/istp/acts/istp.apply", load)["number"]
    demand = firm.open(f"/istp/passes/{number}/").text.split('href="/pay/', 1)[1].split("/", 1)[0]
    play.pay(firm, demand)
    pdf = f"/istp/passes/{number}.pdf"
    play.until("the transit pass is issued", lambda: pdf in firm.open(f"/istp/passes/{number}/").text)
    post = play.person("checkpost")
    post.send(post.open("/checkpost/"), lambda form: "q" in form.fields, {"q": number, "load": "loaded"})
    post.call(f"/istp/{number}/acts/istp.enter")


def _truck(play: Play, paper: dict[str, str]) -> None:
    """The firm enters its truck; the district has seen its papers."""
    until = (clock.now() + timedelta(days=700)).date().isoformat()
    papers = ("registered_until", "fitness_until", "permit_until", "insurance_until", "pollution_until")
    record = {
        "registration": TRUCK, "kind": "truck", "vehicle_class": "Goods Carrier", "capacity_m3": "11", "axles": 3,
        "wheels": 10, "owner_name": "Rishikund Logistics", "district": DISTRICT, "commercial": True,
        **dict.fromkeys(papers, until),
    }  # fmt: skip
    play.person(FIRM).call("/vehicles/acts/vehicle.register", record)
    seen = {"document": paper, "reason": typed("papers")}
    play.person("mdo").call(f"/vehicles/{TRUCK}/acts/vehicle.confirm", seen)
