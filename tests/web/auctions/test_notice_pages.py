"""A notice in public and at the desk: read in full, released, its document behind its fee, changed, written anew."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.auctions.models import Notice, TechnicalBid
from immis.core.models import ActionLog
from immis.messaging.models import Message
from tests.auctions.season import APPLIED, NOTICE, PDF, make_season

pytestmark = pytest.mark.django_db
HERE, SITE = "/notices/MUN-2026/", "https://state.bihar.gov.in/prdbihar/"
REASON = {"act": "programme", "reference": "DM/77", "reason": "Hall under repair"}


@pytest.fixture
def season(db, data_dir, at):
    at.set(APPLIED)
    return make_season()


@pytest.fixture
def as_(client, season):
    client.cookies["immis_language"] = "en"

    def signed(name):
        client.force_login(season.users[name])
        return client

    return signed


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\u00a0", " ")


@pytest.mark.flow
def test_a_notice_is_read_in_full_and_its_fee_opens_the_document(client, season, as_):
    desk = f"/office/notices/{Notice.objects.get().pk}/"
    officer = as_("mdo")
    wrong = officer.post(desk, {"act": "release", "release": "PR. No.002318", "release_url": "prdbihar"})
    assert wrong.status_code == 422 and "A link begins with https://" in words(wrong)
    assert officer.post(desk, {"act": "release", "release": "PR. No.1", "release_url": SITE}).status_code == 302
    assert officer.post(desk, {"act": "part", "part": "terms"}).status_code == 422
    for text in ("1. First text", "15. Later objection"):
        paper = SimpleUploadedFile("terms.pdf", PDF)
        sent = {"act": "part", "part": "terms", "text": text, "document": paper}
        assert officer.post(desk, sent).status_code == 302
    assert officer.get(f"{HERE}parts/terms").status_code == 200
    client.logout()
    client.cookies["immis_language"] = "en"
    assert f'href="{HERE}"' in client.get("/notices/").content.decode()
    notice = client.get(HERE)
    assert "Release number PR. No.1" in words(notice) and f'href="{SITE}"' in notice.content.decode()
    assert "15. Later objection" in words(notice) and "First text" not in words(notice)
    assert "Place of the pre-bid meeting" in words(notice) and "Issued by" in words(notice)
    refused = client.get(f"{HERE}parts/terms")
    assert refused.status_code == 409 and "/law/NTC-31/" in refused.content.decode()
    assert client.get(f"{HERE}parts/other").status_code == 404 == client.get("/notices/none/").status_code
    season.applied("asha")
    assert as_("asha").get(f"{HERE}parts/terms").status_code == 409
    season.pay(TechnicalBid.objects.get())
    assert b"".join(as_("asha").get(f"{HERE}parts/terms").streaming_content) == PDF


@pytest.mark.flow
def test_a_corrigendum_of_the_programme_has_a_reason_is_shown_and_told(client, season, as_):
    season.applied("asha")
    desk = f"/office/notices/{Notice.objects.get().pk}/"
    assert as_("mdo").post(desk, REASON).status_code == 403
    collector = as_("collector")
    late = collector.post(desk, {**REASON, "result_on": "2026-06-09"})
    assert late.status_code == 409 and "/law/NTC-05/" in late.content.decode() and "must come after" in words(late)
    assert "/law/NTC-30/" in collector.post(desk, REASON).content.decode()  # nothing would be another
    assert collector.post(desk, {**REASON, "reason": ""}).status_code == 422
    moved = {"prebid_venue": "Town hall", "last_date_at": "2026-05-30T17:00"}
    assert collector.post(desk, {**REASON, **moved}).status_code == 302
    shown = words(client.get(HERE))
    assert "Last date for EMD and documents: 30.05.2026 17:00" in shown and "29.05.2026 17:00" in shown
    assert "Place of the pre-bid meeting: Town hall" in shown and "Reason: Hall under repair" in shown
    (row,) = ActionLog.objects.filter(code="notice.programme_changed")
    assert row.facts["before"]["last_date_at"].startswith("2026-05-29")
    (message,) = Message.objects.filter(template="NTC-32")
    assert "30.05.2026 17:00" in str(message.facts)


def test_a_notice_is_written_from_the_last_one_and_checked_as_it_is_typed(client, season, as_):
    officer = as_("mdo")
    written = NOTICE.decode()
    assert "PR. No.002318" in officer.get("/office/notices/write/").content.decode()
    wrong = officer.post("/office/notices/check", {"text": written.replace("6885000", "6885001")})
    assert "NTC-" in wrong.content.decode() and "Cannot be taken in" in words(wrong)
    fine = officer.post("/office/notices/check", {"text": written})
    assert "Can be taken in" in words(fine) and Notice.objects.count() == 1
    assert "Cannot be read" in words(officer.post("/office/notices/check", {"text": "hello"}))
    report = officer.post("/office/notices/", {"text": written.replace("002318", "002319")})
    assert "Take in this notice" in words(report)
    assert officer.post("/office/notices/", {"act": "import"}).status_code == 302 and Notice.objects.count() == 2
    assert as_("checkpost").get("/office/notices/write/").status_code == 403
