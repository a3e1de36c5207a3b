"""What the office publishes of a notice: its release, tender document, corrigenda of its programme (E-012, E-059)."""

from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns
from immis.auctions.services import publication
from immis.auctions.services.publication import PARTS
from immis.auctions.steps import day_of, instant_of
from immis.core.acts import Act, Asked, Field, Gate, declare
from immis.core.errors import Unreadable

__all__ = ["nouns"]


def _kept(name: str) -> Asked:
    return lambda notice, by, at: getattr(notice, name)


def _step(name: str) -> Asked:
    """What the programme says of a step now."""
    read: Any = instant_of if name.endswith("_at") else day_of if name.endswith("_on") else dict.get
    return lambda notice, by, at: read(notice.programme, name)


def _read_link(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        raise Unreadable(lambda: gettext("A link begins with https:// and names a site."))
    return text


declare(
    Act(
        "notice.set_release",
        _("Release number and link"),
        "NTC-18",
        publication.set_release,
        (
            Field("release", "text", _("Release number"), max_length=120, initial=_kept("release")),
            Field(
                "release_url",
                "text",
                _("Link on the public relations site"),
                required=False,
                initial=_kept("release_url"),
                read=_read_link,
            ),
        ),
        word="release",
        done=_("The release is kept with the notice."),
    ),
    Act(
        "notice.add_part",
        _("Add a paper of the tender document"),
        "NTC-31",
        publication.add_part,
        (
            Field("part", "choice", _("Part"), choices=tuple(PARTS.items())),
            Field("text", "long_text", _("Text that everybody can read"), required=False, max_length=60_000),
            Field("document", "document", _("File (PDF, JPG, PNG)"), required=False, read=publication.part_file),
        ),
        word="part",
        check=lambda sent, by, at: (
            {} if sent.get("text") or sent.get("document") else {"text": _("Write the text, or choose a file.")}
        ),
        done=_("The paper is published with the notice."),
    ),
    Act(
        "notice.change_programme",
        _("Corrigendum of the programme"),
        "NTC-30",
        publication.change_programme,
        (
            Field("prebid_at", "instant", _("Pre-bid meeting"), required=False, initial=_step("prebid_at")),
            Field(
                "prebid_venue",
                "text",
                _("Place of the pre-bid meeting"),
                required=False,
                initial=_step("prebid_venue"),
            ),
            Field(
                "documents_from_on",
                "day",
                _("Download of tender documents from"),
                required=False,
                initial=_step("documents_from_on"),
            ),
            Field(
                "last_date_at",
                "instant",
                _("Last date for earnest money and documents"),
                required=False,
                initial=_step("last_date_at"),
            ),
            Field("result_on", "day", _("List of technical results"), required=False, initial=_step("result_on")),
            Field("reason", "long_text", _("Reason (published)"), max_length=600),
            Field("reference", "text", _("Order number"), max_length=120),
        ),
        fits=(Gate("notice.change_programme", gates.change_of),),
        word="programme",
        done=_("The corrigendum is published; everybody who applied is told."),
    ),
    place="notice",
)
