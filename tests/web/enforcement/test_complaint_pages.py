"""A problem reported from any page: who is asked what, which office answers, and how the answer comes back."""

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.messaging.models import Message
from immis.registers.models import Entry
from immis.registry.selectors import users
from immis.rules.writing.numbers import number_in_words
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.registers.conftest import AT, people  # noqa: F401

WORDS = {"kind": "delay", "words": "Nobody measures the pit"}


@pytest.fixture(autouse=True)
def _at(at, people, data_dir):  # noqa: F811
    at.set(AT)


def client_of(username: str = "") -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    if username:
        client.force_login(users(username=username).get())
    client.cookies[LANGUAGE_COOKIE] = "en"
    return client


def form_of(client: Client, page: str, **more) -> dict[str, str]:
    """The form as the page has it, filled in; the small sum is done where one is asked."""
    html = client.get(reverse("complaint_new"), {"page": page}).content.decode()
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    if "sum_token" in kept:
        numbers = {number_in_words(number, "en"): number for number in range(1, 10)}
        first, second = re.search(r"How much is (\w+) plus (\w+)\?", html).groups()
        kept["sum"] = str(numbers[first] + numbers[second])
    return {**kept, **WORDS, **more}


def send(client: Client, page: str = "/help/", **more):
    return client.post(reverse("complaint_new"), form_of(client, page, **more), follow=True)


def answer(complaint: Entry, username: str):
    address = reverse("entry_act", args=[complaint.number, "answer"])
    return client_of(username).post(address, {"reply": "It was measured today", "act_revision": 1}, follow=True)


def test_every_page_leads_there_and_says_which_page_it_is():
    for address, status in ((reverse("help"), 200), ("/no/such/page/", 404)):
        html = client_of().get(address)
        assert html.status_code == status
        assert f"{reverse('complaint_new')}?page={quote(address, safe='')}" in html.content.decode()
    assert "<code>/help/</code>" in client_of().get(reverse("complaint_new"), {"page": "/help/"}).content.decode()


@pytest.mark.flow
def test_a_citizen_writes_to_his_district_and_reads_the_answer_by_number_and_code():
    sent = send(client_of(), district="Munger", phone="9000000001", name="Sita Devi")
    complaint = Entry.objects.get(register="complaints")
    code = complaint.key.partition(":")[2]
    assert sent.redirect_chain[-1][0] == reverse("complaint_by_code", args=[complaint.number, code])
    assert (complaint.district, complaint.values["page"]) == ("Munger", "/help/")
    run_triggers(at=AT)
    task = Task.objects.get(code="TRG-240")
    assert (task.role, task.subject_id, task.due_at) == ("district", complaint.number, complaint.due_at)
    assert "9000000001" in client_of("munger").get(reverse("entry", args=[complaint.number])).content.decode()
    assert client_of("patna").get(reverse("entry", args=[complaint.number])).status_code == 404
    answer(complaint, "munger")
    run_triggers(at=AT)
    assert Task.objects.get(code="TRG-240").state == "done"
    found = client_of().post(reverse("complaints"), {"number": complaint.number.lower(), "code": code}, follow=True)
    assert "It was measured today" in found.content.decode()
    wrong = client_of().post(reverse("complaints"), {"number": complaint.number, "code": "2222222222"}, follow=True)
    assert "do not belong together" in wrong.content.decode() and "measured today" not in wrong.content.decode()


@pytest.mark.flow
def test_an_officer_writes_to_headquarters_and_is_told_the_answer():
    send(client_of("munger"))
    complaint = Entry.objects.get(register="complaints")
    assert complaint.district == "" and complaint.entered_by is not None
    run_triggers(at=AT)
    assert Task.objects.get(code="TRG-240").role == "hq"
    answer(complaint, "hq")
    run_triggers(at=AT)
    told = Message.objects.get(template="MSG-241")
    assert (told.to_kind, told.to_id) == ("office", str(complaint.office_id))
    here = reverse("complaint", args=[complaint.number])
    assert "It was measured today" in client_of("munger").get(here).content.decode()
    assert "measured today" not in client_of("patna").get(here).content.decode()


def test_one_form_is_taken_once_and_a_wrong_sum_not_at_all():
    client = client_of()
    form = form_of(client, "/help/")
    client.post(reverse("complaint_new"), {**form, "sum": "99"})
    assert not Entry.objects.filter(register="complaints").exists()
    officer = client_of("munger")
    form = form_of(officer, "/help/")
    for _time in range(2):
        officer.post(reverse("complaint_new"), form)
    assert Entry.objects.filter(register="complaints").count() == 1


def test_a_complaint_is_referred_to_the_office_whose_matter_it_is():
    send(client_of(), district="Munger")
    complaint = Entry.objects.get(register="complaints")
    address = reverse("entry_act", args=[complaint.number, "refer"])
    other = users(username="patna").get()
    given = {"office": other.posts.get().office.code, "act_reason": "The ghat lies there", "act_revision": 1}
    client_of("munger").post(address, given)
    run_triggers(at=AT)
    complaint.refresh_from_db()
    assert complaint.district == "Patna"
    open_, done = Task.objects.get(code="TRG-240", state="open"), Task.objects.get(code="TRG-240", state="done")
    assert (open_.district, done.district) == ("Patna", "Munger")


def test_no_key_of_an_address_goes_into_a_complaint():
    sent = send(client_of(), district="Munger")
    complaint = Entry.objects.get(register="complaints")
    shown = client_of().get(reverse("complaint_new"), {"page": sent.redirect_chain[-1][0]}).content.decode()
    code = complaint.key.partition(":")[2]
    assert (
        f"<code>/complaints/{complaint.number}/…/</code>" in shown
        and code not in shown.partition("<main")[2].partition("</main")[0]
    )


def test_nobody_buries_a_desk():
    client, answers = client_of("munger"), []
    for _time in range(21):
        answers.append(send(client).status_code)
    assert set(answers[:20]) == {200} and answers[20] == 429
    assert Entry.objects.filter(register="complaints").count() == 20


ODD = ["//evil.example/x", "javascript:alert(1)", "/leases/%00/", "/ghats/999999/", "/" + "x" * 5000]


@pytest.mark.parametrize("page", ODD)
def test_an_odd_address_of_a_page_harms_nothing(page):
    assert client_of().get(reverse("complaint_new"), {"page": page}).status_code in (200, 400)
