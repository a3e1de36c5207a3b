"""What the district mining office may do to the record of a ghat: correct it as a new version (E-147)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.registry.acts.common import read_corners, written_corners
from immis.registry.corrections import LAND, RecordCorrection, correct_block
from immis.registry.models import Block
from immis.registry.rivers import known_rivers
from immis.rules.catalogue import Finding

LAND_WORDS = {
    "circle": _("Circle"),
    "police_station": _("Police station"),
    "mauza": _("Mauza"),
    "khata": _("Khata"),
    "khesra": _("Khesra"),
}
_LENGTHS = {"circle": 80, "police_station": 80, "khesra": 200}


def _of_ghat(name: str) -> Callable[[Block, Actor, datetime], Any]:
    return lambda ghat, by, at: getattr(ghat, name)


def _of_land(name: str) -> Callable[[Block, Actor, datetime], Any]:
    return lambda ghat, by, at: ghat.land.get(name, "")


def _corners(ghat: Block, by: Actor, at: datetime) -> str:
    return written_corners(ghat.corners)


def _rivers(ghat: Block, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The rivers of the register, those of the cap marked; a ghat whose river nobody knows yet has none."""
    return [("", _("not known")), *((row.name_en, _named(row)) for row in known_rivers(at))]


def _named(row: Any) -> dict[str, str]:
    mark = " ★" if row.is_capped else ""
    return {"en": f"{row.name_en}{mark}", "hi": f"{row.name_hi}{mark}"}


def _correct(*, ghat: Block, by: Actor, at: datetime, **typed: Any) -> tuple[bool, list[Finding]]:
    """Whether a new version was made, and the warnings of the rule book."""
    version = ghat.version
    land = {name: value for name in LAND if (value := typed.pop(name))}
    corners = [list(corner) for corner in typed.pop("corners")]
    findings = correct_block(block=ghat, correction=RecordCorrection(land=land, corners=corners, **typed), by=by, at=at)
    return Block.objects.get(pk=ghat.pk).version != version, findings


def _done(is_changed: bool) -> str:
    return gettext("The record is corrected as a new version.") if is_changed else gettext("Nothing was changed.")


_FIELDS = (
    Field("river", "choice", _("River"), required=False, choices=_rivers, initial=_of_ghat("river"),
          help=_("On the rivers marked ★ the cap of clause 3(ii) holds.")),
    Field("area_ha", "decimal", _("Area (hectares)"), least=Decimal("0.001"), digits=9, places=3,
          initial=_of_ghat("area_ha")),
    Field("quantity_m3", "number", _("Sand a year (cubic metres)"), least=1, most=10**9,
          initial=_of_ghat("quantity_m3")),
    *(
        Field(name, "text", word, required=False, max_length=_LENGTHS.get(name, 120), initial=_of_land(name))
        for name, word in LAND_WORDS.items()
    ),
    Field("corners", "long_text", _("Corners, one a line: latitude, longitude"), max_length=10_000,
          help=_("Decimal degrees, or degrees, minutes and seconds, in the order of the boundary."),
          initial=_corners, read=read_corners),
    Field("reason", "text", _("Reason"), max_length=500),
    Field("reference", "text", _("Order number"), max_length=120),
)  # fmt: skip
declare(Act("ghat.correct", "", "GHT-02", _correct, _FIELDS, done=_done), place="record")
