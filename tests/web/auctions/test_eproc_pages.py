"""The bridge to E-Proc at the desk: give a signed export, read the differences, take over, in both languages."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.adapters.eproc.reading import export_json
from immis.adapters.eproc.signing import new_key, sign
from immis.auctions.models import EprocExport, Lot
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.leases.models import Lease
from tests.auctions.season import Season, make_season
from tests.auctions.test_eproc import AFTER, auction_of, differing_export

pytestmark = pytest.mark.django_db
PRIVATE, PUBLIC = new_key()


@pytest.fixture
def season(db, data_dir, at, settings) -> Season:
    settings.EPROC_PUBLIC_KEYS = [PUBLIC]
    at.set(AFTER)
    return make_season()


def text_of(response):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def give(client, season, content, *, who="mdo", signature=None, as_text=False):
    client.force_login(season.users[who])
    signed = sign(content, private_key=PRIVATE) if signature is None else signature
    given = {"file": SimpleUploadedFile("EP-1.json", content)}
    if as_text:
        given["text"] = signed
    else:
        given["signature"] = SimpleUploadedFile("EP-1.json.sig", signed.encode())
    return client.post("/office/eproc/", given)


@pytest.mark.parametrize("as_text", [True, False])
def test_an_officer_gives_a_signed_export_and_reads_the_check(client, season, as_text):
    answer = give(client, season, differing_export(), as_text=as_text)
    assert answer.status_code == 302
    shown = client.get(answer["Location"])
    assert "भिन्न" in text_of(shown) and "राशि: कथित ₹ 1" in text_of(shown)
    client.cookies["immis_language"] = "en"
    english = text_of(client.get(answer["Location"]))
    assert "Differs" in english and "Agrees, to be taken over" in english
    assert "E-Proc's result is not what the rules make of its bid log" in english


def test_an_unsigned_export_is_refused_in_words(client, season):
    client.cookies["immis_language"] = "en"
    answer = give(client, season, export_json(auction_of()), signature="ed25519:AAAA")
    assert answer.status_code == 409 and "Nothing was taken in" in text_of(answer)
    assert give(client, season, b"no export", signature="").status_code in (409, 422)
    assert client.post("/office/eproc/", {}).status_code == 422
    assert not EprocExport.objects.exists()


def test_ticked_results_become_settlements_and_the_rest_waits(client, season):
    page = give(client, season, differing_export())["Location"]
    export = EprocExport.objects.get()
    differs, second, third = export.outcomes.order_by("serial")
    assert client.get(page).content.decode().count('name="seen"') == 2
    assert client.post(page, {"seen": [second.pk, differs.pk]}).status_code == 302
    assert [lease.lot_code for lease in Lease.objects.all()] == ["MUN-2026-02"]
    said = text_of(client.get(page))
    assert "1 परिणाम लिया गया" in said and "1. " in said
    assert Lot.objects.get(serial=3).result == "open"
    client.post(page, {"seen": [second.pk, "x", "9" * 30]})
    client.post(page, {})
    assert Lease.objects.count() == 1
    assert third.state == "agreed"


def test_a_lot_taken_over_shows_its_result_and_its_paper_like_any_other(client, season):
    page = give(client, season, export_json(auction_of()))["Location"]
    before = client.get("/auctions/MUN-2026-01/")
    assert "आवेदन एवं बोली वहीं" in text_of(before)
    assert "card reason" not in before.content.decode()  # no result is claimed before it is known
    assert client.get("/auctions/MUN-2026-01/minutes.pdf").status_code == 404
    export = EprocExport.objects.get()
    client.post(page, {"seen": [export.outcomes.get(serial=1).pk]})
    room = text_of(client.get("/auctions/MUN-2026-01/"))
    assert "उच्चतम बोलीदाता तय" in room
    assert client.get("/auctions/MUN-2026-01/minutes.pdf").content.startswith(b"%PDF")


def test_who_may_see_and_take_over(client, season):
    page = give(client, season, export_json(auction_of()))["Location"]
    outcome = EprocExport.objects.get().outcomes.first()
    client.force_login(season.users["patna"])
    assert client.get(page).status_code == 404
    assert client.post(page, {"seen": [outcome.pk]}).status_code == 404
    client.force_login(season.users["hq"])
    assert 'name="seen"' not in client.get(page).content.decode()
    client.post(page, {"seen": [outcome.pk]})
    assert not Lease.objects.exists()
    for name in ("checkpost", "monitor"):
        client.force_login(season.users[name])
        assert client.get("/office/eproc/").status_code == 403


def test_the_list_filters_and_can_be_taken_along(client, season):
    page = give(client, season, differing_export())["Location"]
    assert "EP-1" in text_of(client.get("/office/eproc/?state=differs"))
    give(client, season, export_json(auction_of()))  # the corrected export takes its place
    listed = client.get("/office/eproc/?state=differs").content.decode()
    assert page not in listed
    assert EprocExport.objects.first().sha256 in client.get("/office/eproc/?format=csv").content.decode()
    assert client.get(f"{page}?format=xlsx")["Content-Type"].endswith("sheet")


def test_the_task_leads_to_the_export(client, season):
    page = give(client, season, differing_export())["Location"]
    run_triggers(at=AFTER)
    for task in Task.objects.all():
        shown = client.get(f"/office/tasks/{task.pk}/")
        assert page in shown.content.decode() and "EP-1" in text_of(shown)
    assert "भिन्न" in text_of(client.get("/office/"))
