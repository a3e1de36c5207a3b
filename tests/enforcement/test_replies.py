"""A notice as a paper, served and answered: from a log-in, by the secret link, on paper; in time or late (A-15)."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.enforcement import selectors, services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.enforcement.papers.link import case_of_token, link_of, token_of
from immis.enforcement.papers.print import paper_pdf
from immis.messaging.models import Message
from immis.rules.calendar import end_of
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db
LATE = end_of(date(2026, 10, 23))


@pytest.fixture
def case(world, clerk) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    return services.send_notice(Case.objects.get(), by=clerk, at=NOON)


def _scan(name="fir.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.7 complaint to the police", "application/pdf")


def _codes(refusal):
    return [finding.code for finding in refusal.value.findings]


def test_the_notice_is_a_numbered_paper_with_the_sum_that_it_proposes(case):
    paper = case.papers.get()
    assert (paper.number, paper.kind) == (f"{case.number}-N1", "notice")
    assert "23.10.2026" in paper.facts["paragraphs"][0]["hi"] and paper.facts["total"]["amount"] == "₹ 1,00,000"
    assert paper.facts["sums"][0]["clause"].startswith("PEN-01, 16.10.2024")
    pdf = paper_pdf(paper)
    assert pdf.startswith(b"%PDF-") and b"/FT /Sig" in pdf


def test_the_sms_carries_a_link_that_nobody_can_guess(case):
    message = Message.objects.get(template="MSG-05")
    assert message.facts["link"] == link_of(case) and message.facts["reply_until"] == "2026-10-23"
    token = token_of(case)
    assert case_of_token(token) == case
    for other in ("", token[:-1], "0" * 24 + token[24:], token[:24] + "ffff", token[:24] + "z", "ठ" * 30):
        with pytest.raises(NotFound):
            case_of_token(other)


def test_there_is_no_link_before_the_notice(world):
    world.tamper()
    run_triggers(at=NOON)
    with pytest.raises(NotFound):
        case_of_token(token_of(Case.objects.get()))


@pytest.mark.flow
def test_the_owner_answers_from_his_login_and_the_district_has_it_on_the_desk(world, case):
    at = NOON + timedelta(days=1)
    services.answer_case(case, reply="The cover broke.", documents=[_scan()], by=world.actors["owner"], at=at)
    reply = case.replies.get()
    assert (reply.way, reply.is_late, len(reply.documents)) == ("login", False, 1)
    assert selectors.documents_of(case) == set(reply.documents)
    run_triggers(at=at)
    task = Task.objects.get(code="TRG-280")
    assert (task.subject_id, task.act, task.role) == (case.number, "decide_case", "district")


def test_another_party_answers_nothing(world, case):
    with pytest.raises(NotPermitted):
        services.answer_case(case, reply="x", documents=[], by=world.actors["party"], at=NOON)


@pytest.mark.flow
def test_by_the_link_it_is_answered_once_and_late_is_marked(case):
    row = services.answer_by_link(case, reply="I was away.", documents=[], at=LATE)
    assert [(reply.way, reply.is_late) for reply in row.replies.all()] == [("link", True)]
    run_triggers(at=LATE)
    assert Task.objects.get(code="TRG-280").facts["is_late"] is True
    with pytest.raises(Refusal) as refusal:
        services.answer_by_link(case, reply="again", documents=[], at=LATE)
    assert _codes(refusal) == ["CAS-22"]


@pytest.mark.flow
def test_proof_of_the_post_sets_the_time_to_reply(case, clerk):
    proof = services.Proof("post", date(2026, 10, 19), "RP 123", "ab" * 32)
    services.record_service(case, proof=proof, by=clerk, at=NOON + timedelta(days=4))
    case.refresh_from_db()
    assert case.reply_due_at == end_of(date(2026, 10, 26)) and selectors.services_of(case).count() == 1
    early = services.Proof("hand", date(2026, 10, 15), "7", "ab" * 32)
    with pytest.raises(Refusal) as refusal:
        services.record_service(case, proof=early, by=clerk, at=NOON + timedelta(days=4))
    assert _codes(refusal) == ["CAS-60"]


@pytest.mark.flow
def test_the_order_prints_how_it_is_reckoned_and_ends_the_task(world, case, clerk):
    at = NOON + timedelta(days=1)
    services.answer_by_link(case, reply="The cover broke.", documents=[], at=at)
    run_triggers(at=at)
    ordered = services.order_penalty(case, amount_paise=60_000_00, reason="First offence.", by=clerk, at=at)
    paper = ordered.papers.get(kind="order")
    assert [(row["clause"][:6], row["amount"]) for row in paper.facts["sums"]] == [
        ("PEN-01", "₹ 1,00,000"), ("CAS-03", "−₹ 40,000"),
    ]  # fmt: skip
    said = " ".join(row["en"] for row in paper.facts["paragraphs"])
    assert f"{case.number}-N1" in said and "The reply of 17.10.2026" in said and ordered.demand_number in said
    assert paper.facts["total"]["words"]["en"].startswith("Sixty thousand") and ordered.ordered_role == "district"
    assert Task.objects.get(code="TRG-280").state == "done"
    assert paper_pdf(paper).startswith(b"%PDF-")
