"""Orders, notices, holds, the ghat's record and the flow chart through the pages: forms, roles, Hindi."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.core.access.permissions import SYSTEM
from immis.holds.models import Hold, Suspension
from immis.leases import life, selectors, services
from immis.leases.models import Lease, LeaseNotice
from immis.leases.services import orders
from immis.messaging.services import send
from immis.registry.corrections import versions_of
from immis.registry.models import Block, BlockVersion
from immis.registry.selectors import recipient_of
from tests.settlement import india, treasury, world
from tests.web.leases.test_lease_pages import CODE, signed_in, text

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
MAILS = f"/leases/{CODE}/mails/"
OFFICE, MINE, GHAT = f"/office/leases/{CODE}/life/", f"/settlee/leases/{CODE}/life/", f"/office/ghats/{CODE}/"
PDF = b"%PDF-1.7 order"


def paper(content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile("order.pdf", content, content_type="application/pdf")


def test_who_sees_which_page(world, at):
    lease = world.mining()
    at.set(india("2026-10-20"))
    services.suspend_stop(
        lease=lease,
        order=services.SuspensionOrder(
            rule_code="HLD-01",
            cause="x",
            authority="court",
            reference="C/1",
            document="ab" * 32,
            until=india("2026-11-20"),
        ),
        by=world.actor("collector"),
        at=at(),
    )
    readers = {"mdo", "collector", "hq", "monitor"}
    pages = {
        OFFICE: readers,
        MINE: {"settlee"},
        GHAT: readers,
        "/office/holds/": {*readers, "patna"},
        f"/office/leases/{CODE}/suspend/": {"collector", "hq"},
        f"/office/suspensions/{Suspension.objects.get().pk}/": readers,
        "/schedule/": set(world.users),
    }
    for page, wanted in pages.items():
        answers = {name: signed_in(world, name).get(page).status_code for name in world.users}
        assert {name for name, status in answers.items() if status == 200} == wanted, page
        assert set(answers.values()) <= {200, 403, 404}


def test_a_notice_goes_out_is_answered_and_closed_in_hindi(world, at):
    """E-144, E-127."""
    world.mining()
    at.set(india("2026-08-01"))
    collector, settlee = signed_in(world, "collector"), signed_in(world, "settlee")
    collector.post(OFFICE, {"act": "notice", "kind": "show_cause", "grounds": "उप-पट्टा की शिकायत"})
    notice = LeaseNotice.objects.get()
    shown = text(settlee.get(MINE))
    assert "कारण पृच्छा" in shown and "उप-पट्टा की शिकायत" in shown and "16.08.2026" in shown
    assert settlee.post(MINE, {"notice": notice.number, "reply": ""}).status_code == 422
    settlee.post(MINE, {"notice": notice.number, "reply": "कोई उप-पट्टा नहीं है"})
    assert signed_in(world, "other").post(MINE, {"notice": notice.number, "reply": "x"}).status_code == 404
    assert "कोई उप-पट्टा नहीं है" in text(collector.get(OFFICE))
    collector.post(OFFICE, {"act": "close", "notice": notice.number, "outcome": "accepted", "reason": "संतोषजनक"})
    notice.refresh_from_db()
    assert (notice.reply, notice.outcome) == ("कोई उप-पट्टा नहीं है", "accepted")
    assert "उत्तर स्वीकृत" in text(settlee.get(MINE))


@pytest.mark.flow
def test_the_mail_log_of_a_settlement_has_both_ways(world, at):
    """E-127: what was sent, with its state, and what came from the settlee's own address, entered once."""
    lease = world.mining()
    at.set(india("2026-08-01"))
    facts = {"lease": CODE, "ghat": {"en": "Ghat", "hi": "घाट"}, "what": {"en": "x", "hi": "x"}, "notice": "N1"}
    facts |= {"grounds": "बोर्ड नहीं", "amount_paise": 0, "due_on": "2026-08-16"}
    send("MSG-82", to=recipient_of(world.party), facts=facts, at=at(), subject=("lease", CODE))
    settlee, officer = signed_in(world, "settlee"), signed_in(world, "mdo")
    assert "बोर्ड नहीं" in text(settlee.get(MAILS)) and "बंदोबस्तधारी को" in text(officer.get(MAILS))
    mail = {"lease": CODE, "subject": "बोर्ड लग गए", "sent_at": "2026-07-31T12:00"}
    enter = "/registers/settlee_mails/new/enter/"
    refused = officer.post(enter, {**mail, "sender": "clerk@elsewhere.example"})
    assert refused.status_code == 409 and lease.party.email in text(refused)
    for given in ({"sent_at": "2026-08-02T12:00"}, {}, {}):
        officer.post(enter, {**mail, "sender": lease.party.email, **given})
    shown = text(settlee.get(MAILS))
    assert shown.count("बोर्ड लग गए") == 1 and "बंदोबस्तधारी से" in shown
    assert signed_in(world, "other").get(MAILS).status_code == 404
    assert "MSG-82" not in text(settlee.get(f"{MAILS}?format=csv")) and "N1" in text(settlee.get(f"{MAILS}?format=csv"))


def test_a_time_limit_is_extended_by_the_collector_and_refused_in_words(world, at):
    lease = world.with_loi()
    at.set(india("2026-07-01"))
    collector = signed_in(world, "collector")
    said = {"act": "extend", "clock": "plan", "reason": "बाढ़", "reference": "DM/81"}
    refused = collector.post(OFFICE, {**said, "until_on": "2026-07-10"})
    assert refused.status_code == 409 and "10.07.2026" in text(refused) and "21 v" in text(refused)
    collector.post(OFFICE, {**said, "until_on": "2026-07-25"})
    assert "25.07.2026" in text(signed_in(world, "settlee").get(MINE))
    assert 'value="extend"' not in signed_in(world, "mdo").get(OFFICE).content.decode()
    signed_in(world, "mdo").post(OFFICE, {**said, "until_on": "2026-09-01"})
    assert [str(day) for day in life.extensions_of(lease).values()] == ["2026-07-25"]
    order = orders.NewAct("notice", on=at().date(), reference="DM/82")  # no words of its own: those of its act
    orders.note_act(lease, order, by=SYSTEM, at=at())
    shown = text(signed_in(world, "settlee").get(MINE))
    assert "01.07.2026 नोटिस निर्गत करें मुंगेर निविदा 2026, कंडिका 42(xvii) DM/82" in shown


def test_forfeiture_through_the_page(world, at):
    """E-094."""
    world.opened()
    at.set(india("2026-06-11"))
    collector = signed_in(world, "collector")
    said = {"act": "forfeit", "clock": "security", "reason": "जमा नहीं", "reference": "DM/90"}
    assert collector.post(OFFICE, said).status_code == 422, "what ends a settlement is confirmed"
    said["sure"] = "on"
    assert collector.post(OFFICE, said).status_code == 302
    page = text(collector.get(OFFICE))
    assert "पुनः नीलामी हेतु चिह्नित" in page and "₹ 17,21,250" in page
    assert Lease.objects.get().ended_kind == "forfeited"


def test_surrender_from_the_settlees_page_to_the_collectors(world, at):
    """E-111, E-112."""
    lease = world.mining()
    at.set(india("2026-08-20"))
    settlee, collector = signed_in(world, "settlee"), signed_in(world, "collector")
    assert settlee.post(MINE, {"act": "surrender", "reason": "बालू नहीं"}).status_code == 422  # not ticked
    settlee.post(MINE, {"act": "surrender", "reason": "बालू नहीं", "sure": "on"})
    assert "₹ 22,37,625" in text(collector.get(OFFICE)) and "बालू नहीं" in text(collector.get(OFFICE))
    refused = collector.post(OFFICE, {"act": "surrender", "reference": "DM/1"})
    assert refused.status_code == 409 and "31 i" in text(refused)
    world.pay_and_verify(world.instalment(lease, 1, 2), at=at())
    collector.post(OFFICE, {"act": "surrender", "reference": "DM/1", "sure": "on"})
    assert Lease.objects.get().ended_kind == "surrendered" and "प्रत्यर्पण स्वीकृत" in text(settlee.get(MINE))


@pytest.mark.parametrize("act", ["explode", "", "forfeit", "refund"])
def test_an_act_that_does_not_fit_changes_nothing(world, at, act):
    lease = world.mining()
    at.set(india("2026-08-20"))
    said = {"act": act, "clock": "security", "reason": "x", "reference": "y"}
    known = act in ("forfeit", "refund")  # the Collector's
    assert signed_in(world, "mdo").post(OFFICE, said).status_code == (403 if known else 302)
    assert [row.kind for row in life.acts_of(lease) if row.kind != "proposal"] == ["demarcation"]
    assert Lease.objects.get().cancelled_at is None


def test_more_depth_and_stored_sand_through_the_page(world, at):
    """E-110, E-153."""
    lease = world.mining()
    at.set(india("2026-11-20"))
    collector = signed_in(world, "collector")
    depth = {"depth_before_m": "2", "depth_m": "3", "quantity_m3": "137700", "from_on": "2026-12-01"}
    assert collector.post(OFFICE, {"act": "increase", "reference": "SEIAA/9", **depth}).status_code == 302
    assert "बढ़ी हुई मात्रा" in text(signed_in(world, "settlee").get(f"/settlee/leases/{CODE}/"))
    at.set(india("2031-07-15"))
    sand = {"quantity_m3": "120.5", "distance_m": "250", "place": "बाँध", "on": "2031-07-15", "reference": "P/1"}
    page = signed_in(world, "mdo").post(OFFICE, {"act": "sand", **sand}, follow=True)
    assert "सरकार की सम्पत्ति" in text(page) and len(life.acts_of(lease, "stored_sand")) == 1


class TestHolds:
    def test_an_order_stops_a_settlement_and_another_lifts_it(self, world, at):
        lease = world.mining()
        at.set(india("2026-08-01"))
        officer = signed_in(world, "mdo")
        said = {"scope": "lease", "subject": CODE, "reference": "DMO/417", "reason": "सीमा विवाद"}
        assert officer.post("/office/holds/", {**said, "document": paper()}).status_code == 302
        hold = Hold.objects.get()
        assert [one.rule_code for one in selectors.standing_holds(lease, at())] == ["HLD-03"]
        kept = officer.get(f"/office/holds/{hold.pk}/paper")
        assert b"".join(kept.streaming_content) == PDF and kept["Content-Type"] == "application/pdf"
        assert "DMO/417" in officer.get("/office/holds/?format=csv").content.decode("utf-8-sig")
        assert officer.get("/office/holds/?format=xlsx").content[:2] == b"PK"
        assert "DMO/417" not in text(signed_in(world, "patna").get("/office/holds/"))
        assert signed_in(world, "patna").get(f"/office/holds/{hold.pk}/paper").status_code == 404
        assert signed_in(world, "patna").post(f"/office/holds/{hold.pk}/", {"reference": "x"}).status_code == 404
        officer.post(f"/office/holds/{hold.pk}/", {"reference": "DMO/502"})
        assert selectors.standing_holds(lease, at()) == []
        assert "DMO/502" in text(officer.get(f"/office/holds/{hold.pk}/"))

    @pytest.mark.flow
    def test_a_closure_of_the_district_through_the_page(self, world, at):
        """E-162."""
        lease = world.mining()
        at.set(india("2026-08-01", "12:00:00"))
        officer = signed_in(world, "mdo")
        said = {"scope": "district", "ground": "law_and_order", "reference": "DM/7", "reason": "मेला"}
        refused = officer.post("/office/holds/", said)
        assert refused.status_code == 409 and "42(xxxiii)" in text(refused)
        officer.post("/office/holds/", {**said, "since": "2026-08-01T22:00", "until": "2026-08-02T02:00"})
        assert [h.rule_code for h in selectors.standing_holds(lease, india("2026-08-01", "22:00:00"))] == ["HLD-10"]
        at.set(india("2026-08-01", "23:00:00"))
        page = text(signed_in(world, "settlee").get(f"/settlee/leases/{CODE}/"))
        assert "ई-चालान निश्चित अवधि के लिए बंद" in page and "02.08.2026, 02:00" in page and "क्षतिपूर्ति" in page

    @pytest.mark.parametrize(
        "odd",
        [
            {"scope": "lease"},
            {"scope": "vehicle", "subject": ""},
            {"scope": "lease", "subject": CODE, "until": "2020-01-01T00:00"},
            {"scope": "lease", "subject": CODE, "reference": ""},
            {"scope": "moon"},
        ],
    )
    def test_a_wrong_order_is_shown_again(self, world, at, odd):
        world.mining()
        at.set(india("2026-08-01"))
        said = {"reference": "DMO/1", "reason": "x", **odd}
        answer = signed_in(world, "mdo").post("/office/holds/", said)
        assert answer.status_code == 422 and not Hold.objects.exists()

    def test_only_documents_are_taken(self, world, at):
        world.mining()
        at.set(india("2026-08-01"))
        said = {"scope": "lease", "subject": CODE, "reference": "DMO/1", "reason": "x"}
        for odd in (b"MZ executable", b"%PDF-" + b"0" * (5 * 1024 * 1024)):
            answer = signed_in(world, "mdo").post("/office/holds/", {**said, "document": paper(odd)})
            assert answer.status_code == 422
        assert not Hold.objects.exists()

    def test_a_court_order_suspends_the_stop_through_the_page(self, world, at):
        """A-18, A-19."""
        lease = world.mining()
        at.set(india("2026-10-20"))
        collector, url = signed_in(world, "collector"), f"/office/leases/{CODE}/suspend/"
        demand = world.instalment(lease, 1, 2).number
        said = {"stop": f"HLD-01|{demand}", "authority": "court", "reference": "CWJC 7", "reason": "स्थगन"}
        assert collector.post(url, {**said, "until_on": "2026-11-20"}).status_code == 422  # no document
        collector.post(url, {**said, "until_on": "2026-11-20", "document": paper()})
        row = Suspension.objects.get()
        assert row.until == india("2026-11-20", "23:59:59") and selectors.standing_holds(lease, at()) == []
        assert "CWJC 7" in text(collector.get("/office/holds/")) and "न्यायालय" in text(collector.get("/office/holds/"))
        collector.post(f"/office/suspensions/{row.pk}/", {"reference": "LPA 3"})
        assert [one.rule_code for one in selectors.standing_holds(lease, at())] == ["HLD-01"]


class TestTheGhatsRecord:
    """E-147."""

    CORNERS = "25.2804, 86.6087\n25.2835, 86.6104\n25.2798, 86.6139\n25.2781, 86.6117"

    def said(self, **more):
        fields = {"area_ha": "15.3", "quantity_m3": "91800", "corners": self.CORNERS, "mauza": "कलिस्थान"}
        return {**fields, "reason": "GPS त्रुटि", "reference": "DMO/12", **more}

    @pytest.mark.flow
    def test_a_correction_is_a_new_version_and_the_old_one_stays(self, world, at):
        lease = world.mining()
        at.set(india("2026-08-01"))
        officer = signed_in(world, "mdo")
        assert officer.post(GHAT, self.said()).status_code == 302
        block = Block.objects.get(code=CODE)
        assert (block.version, block.land, block.corners[3][0]) == (2, {"mauza": "कलिस्थान"}, 25.2781)
        assert [(row.version, row.record["corners"][3][0]) for row in versions_of(block)] == [(2, 25.2781), (1, 25.278)]
        page = text(officer.get(GHAT))
        assert "DMO/12" in page and "GPS त्रुटि" in page and "mdo जी" in page
        assert not life.demarcated(Lease.objects.get(pk=lease.pk))
        officer.post(GHAT, self.said())
        assert Block.objects.get(code=CODE).version == 2 and BlockVersion.objects.count() == 2

    @pytest.mark.parametrize(
        "odd",
        [
            {"corners": "25.28, 86.60\n25.29, 86.61"},
            {"corners": "25.2804, 86.6087\n25.2798, 86.6139\n25.2835, 86.6104\n25.2781, 86.6117"},
            {"corners": "somewhere"},
            {"corners": "99, 200\n1, 2\n3, 4"},
            {"reason": ""},
        ],
    )
    def test_an_unsound_record_is_refused(self, world, at, odd):
        world.opened()
        at.set(india("2026-08-01"))
        assert signed_in(world, "mdo").post(GHAT, self.said(**odd)).status_code in (409, 422)
        assert Block.objects.get(code=CODE).version == 1

    def test_degrees_minutes_seconds_are_read_and_a_wrong_area_is_warned_of(self, world, at):
        world.opened()
        at.set(india("2026-08-01"))
        dms = "25°16'49.4\"N, 86°36'31.3\"E\n25.2835, 86.6104\n25.2798, 86.6139\n25.278, 86.6117"
        page = signed_in(world, "mdo", "en").post(GHAT, self.said(corners=dms, area_ha="20"), follow=True)
        assert "differs by" in text(page) and Block.objects.get(code=CODE).corners[0][0] == pytest.approx(25.2803889)

    def test_readers_change_nothing(self, world, at):
        world.opened()
        at.set(india("2026-08-01"))
        for name in ("hq", "monitor", "patna", "settlee"):
            signed_in(world, name).post(GHAT, self.said())
        assert Block.objects.get(code=CODE).version == 1


class TestTheFlowChart:
    """A-13."""

    def test_every_box_has_the_figure_of_the_rule_book_and_leads_to_its_clause(self, world, at):
        at.set(india("2026-08-01"))
        answer = signed_in(world, None).get("/schedule/")
        page, html = text(answer), answer.content.decode()
        for words in ("25 %", "50 %", "120 %", "2 %", "60 दिन", "3 माह", "6 माह", "5 वर्ष", "कंडिका 24(ii)"):
            assert words in page, words
        boxes = html.count("<rect")
        assert boxes == 13 and html.count('href="/law/') >= 2 * boxes
        assert 'style="' not in html and "<script>" not in html

    def test_before_the_first_terms_it_says_so(self, world, at):
        at.set(india("2026-04-01"))
        assert "अभी कोई शर्त लागू नहीं" in text(signed_in(world, None).get("/schedule/"))

    def test_the_whole_is_there_in_english(self, world, at):
        at.set(india("2026-08-01"))
        page = text(signed_in(world, None, "en").get("/schedule/"))
        assert "First instalment 50 %" in page and "e-challans close by themselves" in page


def test_the_pages_are_hindi_throughout(world, at):
    world.mining()
    at.set(india("2026-10-20"))
    for page in (OFFICE, GHAT, "/office/holds/", f"/office/leases/{CODE}/suspend/"):
        shown = text(signed_in(world, "collector").get(page))
        for word in ("Order", "Notice", "Reason", "Until", "Surrender", "Version", "Time limit"):
            assert word not in shown, (page, word)
    assert json.dumps(text(signed_in(world, "settlee").get(MINE))).count("Notice") == 0
