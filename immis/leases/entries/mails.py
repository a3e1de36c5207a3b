"""E-mails of settlees in their register: whose they are, and that each is entered once (clause 42(i), E-127)."""

from datetime import datetime

from immis.core.errors import Refusal
from immis.leases.selectors import lease_of
from immis.registers.hooks import Draft, before
from immis.registers.selectors import Entry, having
from immis.registers.services import Unfit
from immis.rules.calendar import INDIA
from immis.rules.catalogue import find
from immis.rules.leases.life import MailFacts
from immis.rules.policy import book

MAILS = "settlee_mails"


@before(MAILS, "enter")
def complete_mail(draft: Draft) -> None:
    """The settlee whose it is; the same e-mail again answers the first entry. Raises Refusal (LSE-69), Unfit."""
    values = draft.values
    lease = lease_of(values["lease"], draft.by)
    if datetime.fromisoformat(values["sent_at"]) > draft.at:
        raise Unfit({"sent_at": ("great", f"{draft.at.astimezone(INDIA):%d.%m.%Y %H:%M}")})
    facts = MailFacts(lease.number, values["sender"], lease.party.email)
    if findings := find("lease.mail", facts, policy=book(), at=draft.at):
        raise Refusal(findings)
    draft.district, draft.party_id = lease.district, lease.party_id
    draft.key = f"{MAILS}:{lease.number}:{values['sent_at']}:{values['subject']}"[:160]


def mails_from_settlee(number: str) -> list[Entry]:
    """The e-mails of a settlee about a settlement. The caller has checked that the viewer may see it."""
    return list(having(MAILS, "lease", [number]))
