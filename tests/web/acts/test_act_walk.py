"""Every declared act with every post in every state of its record: pages and API offer the same, and take the same.

A noun joins the walk by being declared; ``STATES`` says how a record of it comes to a few states, and when it is asked.
"""

import base64
import csv
import io
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.html import escape

from immis.core import acts
from immis.core.grants import holders
from immis.core.models import ActionLog
from immis.core.nouns import NOUNS
from immis.rules.calendar import india_day
from immis.rules.posts import chart
from immis.web.shell.acts import SURE, ActForm
from tests.settlement import india, treasury, world
from tests.transactions import undone
from tests.web.leases.test_lease_pages import signed_in

__all__ = ["treasury", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_people")]


#: How a record of each noun comes to a few states: every ``act_states_<room>.py`` beside this file says it of its own.
STATES = {
    noun: builds
    for file in sorted(Path(__file__).parent.glob("act_states_*.py"))
    for noun, builds in import_module(f"tests.web.acts.{file.stem}").STATES.items()
}
PAPER = {"name": "order.pdf", "content": base64.b64encode(b"%PDF-1.7").decode()}
WALKS = [pytest.param(noun, build, id=f"{noun}-{build.__name__}") for noun in STATES for build in STATES[noun]]
WITH_ACTS = sorted({act.kind for act in acts.ACTS.values()})


def test_every_noun_with_acts_is_walked():
    assert sorted(STATES) == WITH_ACTS


#: What is typed into fields of a form of their own.
TYPED = {
    "msisdn": "9800000000",
    "members": "A; ABCPE1234F; 1; 1; 0",
    "corners": "25.30, 86.50\n25.30, 86.51\n25.31, 86.51",
}


def sample(offer) -> dict:
    """What could be typed into an act's form, by its fields."""
    form, body = ActForm(offer), {}
    for one in form.asked:
        choices = [str(value) for value, _words in getattr(form.fields[one.name], "choices", ()) if value]
        made = {
            "text": "1", "long_text": "A; ABCPE1234F", "number": int(one.least or 1), "rupees": int(one.least or 0),
            "decimal": str(one.least or 1), "day": india_day(offer.at).isoformat(), "choices": choices[:1],
            "choice": (choices or ["x"])[0], "yes_no": True, "instant": offer.at.isoformat(), "file": None,
            "document": PAPER,
        }  # fmt: skip
        if made[one.kind] is not None and (choices or one.required or one.kind != "choice"):
            body[one.name] = TYPED.get(one.name, made[one.kind])
    return {**body, SURE: True} if offer.act.ends else body


def posted(client, address: str, body: dict):
    """The answer to a call that is taken back afterwards."""
    with undone():
        return client.post(address, body, content_type="application/json")


def address(name: str, number: str) -> str:
    """Where a page of a noun is; one on which a record is opened has no number."""
    try:
        return reverse(name, args=[number])
    except NoReverseMatch:
        return reverse(name)


def drawn(client, noun, number: str, place: str) -> set[str] | None:
    """The acts of a page that has forms for them; None where this reader opens no page of that place."""
    for name in noun.pages[place]:
        answer = client.get(address(name, number))
        if answer.status_code == 200 and 'id="acts"' in (body := answer.content.decode()):
            return set(re.findall(r'name="act" value="([^"]+)"', body.partition('id="acts"')[2]))
    return None


class Tried:
    """What this walk has done already: each act is sent once for every post and once for every state, not for each
    pair of them, and each kind of page is drawn so; what is offered is asked of the API for every pair."""

    def __init__(self) -> None:
        self._known: set[tuple[str, ...]] = set()

    def anew(self, *keys: tuple[str, ...]) -> bool:
        """Whether any of these is new; all of them are known afterwards."""
        new = not self._known.issuperset(keys)
        self._known.update(keys)
        return new


TRIED = Tried()


@pytest.mark.parametrize(("name", "build"), WALKS)
@pytest.mark.flow
def test_pages_and_api_offer_and_take_the_same(world, at, name, build):
    record, noun, state = build(world, at), NOUNS[name], build.__name__
    number = noun.number(record)
    doors = {False: f"/api/v1/{noun.address}/{number}/acts", True: f"/api/v1/{noun.address}/acts"}
    for person in world.users:
        client, by = signed_in(world, person, "en"), world.actor(person)
        expected = {}
        for opens in {act.opens for act in acts.acts_of(name)}:
            expected |= offered(client, doors[opens], name, None if opens else number, by, at())
        for place in (place for place, pages in noun.pages.items() if pages):
            fitting = {one.act.sent for one in expected.values() if one.open and one.act.place == place}
            of_post, of_state = (name, place, "post", person), (name, place, "state", state)
            if TRIED.anew(*((of_post, of_state) if fitting else (of_post,))):
                words = drawn(client, noun, number, place)
                assert words == fitting or (words is None and not fitting), (person, place)
        for act in acts.acts_of(name) if build is STATES[name][0] else [offer.act for offer in expected.values()]:
            offer = expected.get(act.name)
            outcome = "none" if offer is None else "fits" if offer.fits else "refused"
            if TRIED.anew((act.name, "post", person, outcome), (act.name, "state", state, outcome)):
                walk_api(client, f"{doors[act.opens]}/{act.name}", act, by, offer)


def offered(client, door: str, name: str, number: str | None, by, at) -> dict:
    """The acts that the API offers this person, which are those of the table; none on a record out of sight."""
    answer = client.get(door)
    if answer.status_code in (403, 404):
        return {}
    record = None if number is None else NOUNS[name].find(number, by)
    offers = {offer.act.name: offer for offer in acts.offers(name, record, by=by, at=at)}
    codes = {row["name"]: [finding["code"] for finding in row["findings"]] for row in answer.json()}
    assert codes == {act: [finding.code for finding in offer.findings] for act, offer in offers.items()}, by
    return offers


def walk_api(client, address: str, act, by, offer) -> None:
    """One act by one person: without grant, out of reach, unfit, with nothing typed, and typed."""
    if offer is None:
        assert posted(client, address, filled(act)).status_code in ((403, 404) if acts.holds(by, act) else (403,)), (
            act.name
        )
        return
    answer = posted(client, address, sample(offer))
    if offer.findings:
        codes = [one["code"] for one in answer.json()["findings"]]
        gates = [one.code for one in offer.findings]
        judged = act.tries_kept and {*gates} <= {*codes}  # the service has more to say of what was typed
        assert answer.status_code == 409 and (codes == gates or judged), act.name
        return
    assert answer.status_code in (200, 409, 422), (act.name, answer.content)
    if TRIED.anew((act.name, "bare")):  # what a form wants does not hang on who sends it
        needed = act.ends or any(field.required for field in act.fields)
        bare = posted(client, address, {}).status_code  # 409: the record wants a reason, or who is liable
        assert bare in ((422,) if needed else (answer.status_code, 409)), act.name


def value_for(one):
    """A value of the right form for a field, from its own choices where they are the same for every record."""
    if one.kind in ("choice", "choices"):
        known = [] if callable(one.choices) else [str(value) for value, _words in one.choices if str(value)]
        return (known[0] if known else "x") if one.kind == "choice" else (known[:1] or ["x"])
    if one.kind in ("number", "rupees"):
        return max(1, int(one.least or 0))
    made = {
        "decimal": "1",
        "day": "2026-06-06",
        "yes_no": True,
        "instant": "2026-06-06T10:00:00+05:30",
        "document": PAPER,
    }
    return made.get(one.kind, "1")


def filled(act) -> dict:
    """A body of the right shape, whatever the record knows of its choices."""
    body = {one.name: value_for(one) for one in act.fields if one.kind != "file"}
    return {**body, SURE: True} if act.ends else body


@pytest.mark.parametrize("name", WITH_ACTS)
def test_an_act_that_a_post_has_not_changes_nothing_on_a_page(world, at, name):
    record, noun = STATES[name][0](world, at), NOUNS[name]
    number, before = noun.number(record), ActionLog.objects.count()
    for person in world.users:
        client, by = signed_in(world, person), world.actor(person)
        foreign = [act for act in acts.acts_of(name) if not acts.holds(by, act)]
        held = {act.sent for act in acts.acts_of(name) if acts.holds(by, act)}
        for act in foreign:
            for page in noun.pages[act.place]:
                if act.sent not in held:
                    answer = client.post(address(page, number), {"act": act.sent, **filled(act)})
                    assert answer.status_code in (200, 302, 403, 404, 405, 422), (person, act.name)
    assert ActionLog.objects.count() == before


def test_the_permission_page_prints_every_act_with_the_posts_that_hold_it(world, at):
    at.set(india("2026-06-06"))
    hq = signed_in(world, "hq", "en")
    page = hq.get("/office/posts/?acts=on").content.decode()
    sheet = list(csv.DictReader(io.StringIO(hq.get("/office/posts/?acts=on&format=csv").content.decode("utf-8-sig"))))
    posts = {post.title["en"]: post.code for post in chart().posts.values()}
    with translation.override("en"):
        for act in acts.ACTS.values():
            (row,) = (row for row in sheet if row["Grant"] == act.grant)
            assert str(act.label) in row["Acts"] and escape(str(act.label)) in page
            assert tuple(posts[title] for title in posts if row[title]) == holders(act.grant), act.name
    assert signed_in(world, "mdo").get("/office/posts/").status_code == 403
