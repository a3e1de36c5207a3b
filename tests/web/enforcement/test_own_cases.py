"""A case on the pages of its accused: his log-in, and the secret link with no log-in at all (A-15)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from immis.enforcement import services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case
from immis.enforcement.papers.link import token_of
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.enforcement import world as made
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, at):
    at.set(NOON)
    return made.build()


@pytest.fixture
def case(world) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    return services.send_notice(Case.objects.get(), by=world.actors["district"], at=NOON)


def _login(client, world, role):
    client.force_login(world.users[role])
    client.cookies[LANGUAGE_COOKIE] = "hi"
    return client


def _text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def _scan(content=b"%PDF-1.7 complaint"):
    return SimpleUploadedFile("fir.pdf", content, "application/pdf")


def test_without_a_login_the_link_shows_the_case_and_takes_a_reply_with_a_document(client, world, case):
    address = reverse("case_link", args=[token_of(case)])
    page = client.get(address)
    assert page["Referrer-Policy"] == "no-referrer" and "23.10.2026" in _text(page)
    paper = client.get(reverse("case_link_paper", args=[token_of(case), f"{case.number}-N1"]))
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
    wrong = client.post(address, {"reply": "ढक्कन टूटा", "document": _scan(b"MZ no paper")})
    assert wrong.status_code == 422 and not case.replies.exists()
    assert client.post(address, {"reply": "ढक्कन टूटा", "document": _scan()}).status_code == 302
    assert "ढक्कन टूटा" in _text(client.get(address))
    again = client.post(address, {"reply": "और"})
    assert again.status_code == 422 and case.replies.count() == 1
    officer = _login(client, world, "district")
    shown = officer.get(reverse("office_case", args=[case.number]))
    assert "ढक्कन टूटा" in _text(shown) and "SMS के लिंक से" in _text(shown)
    sha256 = case.replies.get().documents[0]
    handed = officer.get(reverse("office_case_file", args=[case.number, sha256]))
    assert b"".join(handed.streaming_content) == b"%PDF-1.7 complaint"


@pytest.mark.parametrize("token", ["x", "0" * 40, "ठ"])
def test_a_wrong_link_opens_nothing(client, world, token):
    assert client.get(f"/c/{token}").status_code == 404


def test_the_owner_answers_from_his_login_and_nobody_else_sees_it(client, world, case):
    page, owner = reverse("own_case", args=[case.number]), _login(client, world, "owner")
    assert "नोटिस का उत्तर दें" in _text(owner.get(page))
    assert owner.post(page, {"act": "answer", "reply": "ढक्कन टूटा", "document": _scan()}).status_code == 302
    assert "लॉगिन से" in _text(owner.get(page))
    assert owner.get(reverse("own_case_paper", args=[case.number, f"{case.number}-N1"])).status_code == 200
    other = _login(client, world, "party")
    for name, more in (("own_case", []), ("own_case_paper", [f"{case.number}-N1"]), ("own_case_file", ["ab" * 32])):
        assert other.get(reverse(name, args=[case.number, *more])).status_code == 404


def test_proof_of_service_is_entered_by_the_office_with_its_scan(client, world, case):
    officer = _login(client, world, "district")
    sent = {"act": "service", "way": "post", "served_on": "16.10.2026", "reference": "RP 77", "document": _scan()}
    assert officer.post(reverse("office_case", args=[case.number]), sent).status_code == 302
    assert "RP 77" in _text(officer.get(reverse("office_case", args=[case.number])))
