"""Words for technical bids and what becomes of earnest money, for the bidder's page and the office's."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.auctions import selectors
from immis.rules.districts import NAMES_HI
from immis.rules.posts import chart
from immis.rules.writing.texts import texts
from immis.web.shell import wording

#: state of a deposit or refund order -> chip, word, code of its rule
STATES: dict[str, tuple[str, Any, str]] = {
    "none": ("plain", gettext_lazy("Nothing held"), "AUC-07"),
    "held": ("info", gettext_lazy("Held"), "AUC-07"),
    "adjusted": ("good", gettext_lazy("Adjusted in the security deposit"), "AUC-21"),
    "to_return": ("info", gettext_lazy("To be returned"), "AUC-91"),
    "to_forfeit": ("bad", gettext_lazy("To be forfeited"), "AUC-90"),
    "forfeited": ("bad", gettext_lazy("Forfeited"), "AUC-90"),
    "ordered": ("warn", gettext_lazy("Return ordered"), "AUC-91"),
    "sent": ("warn", gettext_lazy("Sent to the treasury"), "AUC-91"),
    "failed": ("bad", gettext_lazy("Came back from the bank"), "AUC-91"),
    "paid": ("good", gettext_lazy("Returned"), "AUC-91"),
}


@dataclass(frozen=True)
class DepositWords:
    """One deposit as it is shown: chip, word, sum, rule and what more is to say."""

    chip: str
    word: str
    paise: int
    code: str
    note: str = ""


def deposit_words(deposit: Any) -> DepositWords:
    """A bidder's earnest money in a lot, in the reader's language."""
    chip, word, code = STATES[deposit.state]
    refund = deposit.refund
    return DepositWords(chip, str(word), refund.amount_paise if refund else deposit.held_paise, code, _note(deposit))


def _note(deposit: Any) -> str:
    refund = deposit.refund
    if refund and refund.state == "paid":
        return _("Paid on %(on)s, bank reference %(ref)s.") % {
            "on": wording.clock_time(refund.paid_at),
            "ref": refund.bank_ref,
        }
    if refund:
        return _("Order %(number)s to account %(account)s.") % {"number": refund.number, "account": refund.account}
    finding = deposit.forfeit or deposit.returned
    return wording.say(finding) if finding and deposit.state != "adjusted" else ""


def technical_chip(bid: Any, money: selectors.EmdState) -> tuple[str, str]:
    """Where a technical bid stands: chip state and word."""
    if bid.state == "passed":
        return "good", _("Technically successful")
    if bid.state == "failed":
        return "bad", _("Technically not successful")
    if not money.paid:
        return "warn", _("Payment due")
    missing = [paper for paper in selectors.papers_of(bid) if paper.required and not paper.document]
    return ("warn", _("Papers missing")) if missing else ("info", _("Under scrutiny"))


def named_beside(text: str) -> str:
    """A post or place as a notice writes it, for a reader of English with its English name before it."""
    if wording.lang() != "en" or text.isascii():
        return text
    known = [*texts("notices/named").values(), *(post.title for post in chart().posts.values())]
    names = {words["hi"]: words["en"] for words in known} | {hindi: name for name, hindi in NAMES_HI.items()}
    english = text
    for hindi in sorted(names, key=len, reverse=True):
        english = english.replace(hindi, names[hindi])
    return f"{english[:1].upper()}{english[1:]} ({text})" if english.isascii() else text
