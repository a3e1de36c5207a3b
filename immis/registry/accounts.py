"""User IDs for bidders who have none yet: asked for by themselves, told by e-mail only (clause 2(iv), E-018)."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from immis.core.access.permissions import SYSTEM
from immis.core.access.throttling import take
from immis.core.errors import Refusal
from immis.core.services import log_action
from immis.messaging.services import Recipient, send
from immis.registry.models import Party, User
from immis.registry.pans import send_proof
from immis.registry.services import NewParty, add_party, add_user, checked_pan
from immis.rules.catalogue import Finding
from immis.rules.policy import book

#: Which kinds of bidders there are (clause 4, E-024).
KINDS = tuple(kind for kind, _ in Party.KINDS)


@dataclass(frozen=True)
class Applicant:
    """Who asks for a user ID: the kind of bidder, names, PAN, where he is reached, and the password that he chose."""

    kind: str
    name_en: str
    name_hi: str
    pan: str
    email: str
    phone: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class PanCard:
    """A PAN card as it is handed in, and the district whose office looks at it."""

    content: bytes
    district: str


def ask_user_id(applicant: Applicant, *, network: str, at: datetime, card: PanCard | None = None) -> User:
    """Issue a user ID to a bidder, who chose his password; the ID goes to the e-mail address, which so is proved.

    Nothing is proved of the PAN: whoever states it gets an account, the same work is done for a known PAN and a new
    one, and who shows the document owns it (``registry.pans``); with a ``card`` it is handed in at once, as who lost
    his log-in does. Raises Refusal (AUC-111 too many from one network, REG-01 no PAN, UPL-02).
    """
    terms, pan = book().value("AUC-111", at), checked_pan(applicant.pan)
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take({f"user-id:{network}": int(terms["most_from_one_network"])}, within=within, at=at):
        raise Refusal(Finding("AUC-111", {"minutes": terms["within_minutes"]}))
    with transaction.atomic():
        names = {"name_en": applicant.name_en, "name_hi": applicant.name_hi, "email": applicant.email}
        user = add_user(username=_unused(), password=applicant.password, **names)
        applied = NewParty(code=user.username.lower(), kind=applicant.kind, pan=pan, phone=applicant.phone, **names)
        party = add_party(party=applied, users=[user], proved=False, at=at)
        facts = {"party": party.code}
        log_action("user_id.issued", subject=("user", user.username), by=SYSTEM, at=at, facts=facts)
        if card:
            send_proof(party=party, district=card.district, content=card.content, by=SYSTEM, at=at)
        _tell(party, user, at=at)
    return user


def _unused() -> str:
    """A user ID that nobody has, and that nobody finds by counting."""
    while True:
        name = f"B{secrets.randbelow(10**8):08d}"
        if not User.objects.filter(username=name).exists():
            return name


def _tell(party: Party, user: User, *, at: datetime) -> None:
    to = Recipient("party", str(party.pk), email=party.email)
    facts = {"party": {"en": party.name_en, "hi": party.name_hi}, "user_id": user.username}
    send("MSG-102", to=to, facts=facts, at=at, subject=("user", user.username))
