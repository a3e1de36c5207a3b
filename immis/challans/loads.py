"""A load as it stands at the source: on which truck, whereto, how much by word or by weight, and to whom it is sold."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from immis.challans import selectors
from immis.leases.selectors import Lease
from immis.registry import selectors as registry
from immis.registry.selectors import Place, Vehicle, plate
from immis.rules.policy import book
from immis.weighbridges import selectors as weighbridges
from immis.weighbridges.orders import hand_order


@dataclass(frozen=True, kw_only=True)
class Sale:
    """To whom a load is sold, for how much (rupees), by which invoice."""

    buyer_kind: str = "consumer"
    buyer_name: str = ""
    buyer_gstin: str = ""
    buyer_licence: str = ""
    buyer_phone: str = ""
    price_rupees: Decimal | None = None
    invoice_no: str = ""


#: What says how much a load weighs: its weighbridge's software, an order for weights by hand, somebody's word.
BRIDGE, BY_HAND, TYPED = "bridge", "hand", "typed"
#: What of a load is about its sale.
SALE = tuple(Sale.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True)
class Load:
    """One load for which an e-challan is asked: from which settlement, on which vehicle, whereto, how much, who drives.

    ``vehicle`` is a record of the register, or a registration mark as it was typed. ``tare_kg`` and ``gross_kg`` are
    those of a weighbridge; without a quantity it is reckoned from them (CH-40). ``weight_how`` is what says so (bridge,
    hand, typed), ``weight_by`` the weighbridge or the order; both are found here and never sent.
    """

    lease: Lease
    vehicle: Vehicle | str
    place: Place
    quantity_m3: Decimal = Decimal(0)
    driver_name: str = ""
    driver_phone: str = ""
    licence_no: str = ""
    sale: Sale = Sale()
    tare_kg: int | None = None
    gross_kg: int | None = None
    density_t_m3: Decimal | None = None
    weight_how: str = ""
    weight_by: str = ""

    @property
    def net_kg(self) -> int | None:
        """What the weighbridge found; None where the load was not weighed."""
        return self.gross_kg - self.tare_kg if self.gross_kg and self.tare_kg else None

    @property
    def mark(self) -> str:
        """The registration mark, as the register writes it."""
        return plate(self.vehicle) if isinstance(self.vehicle, str) else self.vehicle.registration


def weighed(load: Load, *, at: datetime) -> Load:
    """A load with its quantity: the one that is named, or what was weighed by the density of CH-40; converted once.

    Where no weight was typed it is that of the settlement's weighbridge (WB-20), if it weighed this truck.
    """
    load = _said_by(load, at)
    if load.net_kg is None:
        return load
    density = Decimal(str(book().value("CH-40", at, district=load.lease.district)))
    if load.quantity_m3:
        return replace(load, density_t_m3=density)
    cubic = (Decimal(load.net_kg) / 1000 / density).quantize(Decimal("0.001"))
    return replace(load, quantity_m3=cubic, density_t_m3=density)


def _said_by(load: Load, at: datetime) -> Load:
    """The load with its weights and what says so: the weighbridge, an order for weights by hand, a word."""
    weighing = _weighing(load, at)
    if weighing is not None and _of_bridge(load, weighing):
        weights = {"tare_kg": weighing.tare.weight_kg, "gross_kg": weighing.gross.weight_kg}
        return replace(load, **weights, weight_how=BRIDGE, weight_by=weighing.gross.bridge.number)
    if load.net_kg is None:
        return replace(load, weight_how="", weight_by="")
    order = hand_order(load.lease, at=at)
    return replace(load, weight_how=BY_HAND if order else TYPED, weight_by=order)


def _of_bridge(load: Load, weighing: weighbridges.Weighing) -> bool:
    """Whether what was typed is what the weighbridge found; nothing typed takes what it found."""
    tare_kg, gross_kg = weighing.tare.weight_kg, weighing.gross.weight_kg
    return load.tare_kg in (None, tare_kg) and load.gross_kg in (None, gross_kg)


def _weighing(load: Load, at: datetime) -> weighbridges.Weighing | None:
    """What the settlement's weighbridge, where it has one, found since the truck's last e-challan."""
    if not weighbridges.bridges_at(load.lease):
        return None
    vehicle = registry.vehicle_of(load.mark)
    last = selectors.last_load_of(vehicle) if vehicle else None
    after = last.issued_at if last else None
    return weighbridges.last_weighing(load.lease, load.mark, at=at, after=after)
