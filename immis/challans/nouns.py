"""An e-challan as a noun: how it is found by its number, and the page that shows it and its acts."""

from operator import attrgetter

from immis.challans import selectors
from immis.core.nouns import Noun, Page, declare_noun

declare_noun(
    Noun(
        "challan",
        find=selectors.challan_of,
        number=attrgetter("number"),
        district=attrgetter("lease.district"),
        pages={"challan": ("challan",)},
        address="challans",
        page=lambda number, facts: Page("challan", (number,)),
    )
)
