"""Blocks and destinations: open data."""

from django.http import HttpRequest
from ninja import Router, Schema

from immis.registry import selectors
from immis.web.api.answers import OPEN

router = Router(tags=["registry"])


class BlockOut(Schema):
    """A mineral block; corners are [latitude, longitude] in degrees."""

    code: str
    serial: int
    name_en: str
    name_hi: str
    district: str
    area_ha: float
    quantity_m3: int
    corners: list[list[float]]
    version: int


class PlaceOut(Schema):
    """A destination or check post with its circle."""

    code: str
    name_en: str
    name_hi: str
    kind: str
    lat: float
    lon: float
    radius_m: int


@router.get("/blocks", response={200: list[BlockOut], **OPEN})
def blocks(request: HttpRequest, district: str | None = None) -> object:
    """All mineral blocks, or those of one district."""
    return selectors.blocks(**({"district": district} if district else {}))


@router.get("/blocks/{code}", response={200: BlockOut, **OPEN})
def block(request: HttpRequest, code: str) -> object:
    """One mineral block."""
    return selectors.block_of(code)


@router.get("/places", response={200: list[PlaceOut], **OPEN})
def places(request: HttpRequest, kind: str | None = None) -> object:
    """Destinations and check posts."""
    return selectors.places(kind)
