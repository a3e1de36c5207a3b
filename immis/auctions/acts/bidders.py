"""What a bidder does for a lot: apply by form 3, hand in the papers of clause 7, bid (E-028, E-037…E-055, E-058)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, selectors, services
from immis.auctions.models import Lot, TechnicalBid
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Asked, Field, Gate, declare
from immis.core.errors import NotFound, Refusal, Unreadable
from immis.core.nouns import Page
from immis.reading import whole_number
from immis.rules.auctions.clauses import NO_CLAIM, no_claim_clauses
from immis.rules.catalogue import Finding
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import texts

__all__ = ["nouns"]

_KEY = "[A-Za-z0-9_-]{8,64}"
_MOST_YEARS = max(len(value.value["named_years"]) for value in book().entry("AUC-10").values)
_TURNOVER = tuple(f"turnover_{place}" for place in range(_MOST_YEARS))
#: The field of each clause that is ticked by itself, as the rule book has them on any day.
_CLAUSES = {row["key"]: f"accept_{row['key']}" for value in book().entry(NO_CLAIM).values for row in value.value}
#: The papers of clause 7 by their letter, as the rule book has them on any day.
_PAPERS = {row["letter"]: row["name"] for value in book().entry("AUC-14").values for row in value.value["documents"]}


@dataclass(frozen=True)
class HandedIn:
    """What became of the papers that were sent together: how many are kept."""

    bid: TechnicalBid
    kept: int


# -- form 3


def _own(lot: Lot, by: Actor) -> TechnicalBid | None:
    """The viewer's bid as it stands when a form is drawn: read once, though each field begins with a part of it."""
    if getattr(lot, "own_bid_of", None) != by.party_id:
        lot.own_bid_of, lot.own_bid = by.party_id, selectors.my_technical_bids(by).filter(lot=lot).first()
    bid: TechnicalBid | None = lot.own_bid
    return bid


def _years(lot: Lot) -> Sequence[str]:
    return list(book().value("AUC-10", lot.opens_at)["named_years"])


def _asks_year(place: int) -> Asked:
    return lambda lot, by, at: place < len(_years(lot))


def _year_named(place: int) -> Asked:
    return lambda lot, by, at: gettext("Turnover %(year)s in rupees") % {"year": _years(lot)[place]}


def _year_kept(place: int) -> Asked:
    def kept(lot: Lot, by: Actor, at: datetime) -> int | None:
        turnover = getattr(_own(lot, by), "turnover_rupees", ())
        return turnover[place] if place < len(turnover) else None

    return kept


def _account(lot: Lot, by: Actor, at: datetime) -> str:
    bid, bidder = _own(lot, by), selectors.bidder_of(by.party_id)
    return bid.bank_account if bid else bidder.party.bank_account if bidder else ""


def _written(name: str) -> Asked:
    def written(lot: Lot, by: Actor, at: datetime) -> str:
        bid = _own(lot, by)
        return str(bid.form.get(name, "")) if bid else ""

    return written


def _members(lot: Lot, by: Actor, at: datetime) -> str:
    members = getattr(_own(lot, by), "members", ())
    return "\n".join("; ".join([row["name"], row["pan"], *map(str, row["turnover_rupees"])]) for row in members)


def _read_members(text: str) -> list[dict[str, Any]]:
    """Joint bidders as the service takes them; a line that cannot be read is named."""
    members = []
    for row in [line.split(";") for line in text.splitlines() if line.strip()]:
        sums = [whole_number(amount.strip().replace(",", "")) for amount in row[2:]]
        if len(row) < 3 or None in sums:
            raise _odd_member(";".join(row)[:60])
        members.append({"name": row[0].strip(), "pan": row[1].strip(), "turnover_rupees": sums})
    return members


def _odd_member(line: str) -> Unreadable:
    return Unreadable(lambda: gettext("“%(line)s” cannot be read: name; PAN; turnover of each year.") % {"line": line})


def _apply(*, lot: Lot, by: Actor, at: datetime, **form: Any) -> TechnicalBid:
    bidder = selectors.bidder_of(by.party_id)
    if bidder is None:
        raise NotFound("registration for e-auctions")
    turnover = [form.pop(name) for name in _TURNOVER if name in form]
    accepted = [key for key, name in _CLAUSES.items() if form.pop(name, False)]
    written = {**form, "turnover_rupees": turnover, "accepted": accepted}
    return services.apply_for_lot(lot=lot, bidder=bidder, form=written, by=by, at=at)


def _clause_of(lot: Lot, key: str) -> Mapping[str, Any] | None:
    try:
        rows = no_claim_clauses(book(), lot.opens_at)
    except NotInForce:
        return None
    return next((row for row in rows if row["key"] == key), None)


def _asks_clause(key: str) -> Asked:
    return lambda lot, by, at: _clause_of(lot, key) is not None


def _clause_worded(key: str) -> Asked:
    def worded(lot: Lot, by: Actor, at: datetime) -> str:
        row = _clause_of(lot, key)
        return f"{row['clause']}: {row['text'][_language()]}" if row else key

    return worded


def _ticked(key: str) -> Asked:
    def ticked(lot: Lot, by: Actor, at: datetime) -> bool:
        bid = _own(lot, by)
        terms = bid.form.get("terms", {}) if bid else {}
        return any(row["key"] == key for row in terms.get("clauses", ()))

    return ticked


def _language() -> str:
    return "en" if (get_language() or "hi").startswith("en") else "hi"


def _to_lot(bid: TechnicalBid) -> Page:
    return Page("bidder_lot", (bid.lot.code,))


_FORM_3 = (
    Field(
        "bank_account",
        "text",
        _("Own bank account"),
        help=_("Earnest money counts only from this account."),
        max_length=30,
        initial=_account,
    ),
    Field(
        "emd_bank",
        "text",
        _("Bank and branch of the earnest money"),
        required=False,
        max_length=200,
        initial=_written("emd_bank"),
    ),
    *(
        Field(
            name,
            "rupees",
            _("Turnover of a year in rupees"),
            most=10**13,
            asked=_asks_year(place),
            named=_year_named(place),
            initial=_year_kept(place),
        )
        for place, name in enumerate(_TURNOVER)
    ),
    Field(
        "members",
        "long_text",
        _("Joint bidders"),
        required=False,
        help=_("One a line: name; PAN; turnover of each year, separated by semicolons."),
        max_length=4000,
        initial=_members,
        read=_read_members,
    ),
    Field(
        "gst",
        "choice",
        "GST",
        required=False,
        choices=(
            ("", "—"),
            ("registered", _("Registered, certificate attached")),
            ("undertaking", texts("papers/bidders")["gst_undertaking"]),
        ),
        initial=_written("gst"),
    ),
    Field(
        "no_dues",
        "choice",
        _("No dues"),
        required=False,
        choices=(
            ("", "—"),
            ("certificate", _("Certificate attached")),
            ("declaration", _("Declaration attached")),
        ),
        initial=_written("no_dues"),
    ),
    Field(
        "declared_by",
        "text",
        _("Name under the declaration"),
        required=False,
        help=_("I declare that the particulars are true and that I read and accept the terms."),
        max_length=160,
        initial=_written("declared_by"),
    ),
    Field(
        "terms_read",
        "yes_no",
        _("I read the terms of this notice and accept them; later objections do not count (clause 15)."),
    ),
    *(
        Field(
            name,
            "yes_no",
            _("A clause that is ticked by itself"),
            required=False,
            asked=_asks_clause(key),
            named=_clause_worded(key),
            initial=_ticked(key),
        )
        for key, name in _CLAUSES.items()
    ),
)


# -- papers


def _paper_named(letter: str) -> str:
    names = _PAPERS[letter]
    return f"({letter}) {names[_language()]}"


def _asks_paper(letter: str) -> Callable[[TechnicalBid, Actor, datetime], bool]:
    return lambda bid, by, at: any(paper.letter == letter for paper in selectors.papers_of(bid))


def _chosen(sent: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[Any, Any]:
    return {} if any(sent.values()) else {None: _("No file was chosen.")}


def _hand_in(*, application: TechnicalBid, by: Actor, at: datetime, **papers: Any) -> tuple[HandedIn, list[Finding]]:
    """Keep every paper that was chosen; each that is not taken is named with its reason."""
    handed = [services.HandedPaper(letter, file.name or "", file.read()) for letter, file in papers.items() if file]
    kept, findings = services.add_documents(bid=application, papers=handed, by=by, at=at)
    if not kept:
        raise Refusal(findings)
    return HandedIn(application, kept), [Finding(row.code, row.facts, severity="warning") for row in findings]


# -- bids


def _read_key(text: str) -> str:
    if not re.fullmatch(_KEY, text):
        raise ValueError(_KEY)
    return text


def _bid(
    *, lot: Lot, steps: int, expected: int | None, key: str, confirmed: bool, by: Actor, at: datetime
) -> services.BidAnswer:
    """Whether a bid fits is judged under the lock, at the instant that the database reads there; never before."""
    answer = services.place_bid(lot=lot, steps=steps, key=key, by=by, expected_highest=expected, confirmed=confirmed)
    if not answer.accepted:
        raise services.BidRefused(answer)
    return answer


declare(
    Act(
        "lot.bid",
        "",
        "AUC-05",
        _bid,
        (
            Field("steps", "number", _("Increments above the highest bid seen"), most=10**6),
            Field("expected", "rupees", _("Highest bid seen in rupees"), required=False, most=10**15),
            Field("key", "text", _("Key"), max_length=64, pattern=_KEY, read=_read_key),
            Field("confirmed", "yes_no", _("The amount is confirmed"), required=False),
        ),
    ),
    place="bid",
)
declare(
    Act(
        "lot.apply",
        _("Apply"),
        "AUC-10",
        _apply,
        _FORM_3,
        fits=(Gate("lot.applicant", gates.applicant_of), Gate("auction.apply", gates.programme_of_lot)),
        shared_grant="application.make",
        done=_("Your application is kept. Pay and upload the papers until the last date."),
        leads_to=_to_lot,
        makes="application",
    ),
    place="apply",
)
declare(
    Act(
        "application.hand_in",
        _("Upload"),
        "AUC-16",
        _hand_in,
        tuple(
            Field(letter, "file", lazy(_paper_named, str)(letter), required=False, asked=_asks_paper(letter))
            for letter in _PAPERS
        ),
        fits=(Gate("auction.apply", gates.programme_of_bid),),
        word="papers",
        shared_grant="application.make",
        check=_chosen,
        done=lambda handed: gettext("Papers kept: %(n)d.") % {"n": handed.kept},
    ),
    place="own",
)
