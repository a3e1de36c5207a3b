"""Whose a PAN is: stated at sign-up, proved by its card before an office, moved to who lost it (E-018, E-026)."""

import io
import re

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse

from immis.auctions.services import register_bidder
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.ledger.services import NewDemand, begin_payment, raise_demand
from immis.messaging.models import Message
from immis.registry.models import PanProof, Party, User
from immis.registry.pans import decide_proof
from immis.registry.selectors import actor_of
from tests.auctions.season import APPLIED, make_season
from tests.web.signin.test_sign_up import NEW, NUMBERS, _ask

pytestmark = pytest.mark.django_db
CARD = b"%PDF-1.7\n% PAN card of "


@pytest.fixture
def season(db, data_dir, at):
    at.set(APPLIED)
    cache.clear()
    return make_season()


def _card(name: str) -> io.BytesIO:
    file = io.BytesIO(CARD + name.encode())
    file.name = f"{name}.pdf"
    return file


@pytest.fixture
def two(client, season) -> tuple[Party, Party]:
    """A squatter, who asked first, and the owner of the PAN."""
    _ask(client, email="squatter@example.org")
    _ask(client, email="owner@example.org", password="another-password-1")
    squatter, owner = Party.objects.filter(pan=NEW["pan"]).order_by("pk")
    return squatter, owner


def _as(client, party_or_name):
    user = User.objects.get(username=party_or_name) if isinstance(party_or_name, str) else party_or_name.users.get()
    client.force_login(user)
    client.cookies["immis_language"] = "en"
    return client


def _send(client, party, name="owner", district="Munger"):
    return _as(client, party).post("/bidder/pan", {"district": district, "card": _card(name)})


def _decide(client, officer, party, act="accept", reason="the card shows it"):
    proof = PanProof.objects.get(party=party, state="sent")
    return _as(client, officer).post(f"/office/pans/{proof.pk}/", {"act": act, "reason": reason})


def _mdo(season) -> str:
    return User.objects.get(posts__role="district", posts__office__district="Munger").username


def test_who_proves_first_owns_the_pan_and_the_other_is_refused_in_words(client, season, two):
    squatter, owner = two
    assert "PAN not proved" in _as(client, squatter).get("/bidder/").content.decode()
    assert _send(client, owner).status_code == 302
    mdo = _mdo(season)
    ways = _as(client, mdo).get("/more/").content.decode()
    assert re.search(r'"/office/pans/">\s*PAN cards\s*<b>1</b>', ways)
    page = client.get(f"/office/pans/{PanProof.objects.get().pk}/").content.decode()
    assert "squatter@example.org" in page and "owner@example.org" in page, "both claims side by side"
    assert _decide(client, mdo, owner, reason="").status_code == 422, "a decision has its reason"
    assert _decide(client, mdo, owner).status_code == 302
    assert [Party.objects.get(pk=one.pk).pan_proved_at is not None for one in two] == [False, True]
    assert ActionLog.objects.get(code="pan.accepted").facts["reason"] == "the card shows it"
    assert Message.objects.get(template="MSG-103").to_id == str(owner.pk)
    home = _as(client, squatter).get("/bidder/").content.decode()
    assert "PAN proved by another account" in home
    demand = raise_demand(
        demand=NewDemand(
            party=squatter,
            subject=("party", squatter.code),
            kind="fee",
            label={"en": "Fee", "hi": "Fee"},
            amount_paise=100,
            district="Munger",
        ),
        by=SYSTEM,
        at=APPLIED,
    )
    refused = client.post(reverse("pay", args=[demand.number]))
    assert refused.status_code == 409 and "hand in your PAN card" in refused.content.decode()
    assert demand.receipts.count() == 0


def test_the_other_account_neither_registers_nor_applies_nor_pays(season, two):

    squatter, owner = two
    Party.objects.filter(pk=owner.pk).update(pan_proved_at=APPLIED)
    by = actor_of(squatter.users.get())
    demand = raise_demand(
        demand=NewDemand(
            party=squatter,
            subject=("party", squatter.code),
            kind="fee",
            label={"en": "Fee", "hi": "Fee"},
            amount_paise=100,
            district="Munger",
        ),
        by=by,
        at=APPLIED,
    )
    for refused in (
        lambda: register_bidder(party=squatter, accept_terms=True, by=by, at=APPLIED),
        lambda: begin_payment(demand=demand, by=by, at=APPLIED, return_url="http://testserver/"),
    ):
        with pytest.raises(Refusal) as told:
            refused()
        assert told.value.findings[0].code == "REG-12"


def test_a_refused_card_is_told_and_another_may_follow(client, season, two):
    squatter = two[0]
    _send(client, squatter, "forged")
    _send(client, squatter, "forged-better")
    assert PanProof.objects.count() == 1, "one that is not decided yet is replaced"
    _decide(client, _mdo(season), squatter, act="refuse", reason="the name on it is another one")
    page = _as(client, squatter).get("/bidder/pan").content.decode()
    assert "the name on it is another one" in page and "Not accepted" in page
    assert Message.objects.filter(template="MSG-104", to_id=str(squatter.pk)).exists()
    assert _send(client, squatter, "third").status_code == 302


def test_a_lost_account_comes_back_by_the_card_and_the_old_address_is_told(client, season, two):
    """The owner's account is with a stranger, or its mailbox is lost: Collector or headquarters moves it."""
    lost = two[0]
    Party.objects.filter(pk=lost.pk).update(pan_proved_at=APPLIED)
    old_user = lost.users.get()
    client.logout()
    client.cookies["immis_language"] = "en"
    assert "/recover" in client.get("/login").content.decode()
    page = client.get("/recover").content.decode()
    first, second = re.search(r"How much is (\w+) plus (\w+)\?", page).groups()
    form = {**NEW, "email": "back@example.org", "district": "Munger", "card": _card("back"),
            "sum": NUMBERS[first.lower()] + NUMBERS[second.lower()],
            "sum_token": re.search(r'name="sum_token" value="([^"]+)"', page).group(1)}  # fmt: skip
    assert client.post("/recover", form).status_code == 200
    proof = PanProof.objects.select_related("party").get()
    new_user = proof.party.users.get()
    refused = _decide(client, _mdo(season), proof.party)
    assert refused.status_code == 409 and "Collector or headquarters" in refused.content.decode()
    assert lost.users.get() == old_user
    assert _decide(client, "hq", proof.party).status_code == 302
    lost.refresh_from_db()
    assert lost.users.get() == new_user and lost.email == "back@example.org" and lost.pan_proved_at
    told = Message.objects.get(template="MSG-105")
    assert told.deliveries.get(channel="email").address == "squatter@example.org"
    assert ActionLog.objects.filter(code="party.account_moved").count() == 1
    assert _as(client, old_user.username).get("/bidder/").status_code == 403


def test_another_districts_office_neither_sees_nor_decides(client, season, two):
    _send(client, two[1])
    proof = PanProof.objects.get()
    client.force_login(User.objects.get(posts__role="district", posts__office__district="Patna"))
    for address in (f"/office/pans/{proof.pk}/", f"/office/pans/{proof.pk}/card"):
        assert client.get(address).status_code == 404
    assert client.post(f"/office/pans/{proof.pk}/", {"act": "accept", "reason": "x"}).status_code == 404
    assert NEW["pan"] not in client.get("/office/pans/").content.decode()
    _as(client, two[0])
    assert client.get(f"/office/pans/{proof.pk}/card").status_code == 403


def test_the_database_knows_one_owner(two):
    Party.objects.filter(pk=two[0].pk).update(pan_proved_at=APPLIED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Party.objects.filter(pk=two[1].pk).update(pan_proved_at=APPLIED)

    proof = PanProof(party=two[1], district="Munger", document="a" * 64, sent_at=APPLIED)
    proof.save()

    with pytest.raises(NotPermitted):
        decide_proof(proof=proof, accept=True, reason="x", by=actor_of(two[1].users.get()), at=APPLIED)
