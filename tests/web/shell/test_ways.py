"""The ways through the house, counted from the declarations: groups, lists, crumbs, and how far everything is."""

import re

import pytest
from django.urls import get_resolver, resolve, reverse
from django.utils import translation

from immis.core.access.permissions import Actor
from immis.core.acts import ACTS
from immis.core.grants import holders
from immis.core.nouns import NOUNS
from immis.rules.posts import chart
from immis.search.declared import SEARCHED
from immis.web.search import faces
from immis.web.shell import nav, ways

#: What is no page of its own: files, streams, what scripts ask, and addresses that only take a form.
NO_PAGE = re.compile(
    r"\.(json|js|pdf|bin|zip|pyz|txt|geojson)$|/(papers|files)/<|/track\.<|^(healthz|readyz|metrics|logout|language)$"
    r"|/(beat|proof|card|paper|file|notify|destinations)$|^sms/reports|^data/<path"
)
#: Farther than two from anywhere, and why that is no harm.
FARTHER = {
    "contact": "its task on the desk leads to it in one; else by its delivery",
    "office_scroll_line": "its form stands on the page of the scroll",
    "office_notice_check": "the page of writing a notice asks it as somebody types",
    "weighbridge_fault_new": "the page of the weighbridge leads to it; the register has the same form",
    "weighbridge_by_hand_new": "the page of the weighbridge leads to it; the register has the same form",
    "fault_phone": "the page of the device and of the fault lead to it",
}
OFFICERS = [post.code for post in chart().posts.values() if post.is_office]


def pages() -> dict[str, str]:
    """Every page by its name: the pattern of its address."""
    known: dict[str, str] = {}

    def walk(patterns, prefix: str = "") -> None:
        for row in patterns:
            route = prefix + str(row.pattern)
            if hasattr(row, "url_patterns"):
                if not route.startswith("api"):
                    walk(row.url_patterns, route)
            elif not NO_PAGE.search(route):
                known.setdefault(row.name, route)

    walk(get_resolver().url_patterns)
    return known


def opens(name: str, post: str) -> bool:
    grant = next(view.page_grant for view in _views(name))
    return grant is None or post in holders(grant)


def _views(name: str):
    return [entry for entry in map(_view, get_resolver().reverse_dict.getlist(name)) if entry]


def _view(entry):
    return resolve("/" + re.sub(r"%\(\w+\)s", "1", entry[0][0][0])).func


def steps(post: str) -> dict[str, int]:
    """How many pages have to be opened from anywhere to each page of a post, along what is declared.

    From everywhere: the groups, "new", and what the search proposes: every list, and records of searched nouns.
    From a list: its rows and the lists beside it. From a row: what stands under it. From "new": every form.
    """
    mine = nav.lists_of(chart().post(post))
    far, addresses = {"new_things": 1}, pages()
    searched = {name for kind in SEARCHED for name, _of in faces.FACES[kind].pages} | {"register"}
    for row in mine:
        far[row.url_name] = 1
        for form in row.forms:
            far[form.url_name] = 2
        for record in row.record:
            far[record] = 1 if record in searched else 2
        for part in row.parts:
            before = row.record if "<" in addresses[part] and row.record else (row.url_name,)
            far[part] = min(far[name] for name in before) + 1
    return far


@pytest.mark.parametrize("post", [*OFFICERS, "party", "public"])
def test_a_reader_has_at_most_seven_groups_and_none_that_turns_him_away(post):
    rows = nav.lists_of(chart().post(post))
    groups = list(dict.fromkeys(row.group for row in rows))
    assert 1 <= len(groups) <= 7
    for row in rows:
        grant = nav.grant_of(row.url_name)
        assert grant is None or post in holders(grant), row.url_name
    assert all(nav.grant_of(row.url_name) is not None for row in rows if row.group in ("officer.money",))


def test_every_page_stands_in_the_ways_once():
    declared = {name for _audience, name in ways.by_page()}
    assert set(pages()) - declared == set()
    assert declared - set(pages()) - {"account_login"} == set()
    for row in ways.lists():
        assert row.url and all(reverse(form.url_name, args=form.args) for form in row.forms)


@pytest.mark.parametrize("post", OFFICERS)
def test_any_record_and_form_is_within_two_steps(post):
    far = steps(post)
    wanted = {name for row in nav.lists_of(chart().post(post)) for name in row.stands_under()}
    assert {name: far[name] for name in wanted if far[name] > 2}.keys() <= FARTHER.keys()
    for noun in NOUNS.values():
        for name in {name for names in noun.pages.values() for name in names}:
            if opens(name, post) and name not in far:
                assert name in {n for (audience, n) in ways.by_page() if audience != "officer"}, (noun.name, name)


def test_every_act_that_begins_a_record_stands_among_new_things():
    for act in (act for act in ACTS.values() if act.opens):
        for name in act.noun.pages.get(act.place, ()):
            assert name in {n for (_audience, n) in ways.by_page()}, act.name


@pytest.mark.parametrize(
    ("post", "address", "crumbs"),
    [
        ("district", "/office/leases/M-1/", ["Mining", "Settlements", "M-1"]),
        ("district", "/office/leases/M-1/life/", ["Mining", "Settlements", "M-1", "Orders and notices"]),
        ("district", "/leases/M-1/statement/", ["Mining", "Settlements", "M-1", "Statement of account"]),
        ("district", "/office/tasks/7/", ["My desk", "No. 7"]),
        ("district", "/office/notices/write/", ["Mining", "Notices of e-auctions", "Write a notice"]),
        ("hq", "/office/dues/", ["Money", "Dues"]),
        ("party", "/challans/MUN-26-1/", ["E-challans", "MUN-26-1"]),
        ("party", "/leases/M-1/statement/", ["Settlements", "My settlements", "M-1", "Statement of account"]),
        ("public", "/law/CH-06/", ["Rules and rates", "CH-06"]),
        ("district", "/sheets/drivers/", ["Office", "Registers", "Sheets"]),
        ("party", "/settlee/leases/M-1/challans/new/", ["E-challans", "Issue an e-challan"]),
        ("public", "/verify", ["Check an e-challan"]),
    ],
)  # fmt: skip
def test_the_crumbs_of_a_page_are_group_list_and_number(post, address, crumbs):
    with translation.override("en"):
        shown = nav.crumbs_of(nav.place_of(Actor(role=post), resolve(address)))
        assert [str(crumb.label) for crumb in shown] == crumbs
        assert shown[-1].url == "" and all(resolve(crumb.url) for crumb in shown[:-1])


def test_the_bottom_bar_has_four_and_more():
    with translation.override("hi"):
        bars = {post: _bar(post) for post in ("district", "party", "public")}
    assert bars == {
        "district": ["मेज", "खोज", "नया", "संदेश", "और"],
        "party": ["आज", "ई-चालान", "भुगतान", "बंदोबस्ती", "और"],
        "public": ["ई-चालान जाँचें", "घाट एवं मूल्य", "ई-नीलामी", "शिकायत", "और"],
    }


def _bar(post: str) -> list[str]:
    actor = Actor(role=post)
    groups = [nav._drawn(ways.GROUPS[code], [nav.Entry("/", "", False)], here=False)
              for code in dict.fromkeys(row.group for row in nav.lists_of(chart().post(post)))]  # fmt: skip
    return [str(entry.label) for entry in nav.bar_for(actor, groups, nav.NOWHERE, 0)]
