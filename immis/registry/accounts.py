"""User IDs for bidders who have none yet: asked for by themselves, told by e-mail only (clause 2(iv), E-018)."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from immis.core.errors import Refusal
from immis.core.permissions import SYSTEM
from immis.core.services import log_action
from immis.core.throttling import take
from immis.messaging.services import Recipient, send
from immis.registry.models import Party, User
from immis.registry.services import add_party, add_user, checked_pan
from immis.rules.catalogue import Finding
from immis.rules.policy import book

#: Which kinds of bidders there are (clause 4, E-024).
KINDS = tuple(kind for kind, _ in Party.KINDS)


def ask_user_id(
    *,
    kind: str,
    name_en: str,
    name_hi: str,
    pan: str,
    email: str,
    phone: str,
    password: str,
    network: str,
    at: datetime,
) -> User | None:
    """Issue a user ID to a new bidder, who chose his password; the ID goes to the e-mail address, which so is proved.

    A PAN that has an ID already gets no second one: that one is told to the address on record, and None is answered.
    The caller shows the same page for both. Raises Refusal (AUC-111 too many from one network, REG-01 no PAN).
    """
    terms, pan = book().value("AUC-111", at), checked_pan(pan)
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take({f"user-id:{network}": int(terms["most_from_one_network"])}, within=within, at=at):
        raise Refusal(Finding("AUC-111", {"minutes": terms["within_minutes"]}))
    asked = {"kind": kind, "name_en": name_en, "name_hi": name_hi, "pan": pan, "email": email, "phone": phone}
    with transaction.atomic():
        known = Party.objects.filter(pan=pan).order_by("pk").first()
        user, party = _issued(asked, password=password, keep=known is None, at=at)
        told = known.users.filter(is_active=True).order_by("pk").first() if known else user
        _tell(known or party, told, at=at)
    return None if known else user


class _TakenBack(Exception):
    """Ends the work for a PAN that has an ID already."""


def _issued(asked: dict[str, str], *, password: str, keep: bool, at: datetime) -> tuple[User, Party]:
    """The new user and party; where they are not kept, the same work is done and taken back, so that it takes as long.

    The time of the answer would tell who is registered otherwise: the hash of the password alone takes most of it.
    """
    try:
        with transaction.atomic():
            names = {name: asked[name] for name in ("name_en", "name_hi", "email")}
            user = add_user(username=_unused(), password=password, **names)
            party = add_party(code=user.username.lower(), users=[user], **asked)
            facts = {"party": party.code}
            log_action("user_id.issued", subject=("user", user.username), by=SYSTEM, at=at, facts=facts)
            if not keep:
                raise _TakenBack
    except _TakenBack:
        pass
    return user, party


def _unused() -> str:
    """A user ID that nobody has, and that nobody finds by counting."""
    while True:
        name = f"B{secrets.randbelow(10**8):08d}"
        if not User.objects.filter(username=name).exists():
            return name


def _tell(party: Party, user: User | None, *, at: datetime) -> None:
    if user is None:
        return
    to = Recipient("party", str(party.pk), email=party.email)
    facts = {"party": {"en": party.name_en, "hi": party.name_hi}, "user_id": user.username}
    send("MSG-102", to=to, facts=facts, at=at, subject=("user", user.username))
