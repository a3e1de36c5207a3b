"""Where a fence lies and what it is called: ghats, places and drawn fences by the ids that the gateway uses."""

from immis.registry import fences
from immis.registry import selectors as registry


def fence_districts() -> dict[str, str]:
    """The district of each fence that has one, by the fence's id."""
    districts = {f"ghat:{code}": district for code, district in registry.blocks().values_list("code", "district")}
    districts |= {f"place:{code}": district for code, district in registry.places().values_list("code", "district")}
    return districts | {fence: district for fence, _hi, _en, district in fences.names_and_districts()}


def fence_names() -> dict[str, dict[str, str]]:
    """The name of each fence in both languages, by the fence's id."""
    ghats = {f"ghat:{block.code}": {"hi": block.name_hi, "en": block.name_en} for block in registry.blocks()}
    places = {f"place:{place.code}": {"hi": place.name_hi, "en": place.name_en} for place in registry.places()}
    return ghats | places | {fence: {"hi": hi, "en": en} for fence, hi, en, _district in fences.names_and_districts()}
