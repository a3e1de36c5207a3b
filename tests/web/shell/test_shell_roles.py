"""Every address with every post: opened where its grant says so, login or 403 elsewhere, never an error."""

from datetime import UTC, datetime

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from immis.core.grants import holders
from immis.registry.services import NewParty, add_party, add_user, appoint, open_office
from immis.rules.posts import chart
from immis.web.shell import nav
from immis.web.shell.views import PAGES

pytestmark = pytest.mark.django_db

#: A refusal in short: the page of it is drawn and read elsewhere (``test_shell_pages``).
SHORT = {"accept": "application/json"}
SAMPLES = {"id": "1", "slug": "MUN-2026-01", "str": "MUN-2026-01", "path": "a/b.json"}


def addresses(patterns=None, prefix: str = ""):
    """Every (address, view) outside the API, with sample values for what is in angle brackets."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace is None and getattr(one, "app_name", None) is None:
                yield from addresses(one.url_patterns, prefix + route)
        elif isinstance(one, URLPattern):
            yield prefix + filled(route, one), one.callback


def filled(route: str, pattern: URLPattern) -> str:
    import re

    if route.startswith("^"):  # a regular expression: the first choice of a group, one word for anything else
        plain = route.strip("^$")
        plain = re.sub(r"\(\?P<\w+>(\w+)\|[^)]*\)", r"\1", plain)
        return re.sub(r"\(\?P<\w+>[^)]*\)", "MUN-2026-01", plain)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES[match.group(1) or "str"], route)


@pytest.fixture
def people(at):
    at.set(datetime(2026, 6, 5, 5, 30, tzinfo=UTC))
    everyone = {"public": None}
    for role, kind in ((post.code, post.offices[0]) for post in chart().posts.values() if post.is_office):
        user = add_user(username=str(role), name_en=role, name_hi=role)
        office = open_office(code=f"of-{role}", kind=kind, name_en=role, name_hi=role, district="munger")
        appoint(user=user, office=office, role=role)
        everyone[role] = user
    party = add_user(username="party", name_en="P", name_hi="प")
    add_party(
        party=NewParty(code="p", kind="individual", name_en="P", name_hi="प", pan="ABCPE1234F", email="p@x.in"),
        users=[party],
    )
    everyone["party"] = party
    return everyone


#: Open to every post, one that holds nothing too; whoever is not signed in is asked who he is.
OWN = {"account/charges/"}


def sign_in(client, user) -> None:
    """One session for all addresses of a walk."""
    client.logout()
    if user:
        client.force_login(user)


def opens(view, role: str) -> bool:
    return view.page_grant is None or role in holders(view.page_grant)


def test_every_page_names_its_grant():
    without = [address for address, view in addresses() if not hasattr(view, "page_grant")]
    assert without == []
    assert len(PAGES) >= 40


def test_every_address_with_every_role(client, people):
    client.raise_request_exception = False
    odd = []
    for role, user in people.items():
        sign_in(client, user)
        for address, view in addresses():
            allowed = opens(view, role)
            status = client.get(f"/{address}", headers={} if allowed else SHORT)
            if address == "logout":
                sign_in(client, user)
            turned_away = status.status_code in (401, 403) or (
                status.status_code == 302 and status["Location"].startswith("/login?")
            )
            if status.status_code >= 500 or (not allowed and not turned_away and status.status_code != 405):
                odd.append((str(role), address, status.status_code))
            elif allowed and turned_away and status.status_code == 302 and (user or address not in OWN):
                odd.append((str(role), address, "asks for a login"))
    assert odd == []


def test_posting_is_guarded_by_the_same_roles(client, people):
    client.raise_request_exception = False
    odd = []
    for role, user in people.items():
        sign_in(client, user)
        for address, view in addresses():
            if opens(view, role):
                continue
            status = client.post(f"/{address}", {}, headers=SHORT).status_code
            if status not in (302, 401, 403, 405):
                odd.append((str(role), address, status))
    assert odd == []


def test_every_count_of_the_navigation_can_be_asked(people):
    from immis.registry.selectors import actor_of

    for user in filter(None, people.values()):
        groups = nav.groups_for(actor_of(user))
        assert groups and {entry.count for group in groups for entry in (group, *group.lists)} == {0}


def test_a_reader_who_may_not_write_is_refused_and_not_shown_the_page_as_if_it_were_taken(client, people):
    """A form sent by hand to a page that its sender may only read."""
    tried, odd = set(), []
    for role, user in people.items():
        sign_in(client, user)
        for address, view in addresses():
            write = view.page_write_grant
            if user and write and opens(view, role) and write not in chart().post(role).grants:
                status = client.post(f"/{address}", {"reason": "x"}, headers=SHORT).status_code
                tried.add(f"{view.__module__}.{view.__name__}")
                if status != 403:
                    odd.append((str(role), address, status))
    assert odd == []
    assert len(tried) >= 8
