"""Meetings, their directions and who answers for one as nouns: how each is found, and its pages."""

from operator import attrgetter

from immis.core.nouns import Noun, Page, declare_noun
from immis.directions import selectors

declare_noun(
    Noun(
        "meeting",
        find=selectors.meeting_of,
        number=attrgetter("number"),
        district=lambda row: None,  # a meeting is the State's
        pages={
            "meeting": ("office_meeting",),
            "review": ("office_meeting_review",),
            "import": ("office_meetings",),
        },
        address="meetings",
        page=lambda number, facts: Page("office_meeting", (number,)),
    )
)
declare_noun(
    Noun(
        "direction",
        find=selectors.direction_of,
        number=attrgetter("number"),
        district=lambda row: None,
        pages={"direction": ("office_direction",)},
        address="directions",
        page=lambda number, facts: Page("office_direction", (number,)),
    )
)
declare_noun(
    Noun("assignment", page=lambda number, facts: Page("office_direction", (number.rpartition("-")[0] or number,)))
)
