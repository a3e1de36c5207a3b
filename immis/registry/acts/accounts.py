"""What is done with bank accounts: a party declares and closes them, a district's office decides."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.registry import bank_accounts
from immis.registry.acts.common import district_choices
from immis.registry.models import PartyAccount
from immis.registry.selectors import party_of
from immis.rules.policy import book
from immis.rules.registry.accounts import DecisionFacts

_REASON = Field("reason", "text", _("Reason"), max_length=300)


def relations_of(kind: str, at: datetime) -> list[tuple[str, Any]]:
    """Whose account a party of a kind may pay from, in words."""
    return [(name, book().words("REG-21", name)) for name in book().value("REG-21", at)[kind]]


def _relations(account: None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return relations_of(party_of(by.party_id).kind, at) if by.party_id else []


def _holder(account: None, by: Actor, at: datetime) -> str:
    return party_of(by.party_id).name_en if by.party_id else ""


def _declare(*, proof: Any, by: Actor, at: datetime, **typed: str) -> PartyAccount:
    return bank_accounts.declare_account(bank_accounts.DeclaredAccount(**typed), content=proof.read(), by=by, at=at)


def _accept(*, account: PartyAccount, reason: str, by: Actor, at: datetime) -> PartyAccount:
    return bank_accounts.decide_account(account=account, accept=True, reason=reason, by=by, at=at)


def _refuse(*, account: PartyAccount, reason: str, by: Actor, at: datetime) -> PartyAccount:
    return bank_accounts.decide_account(account=account, accept=False, reason=reason, by=by, at=at)


def _gate(wants: str) -> Gate:
    """Whether an account can be decided on so, whatever the reason will be."""
    return Gate("account.decide", lambda account, by, at: DecisionFacts(account.number, account.state, wants))


def _to_accounts(account: PartyAccount) -> Page:
    return Page("bank_accounts")


_DECLARED = (
    Field("relation", "choice", _("Whose account"), choices=_relations),
    Field("holder", "text", _("Name of the holder"), max_length=160, initial=_holder),
    Field("bank", "text", _("Bank and branch"), max_length=120),
    Field("number", "text", _("Account number"), max_length=40),
    Field("ifsc", "text", "IFSC", max_length=20),
    Field(
        "district",
        "choice",
        _("District whose office looks at it"),
        choices=district_choices,
    ),
    Field("proof", "document", _("Cancelled cheque or passbook (PDF, JPG, PNG)")),
)
declare(
    Act(
        "account.declare",
        _("Declare a bank account"),
        "REG-21",
        _declare,
        _DECLARED,
        done=_("The account is with the office."),
        leads_to=_to_accounts,
        opens=True,
    ),
    place="new",
)
declare(
    Act("account.accept", _("Accept"), "REG-22", _accept, (_REASON,), (_gate("accept"),),
        shared_grant="account.decide"),
    Act("account.refuse", _("Do not accept"), "REG-22", _refuse, (_REASON,), (_gate("refuse"),),
        shared_grant="account.decide"),
    Act("account.close_for", _("Close this account"), "REG-23", bank_accounts.close_account, (_REASON,),
        (_gate("close"),), shared_grant="account.decide"),
    place="office",
)  # fmt: skip
declare(
    Act("account.close", _("Close this account"), "REG-23", bank_accounts.close_account, (_REASON,), (_gate("close"),),
        shared_grant="account.declare", leads_to=_to_accounts),
    place="own",
)  # fmt: skip
