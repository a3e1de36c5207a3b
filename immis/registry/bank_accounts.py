"""The bank accounts from which a party may pay: declared with a paper, decided by a district's office (E-083)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import may, require_grant
from immis.core.papers import uploads
from immis.core.scope import visible
from immis.core.services import log_action
from immis.messaging.services import Recipient, send
from immis.registry.models import Party, PartyAccount
from immis.registry.selectors import party_of
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.rules.registry.accounts import DecisionFacts, DeclaredFacts
from immis.rules.writing.offices import western_digits

#: Whose an account may be; which of them for a kind of party says REG-21.
RELATIONS = ("own", "partner", "managing_director", "director")
_OPEN = (PartyAccount.SENT, PartyAccount.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class DeclaredAccount:
    """A bank account as its passbook or cheque shows it, and the district whose office looks at it."""

    relation: str
    holder: str
    bank: str
    number: str
    ifsc: str
    district: str


def accounts(viewer: Actor, **filters: object) -> QuerySet[PartyAccount]:
    """Declared accounts: the own ones of a party, those handed in to the own district's office; newest first."""
    reach = visible(viewer, "account.list", party="party")
    return PartyAccount.objects.filter(reach, **filters).select_related("party")


def open_account_count(viewer: Actor) -> int:
    """How many declared accounts wait for this post to decide."""
    return accounts(viewer, state=PartyAccount.SENT).count() if may(viewer, "account.decide") else 0


def account_of(pk: str, viewer: Actor) -> PartyAccount:
    """One declared account. Raises NotFound unless this viewer may see it."""
    row = accounts(viewer, pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) <= 15 else None
    if row is None:
        raise NotFound(f"account {pk}")
    return row


def accepted_accounts(party: Party) -> Sequence[str]:
    """The numbers of the accounts that a party may pay from: its own, and accepted ones of partners or directors."""
    rows = PartyAccount.objects.filter(party=party, state=PartyAccount.ACCEPTED).order_by("pk")
    return list(dict.fromkeys(filter(None, (party.bank_account, *rows.values_list("number", flat=True)))))


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", western_digits(text)).upper()


@transaction.atomic
def declare_account(account: DeclaredAccount, *, content: bytes, by: Actor, at: datetime) -> PartyAccount:
    """Declare an account of the own party, with its cancelled cheque or passbook.

    Raises Refusal (REG-21 whose it may be, REG-22 how it is written, UPL-02), NotPermitted for who acts for no party.
    """
    require_grant(by, "account.declare")
    if not by.party_id:
        raise NotPermitted("a bank account is declared by its party")
    party = Party.objects.select_for_update(no_key=True).get(pk=party_of(by.party_id).pk)
    number, ifsc = _plain(account.number), _plain(account.ifsc)
    known = PartyAccount.objects.filter(party=party, number=number, ifsc=ifsc, state__in=_OPEN).exists()
    facts = DeclaredFacts(party.kind, account.relation, number, ifsc, known)
    if findings := find("account.declare", facts, policy=book(), at=at):
        raise Refusal(findings)
    uploads.admit(party_id=party.pk, size_bytes=len(content), at=at)
    sha256 = uploads.keep(content, at=at, party_id=party.pk, place=f"account:{party.pk}:{number}")
    fields = {**vars(account), "number": number, "ifsc": ifsc, "document": sha256}
    row = PartyAccount.objects.create(party=party, sent_at=at, **fields)
    log_action("account.declared", subject=("party", party.code), by=by, at=at, facts=fields)
    return row


@transaction.atomic
def decide_account(*, account: PartyAccount, accept: bool, reason: str, by: Actor, at: datetime) -> PartyAccount:
    """Accept a declared account, or not, with the reason; the newest accepted own one is that to which money goes back.

    Raises Refusal (REG-23), NotPermitted for another district's.
    """
    require_grant(by, "account.decide", district=account.district)
    row = _locked(account, "accept" if accept else "refuse", reason=reason, at=at)
    row.state = PartyAccount.ACCEPTED if accept else PartyAccount.REFUSED
    _keep(row, reason, by=by, at=at)
    uploads.stand_for_good(row.document)
    if accept and row.relation == "own":
        _pay_back_to(row.party, row.number, by=by, at=at)
    outcome = book().words("MSG-106", row.state)
    names = {"en": row.party.name_en, "hi": row.party.name_hi}
    told = {"account": f"…{row.number[-4:]}", "party": names, "outcome": outcome, "reason": row.reason}
    to = Recipient("party", str(row.party_id), email=row.party.email)
    send("MSG-106", to=to, facts=told, at=at, subject=("party", row.party.code))
    return row


@transaction.atomic
def close_account(*, account: PartyAccount, reason: str, by: Actor, at: datetime) -> PartyAccount:
    """Close an account: what is paid from it later needs a reason again; the party itself may do it, and the office.

    Raises Refusal (REG-23), NotPermitted for another party's or district's.
    """
    if by.party_id:
        require_grant(by, "account.declare")
        if by.party_id != account.party_id:
            raise NotPermitted(f"account {account.pk} is of another party")
    else:
        require_grant(by, "account.decide", district=account.district)
    row = _locked(account, "close", reason=reason, at=at)
    row.state = PartyAccount.CLOSED
    _keep(row, reason, by=by, at=at)
    if row.party.bank_account == row.number:
        own = PartyAccount.objects.filter(party=row.party, state=PartyAccount.ACCEPTED, relation="own").first()
        _pay_back_to(row.party, own.number if own else "", by=by, at=at)
    return row


def _locked(account: PartyAccount, wants: str, *, reason: str, at: datetime) -> PartyAccount:
    row = PartyAccount.objects.select_for_update(of=("self",)).select_related("party").get(pk=account.pk)
    facts = DecisionFacts(row.number, row.state, wants, reason.strip())
    if findings := find("account.decide", facts, policy=book(), at=at):
        raise Refusal(findings)
    return row


def _keep(row: PartyAccount, reason: str, *, by: Actor, at: datetime) -> None:
    row.decided_at, row.decided_by, row.reason = at, by.user_id, reason.strip()[:300]
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    facts = {"account": row.number, "relation": row.relation, "reason": row.reason}
    log_action(f"account.{row.state}", subject=("party", row.party.code), by=by, at=at, facts=facts)


def _pay_back_to(party: Party, number: str, *, by: Actor, at: datetime) -> None:
    """Note to which own account money goes back from now on."""
    if party.bank_account != number:
        facts = {"before": {"bank_account": party.bank_account}, "after": {"bank_account": number}}
        party.bank_account = number
        party.save(update_fields=["bank_account"])
        log_action("party.changed", subject=("party", party.code), by=by, at=at, facts=facts)
