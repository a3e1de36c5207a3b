"""A post that did not exist: one entry in posts.yaml, and people can hold it, see its pages and are refused others."""

import csv
import io

import pytest
from django.urls import reverse

from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted
from immis.core.grants import holders, may, require_grant
from immis.leases.selectors import leases
from immis.registry import services as registry
from immis.registry.offices import enter_state_tree
from immis.registry.selectors import actor_of, office_for, offices
from immis.rules import posts
from tests.web.shell.test_shell_roles import addresses
from tests.web.twin import NOW, statewide, twins

pytestmark = pytest.mark.django_db
_SHIPPED = posts.FILE.read_text(encoding="utf8")

AUDITOR = """
  auditor:
    title: {en: Audit officer, hi: लेखा परीक्षा पदाधिकारी}
    offices: [district]
    reach: district
    grants: [lease.read, lease.oversee, message.read, password.change]
"""
COMMISSIONER = """
  commissioner:
    title: {en: Divisional Commissioner, hi: प्रमंडलीय आयुक्त}
    offices: [division]
    reach: division
    grants: [lease.read, lease.oversee, dues.oversee, hold.order]
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The posts of a file of its own, to which a test adds its entry."""
    path = tmp_path / "posts.yaml"
    monkeypatch.setattr(posts, "FILE", path)

    def add(entry: str) -> None:
        path.write_text(_SHIPPED + entry, encoding="utf8")
        posts.chart.cache_clear()

    add("")
    yield add
    monkeypatch.undo()
    posts.chart.cache_clear()


def _person(name: str, post: str, office) -> object:
    user = registry.add_user(username=name, name_en=name, name_hi=name, password="a long password 1")
    registry.appoint(user=user, office=office, role=post)
    return user


def test_a_new_post_logs_in_sees_its_pages_and_is_refused_others(file, client, data_dir, at):
    at.set(NOW)
    mine, other = twins()
    file(AUDITOR)
    user = _person("auditor", "auditor", mine.rows["office"])
    answer = client.post(reverse("login"), {"username": "auditor", "password": "a long password 1"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("office_leases"))
    page = client.get(answer["Location"]).content.decode()
    assert mine.rows["lease"].number in page and other.rows["lease"].number not in page
    assert f'href="{reverse("messages")}"' in page and f'href="{reverse("desk")}"' not in page
    assert client.get(reverse("office_lease", args=[mine.rows["lease"].number])).status_code == 200
    assert client.get(reverse("office_lease", args=[other.rows["lease"].number])).status_code == 404
    assert set(leases(actor_of(user))) == {mine.rows["lease"]}


def test_every_page_that_asks_another_grant_is_closed_to_the_new_post(file, client, data_dir, at):
    at.set(NOW)
    mine, _other = twins()
    file(AUDITOR)
    client.force_login(_person("auditor", "auditor", mine.rows["office"]))
    client.raise_request_exception = False
    closed, odd = 0, []
    for address, view in addresses():
        if view.page_grant is None or "auditor" in holders(view.page_grant):
            continue
        closed += 1
        if (status := client.get(f"/{address}").status_code) not in (403, 405):
            odd.append((address, status))
    assert closed > 60 and odd == []


def test_a_new_post_does_what_it_was_granted_and_nothing_else(file, data_dir, at):
    at.set(NOW)
    mine, other = twins()
    file(AUDITOR.replace("lease.read,", "lease.read, receipt.verify,"))
    by = actor_of(_person("auditor", "auditor", mine.rows["office"]))
    require_grant(by, "receipt.verify", district=mine.district)
    for grant, district in (("receipt.verify", other.district), ("lease.cancel", mine.district)):
        with pytest.raises(NotPermitted):
            require_grant(by, grant, district=district)


def test_a_division_reaches_its_districts_by_the_tree(file, data_dir, at):
    """Munger and Patna are the twins' districts; the commissioner of Munger's division sees the first alone."""
    at.set(NOW)
    mine, other = twins()
    file(COMMISSIONER)
    assert enter_state_tree(by=SYSTEM, at=NOW) == 48
    munger = next(twin for twin in (mine, other) if twin.district == "Munger")
    by = actor_of(_person("commissioner", "commissioner", offices(code="division-munger").get()))
    assert by.districts == {"Munger", "Lakhisarai", "Sheikhpura", "Jamui", "Khagaria", "Begusarai"}
    assert set(leases(by)) == {munger.rows["lease"]}
    assert may(by, "hold.order", district="Jamui") and not may(by, "hold.order", district="Patna")
    assert not may(by, "hold.order", district="")
    assert office_for(district="Jamui", role="commissioner").code == "division-munger"


def test_a_post_that_was_taken_out_of_the_file_gives_nobody_any_power(file, client, data_dir, at):
    at.set(NOW)
    mine, _other = twins()
    file(AUDITOR)
    user = _person("auditor", "auditor", mine.rows["office"])
    file("")
    assert actor_of(user).role == "public"
    client.force_login(user)
    assert client.get(reverse("office_leases")).status_code == 403


def test_headquarters_reads_who_may_do_what(file, client, data_dir, at):
    """The permission page prints the same data that the guards ask: a new post stands there with its reach."""
    at.set(NOW)
    mine, _other = twins()
    file(AUDITOR.replace("lease.read,", "lease.read, challan.read: own_office,"))
    client.force_login(statewide()["hq"])
    page = client.get(reverse("office_posts"), {"post": "auditor"}).content.decode()
    assert "लेखा परीक्षा पदाधिकारी" in page and "lease.oversee" in page and "lease.cancel" not in page
    table = client.get(reverse("office_posts"), {"format": "csv", "q": "challan.read"}).content.decode("utf-8-sig")
    head, row = list(csv.reader(io.StringIO(table)))
    cells = dict(zip(head, row, strict=True))
    assert cells[posts.chart().post("auditor").title["hi"]] == cells[posts.chart().post("checkpost").title["hi"]] != ""
    assert cells[posts.chart().post("public").title["hi"]] == ""
    client.force_login(mine.users["district"])
    assert client.get(reverse("office_posts")).status_code == 403
