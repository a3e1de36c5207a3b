"""Weighbridges for tests: one that was applied for, and the same approved."""

from datetime import timedelta
from io import BytesIO

from immis.rules.land.earth import circle
from immis.weighbridges.services import bridges
from immis.weighbridges.services.bridges import Certificate, NewBridge
from tests.doors.scale import PLACE

PHOTO = b"\xff\xd8\xff photo of a scale"


def apply(*, by, at, lease=None):
    """A weighbridge that was applied for, stamped a month ago."""
    new = NewBridge(
        name_hi="काँटा 1", name_en="Scale 1", site="ghat" if lease else "public", lease=lease, district="Munger",
        lat=PLACE[0], lon=PLACE[1], indicator="Yaohua XK3190-A9", capacity_kg=60_000, division_kg=10,
    )  # fmt: skip
    stamp = Certificate(certificate="LM/7", stamped_on=(at - timedelta(days=30)).date(), document=BytesIO(b"%PDF-1.7"))
    return bridges.apply_for(bridge=new, stamp=stamp, by=by, at=at)


def approve(bridge, *, by, at):
    """The same visited, fenced and approved by the district."""
    bridge = bridges.record_visit(bridge=bridge, place=PLACE, photo=BytesIO(PHOTO), remark="seen", by=by, at=at)
    ring = circle(PLACE, 60)
    bridge = bridges.fence_in(bridge=bridge, corners=ring, reason="installed", reference="NIC/1", by=by, at=at)
    return bridges.approve(bridge=bridge, reference="DMO/1", by=by, at=at)
