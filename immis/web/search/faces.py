"""How a record that was found is shown: its name, what tells it from others, its state in words, where it opens.

The words of a state are those that the noun's own pages use.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.auctions import selectors as auctions
from immis.core.access.permissions import Actor
from immis.core.grants import may, reach_of
from immis.leases import states
from immis.registers.selectors import version_of
from immis.rules.calendar import india_day
from immis.web.auctions.public import lot_chip
from immis.web.challans.words import state_chip as challan_chip
from immis.web.enforcement.words import case_chip, offence
from immis.web.leases.words import lease_chip
from immis.web.ledger.words import RECEIPTS, due_chip
from immis.web.registers.words import state_chip as entry_chip
from immis.web.registry.vehicles import papers_chip
from immis.web.registry.words import login_chip, office_chip, office_kind
from immis.web.shell import wording
from immis.web.transit.words import PARTIES
from immis.web.transit.words import chip as pass_chip

Chip = tuple[str, Any] | None


def _number(record: Any) -> str:
    return str(record.number)


def _code(record: Any) -> str:
    return str(record.code)


def _listed(vehicle: Any) -> str:
    """The mark of a vehicle of the register; empty for one that the reader knows from the road alone."""
    return "" if getattr(vehicle, "is_only_seen", False) else str(vehicle.registration)


def _no_state(record: Any, at: datetime) -> Chip:
    return None


@dataclass(frozen=True)
class Face:
    """What is shown of the records of a noun; ``pages`` are tried in order: the first that this viewer may open."""

    label: str | Promise
    title: Callable[[Any], str]
    about: Callable[[Any], Sequence[str]]
    pages: Sequence[tuple[str, Callable[[Any], str]]]
    chip: Callable[[Any, datetime], Chip] = _no_state

    def url(self, record: Any, viewer: Actor) -> str:
        """Where this viewer opens the record; empty where he has no page of it."""
        for name, argument in self.pages:
            if not (number := argument(record)):
                continue
            address = reverse(name, args=[number])
            grant = getattr(resolve(address).func, "page_grant", None)
            if grant is None or _reaches(viewer, grant, record):
                return address
        return ""


def _reaches(viewer: Actor, grant: str, record: Any) -> bool:
    """Whether a grant opens the office's page of a record that everybody may find."""
    if reach_of(viewer, grant) not in ("district", "division"):
        return may(viewer, grant)
    return may(viewer, grant, district=getattr(record, "district", None))


def _lease_chip(lease: Any, at: datetime) -> Chip:
    stopped = lease.number in states.stopped_numbers(at, among=[lease.number])
    return lease_chip(lease, stopped=stopped, at=at)


def _lot_chip(lot: Any, at: datetime) -> Chip:
    return lot_chip(auctions.lot_state(lot, at), auctions.outcomes_of([lot], at)[lot.pk])


def _challan_chip(challan: Any, at: datetime) -> Chip:
    chip = challan_chip(challan, at=at)
    return chip.state, chip.label


def _vehicle_chip(vehicle: Any, at: datetime) -> Chip:
    drawn, word = papers_chip(vehicle, today=india_day(at))
    return drawn, f"{gettext('Papers')}: {word}"


def _sum(row: Any) -> str:
    return wording.paise(row.amount_paise)


#: In the order in which they stand on the page.
FACES: dict[str, Face] = {
    "lease": Face(
        _("Settlements"),
        lambda lease: wording.name_of(lease.block),
        lambda lease: (lease.number, wording.name_of(lease.party)),
        (("office_lease", _number), ("settlee_lease", _number)),
        _lease_chip,
    ),
    "party": Face(
        _("Bidders and settlees"),
        wording.name_of,
        lambda party: (wording.party_kind(party.kind),),
        (("office_party", _code),),
    ),
    "ghat": Face(
        _("Sand ghats"), wording.name_of, lambda ghat: (ghat.code, ghat.block_no, ghat.river), (("ghat", _code),)
    ),
    "lot": Face(
        _("Auctions"), lambda lot: wording.name_of(lot.block), lambda lot: (lot.code,),
        (("office_auction", _code), ("auction_room", _code)), _lot_chip,
    ),
    "vehicle": Face(
        _("Vehicles"),
        lambda vehicle: vehicle.registration,
        lambda vehicle: (wording.name_of(vehicle.owner) or vehicle.owner_name,),
        (("vehicle", _listed), ("monitoring_vehicle", lambda vehicle: vehicle.registration)),
        _vehicle_chip,
    ),
    "challan": Face(
        _("E-challans"),
        _number,
        lambda challan: (challan.vehicle.registration, wording.name_of(challan.lease.block)),
        (("challan", _number),),
        _challan_chip,
    ),
    "case": Face(
        _("Cases"),
        _number,
        lambda case: (offence(case.offence), case.vehicle.registration if case.vehicle else ""),
        (("office_case", _number),),
        lambda case, at: case_chip(case),
    ),
    "demand": Face(
        _("Demands"),
        lambda demand: wording.name_of(demand.label),
        lambda demand: (demand.number, _sum(demand), wording.name_of(demand.party)),
        (("office_demand", _number), ("pay", _number)),
        lambda demand, at: due_chip(demand, at=at),
    ),
    "receipt": Face(
        _("Payments"),
        _number,
        lambda receipt: (_sum(receipt), wording.name_of(receipt.demand.label), wording.name_of(receipt.demand.party)),
        (("office_payment", _number), ("office_demand", lambda row: row.demand.number),
         ("pay", lambda row: row.demand.number)),
        lambda receipt, at: RECEIPTS[receipt.state],
    ),
    "driver": Face(
        _("Drivers"),
        lambda driver: driver.name,
        lambda driver: (driver.licence_no,),
        (("driver", lambda driver: driver.licence_no),),
        lambda driver, at: ("good", _("drives")) if driver.active else ("plain", _("drives no more")),
    ),
    "device": Face(
        _("GPS devices"),
        lambda device: device.imei,
        lambda device: (device.vehicle.registration, device.vendor),
        (("device", lambda device: device.imei),),
        lambda device, at: ("good", _("in the vehicle")) if device.active else ("plain", _("taken out")),
    ),
    "entry": Face(
        _("Entries of registers"),
        lambda entry: wording.name_of(version_of(entry).title),
        lambda entry: (entry.number,),
        (("entry", _number),),
        lambda entry, at: entry_chip(entry),
    ),
    "istp": Face(
        _("Transit passes (ISTP)"),
        _number,
        lambda row: (row.vehicle.registration, row.origin_number, wording.name_of(row.party)),
        (("istp_pass", _number),),
        pass_chip,
    ),
    "istp_party": Face(
        _("Parties of other States"),
        lambda row: wording.name_of(row.party),
        lambda row: (row.number, row.licence_no),
        (("istp_party", _number),),
        lambda row, at: PARTIES[row.state],
    ),
    "place": Face(_("Destinations"), wording.name_of, lambda place: (place.code,), (("place", _code),)),
    "fence": Face(_("Fences"), wording.name_of, lambda fence: (fence.code,), (("fence", _code),)),
    "office": Face(
        _("Offices"),
        wording.name_of,
        lambda office: (office_kind(office.kind),),
        (("office_office", _code),),
        lambda office, at: office_chip(office),
    ),
    "user": Face(
        _("People"),
        wording.name_of,
        lambda user: (user.username,),
        (("office_person", lambda user: user.username),),
        lambda user, at: login_chip(user),
    ),
}  # fmt: skip
