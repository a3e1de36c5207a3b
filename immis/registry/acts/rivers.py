"""What a post may do to the register of rivers: enter one, and change its spellings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.registry.rivers import KnownRiver
from immis.registry.services import rivers


def _read_spellings(text: str) -> Sequence[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _of_river(name: str) -> Any:
    return lambda river, by, at: getattr(river, name) if river else ""


def _spellings(river: KnownRiver | None, by: Actor, at: datetime) -> str:
    return ", ".join(river.spellings) if river else ""


_NAME_HI = Field("name_hi", "text", _("Name in Hindi"), max_length=40, initial=_of_river("name_hi"))
_SPELLINGS = Field(
    "spellings",
    "text",
    _("Other spellings, with commas between"),
    required=False,
    max_length=300,
    initial=_spellings,
    read=_read_spellings,
)


def _to_rivers(river: Any) -> Page:
    return Page("rivers")


declare(
    Act(
        "river.enter",
        "",
        "GHT-04",
        rivers.enter_river,
        (
            Field("name_en", "text", _("Name in English"), max_length=40, initial=_of_river("name_en")),
            _NAME_HI,
            _SPELLINGS,
        ),
        done=_("The river is entered; ghats can now be said to lie on it."),
        leads_to=_to_rivers,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "river.change",
        _("Change the spellings"),
        "GHT-04",
        rivers.change_river,
        (_NAME_HI, _SPELLINGS, Field("reason", "text", _("Reason"), max_length=300)),
        fits=(Gate("river.change", rivers.kept_river),),
        shared_grant="river.enter",
    ),
    place="river",
)
