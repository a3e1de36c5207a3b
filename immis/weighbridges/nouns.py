"""The weighbridge as a noun: how it is found by its number, and the pages that show it and its acts."""

from operator import attrgetter

from immis.core.events import Names
from immis.core.nouns import Noun, Page, declare_noun
from immis.weighbridges.models import Bridge
from immis.weighbridges.selectors import bridge_of


def _title(number: str) -> Names:
    row = Bridge.objects.filter(number=number).first()
    return {"en": row.name_en, "hi": row.name_hi} if row else {"en": number, "hi": number}


declare_noun(
    Noun(
        "weighbridge",
        find=bridge_of,
        number=attrgetter("number"),
        title=_title,
        pages={"new": ("weighbridge_new",), "weighbridge": ("weighbridge",)},
        address="weighbridges",
        page=lambda number, facts: Page("weighbridge", (number,)),
    )
)
