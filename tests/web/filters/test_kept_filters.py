"""Filters that a person keeps: on their list as chips, in the search, on a page of their own; nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from immis.registry.selectors import users
from immis.search.models import KeptFilter
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.registers.conftest import AT, people  # noqa: F401

LIST = "/registers/visitors/"


@pytest.fixture(autouse=True)
def _at(at, people, data_dir):  # noqa: F811
    at.set(AT)


def client_of(username: str) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(users(username=username).get())
    client.cookies[LANGUAGE_COOKIE] = "en"
    return client


def keep(client: Client, name: str = "Who waits", query: str = "state=waiting", path: str = LIST):
    return client.post(reverse("kept_filters"), {"path": path, "query": query, "name": name}, follow=True)


def test_a_filter_is_kept_from_its_list_and_stands_there_as_a_chip():
    client = client_of("munger")
    asked = client.get(LIST, {"state": "waiting", "q": "", "page": "1"}).content.decode()
    assert 'name="query" value="state=waiting"' in asked and "Keep this filter" in asked
    kept = keep(client)
    assert kept.redirect_chain[-1][0] == f"{LIST}?state=waiting"
    text = kept.content.decode()
    assert "Who waits" in text and "Keep this filter" not in text
    assert f'href="{LIST}?state=waiting"' in client.get(LIST).content.decode()
    assert "Who waits" not in client.get("/registers/training/").content.decode()


def test_a_kept_filter_is_found_by_typing_its_name():
    client = client_of("munger")
    keep(client, "मेरे प्रतीक्षारत")
    rows = client.get(reverse("search_suggest"), {"q": "pratiksharat"}).json()["results"]
    assert f"{LIST}?state=waiting" in [row["url"] for row in rows]
    assert client_of("patna").get(reverse("search_suggest"), {"q": "pratiksharat"}).json()["results"] == []


def test_the_same_name_is_another_filter_and_a_removed_one_is_gone():
    client = client_of("munger")
    keep(client)
    keep(client, query="state=met")
    row = KeptFilter.objects.get()
    assert row.query == "state=met"
    assert "Who waits" in client.get(reverse("kept_filters")).content.decode()
    forget = reverse("kept_filter_forget", args=[row.pk])
    assert client_of("patna").post(forget).status_code == 404
    client.post(forget)
    assert not KeptFilter.objects.exists()


def test_nobody_keeps_more_than_his_share():
    client = client_of("munger")
    answers = [keep(client, f"Filter {number}").status_code for number in range(41)]
    assert set(answers[:40]) == {200} and answers[40] == 409
    assert KeptFilter.objects.count() == 40


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/no/such/list/", "javascript:alert(1)"])
def test_a_filter_leads_nowhere_else(path):
    assert keep(client_of("munger"), path=path).status_code == 400
    assert not KeptFilter.objects.exists()


def test_who_is_not_signed_in_sees_and_keeps_none():
    visitor = Client(headers={"host": "127.0.0.1"})
    assert "kept-filters" not in visitor.get("/auctions/", {"q": "x"}).content.decode()
    answer = visitor.post(reverse("kept_filters"), {"path": LIST, "query": "q=1", "name": "x"})
    assert answer.status_code == 302 and "/login" in answer["Location"]
