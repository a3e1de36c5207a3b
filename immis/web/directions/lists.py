"""Where meetings and their directions stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way(
        "office_directions",
        _("Directions of meetings"),
        "officer.desk",
        40,
        record=("office_direction",),
        nouns=("direction",),
    ),
    Way(
        "office_meetings",
        _("Meetings and minutes"),
        "officer.office",
        80,
        record=("office_meeting", "office_meeting_review"),
        nouns=("meeting",),
    ),
    Way("office_directions_board", _("Directions: open and late"), "officer.boards", 80),
)
