"""Offices, people and charges in the browser: what an order changes, from the next request on and in every process."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.core.access.permissions import PUBLIC, SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.core.services import log_action
from immis.registry.models import Office, Post, SheetFile, User
from immis.registry.people import authorities, charges, data_rights, logins
from immis.registry.people.papers import handover_data
from immis.registry.selectors import actor_of, office_for
from immis.registry.services import add_user
from immis.registry.sheets import files
from tests.settlement import india, treasury, world
from tests.web.leases.test_lease_pages import signed_in, text

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
NOON = india("2026-10-20", "12:00:00")
HEAD = "username,name_en,name_hi,email,post,office,additional,ends_on,reference\n"


@pytest.fixture(autouse=True)
def _noon(at):
    at.set(NOON)


def newcomer(name: str = "new") -> User:
    return add_user(username=name, name_en=name.title(), name_hi=name, password="a-long-password")


def give(world, user, office="munger", role="district", **terms):
    place = Office.objects.get(code=office)
    by = world.actor("hq")
    return charges.give_charge(user=user, office=place, role=role, terms=charges.Terms(**terms), by=by, at=NOON)


def test_an_additional_charge_counts_until_its_end_and_its_holder_chooses_in_which_he_acts(world, at):
    patna = world.users["patna"]
    extra = give(world, patna, additional=True, ends_at=NOON + timedelta(days=2), reference="HQ/2")
    client = signed_in(world, "patna", "en")
    assert (actor_of(patna).district, actor_of(patna).charges) == ("Patna", 2)
    client.post("/account/charges/", {"charge": extra.pk})
    assert actor_of(patna).district == "Munger"
    assert "मुंगेर" in signed_in(world, "patna").get("/account/charges/").content.decode()
    at.set(NOON + timedelta(days=2))
    assert (actor_of(patna).district, actor_of(patna).charges) == ("Patna", 1)
    assert client.post("/account/charges/", {"charge": extra.pk}).status_code == 404
    assert signed_in(world, None).get("/account/charges/")["Location"] == "/login?next=/account/charges/"


@pytest.mark.flow
def test_a_charge_is_handed_over_with_what_is_pending_and_the_old_holder_sees_nothing_more(world):
    successor, mdo = newcomer(), world.users["mdo"]
    charge = Post.objects.get(user=mdo)
    client = signed_in(world, "mdo", "en")
    page = f"/office/charges/{charge.pk}/"
    sent = {"act": "hand_over", "successor": "new", "reference": "HQ/7", "remarks": "keys in the safe", "sure": "on"}
    refused = client.post(page, sent)
    assert refused.status_code == 409 and "PPL-12" in refused.content.decode()  # who leaves appoints nobody
    assert is_held(charge) and not Post.objects.filter(user=successor).exists()
    appointed = give(world, successor, reference="HQ/6")
    assert 'value="new"' in client.get(page).content.decode()  # whom the order named stands there
    answer = client.post(page, sent)
    assert Post.objects.get(user=successor).pk == appointed.pk
    number = answer["Location"].rstrip("/").rsplit("/", 1)[-1]
    assert number == "HO-2026-0001"
    assert client.get("/office/leases/").status_code == 403 and client.get(answer["Location"]).status_code == 200
    assert client.get(f"{answer['Location']}report.pdf").content.startswith(b"%PDF")
    row = charges.handover_of(world.actor("hq"), number)
    paper = handover_data(row)
    assert paper["remarks"] == "keys in the safe" and len(paper["pending"]) == len(row.pending)
    assert (actor_of(successor).role, actor_of(successor).district) == ("district", "Munger")
    assert office_for(district="Munger", role="district").code == "munger"
    line = ActionLog.objects.get(code="charge.handed_over")
    assert line.facts["to"] == "new" and line.user_id == mdo.pk
    assert signed_in(world, "patna").get(answer["Location"]).status_code == 404  # another district's


@pytest.mark.flow
def test_who_gives_charges_hands_one_over_to_whom_he_chooses(world):
    newcomer()
    charge = Post.objects.get(user=world.users["mdo"])
    sent = {"act": "hand_over", "successor": "new", "reference": "HQ/8", "remarks": "", "sure": "on"}
    assert signed_in(world, "hq", "en").post(f"/office/charges/{charge.pk}/", sent).status_code == 302
    assert Post.objects.get(user__username="new").role == "district" and not is_held(charge)


def test_an_office_is_placed_under_another_one_with_those_below_it(world):
    post = Office.objects.create(
        code="ghat-1", kind="checkpost", name_en="G", name_hi="G", district="Munger", parent=office("munger")
    )
    hq = signed_in(world, "hq", "en")
    order = {"act": "move", "parent": "patna", "district": "Munger", "reference": "HQ/9"}
    assert hq.post("/office/offices/ghat-1/", order).status_code == 302
    post.refresh_from_db()
    assert (post.parent.code, post.district) == ("patna", "Patna")
    facts = ActionLog.objects.get(code="office.moved").facts
    assert facts["before"] == {"parent": "munger", "district": "Munger"} and facts["reference"] == "HQ/9"
    assert facts["after"] == {"parent": "patna", "district": "Patna"}
    wrong = hq.post("/office/offices/patna/", {**order, "parent": "ghat-1", "district": "Patna"})
    assert wrong.status_code == 409 and "REG-31" in wrong.content.decode()
    assert hq.post("/office/offices/patna/", {**order, "parent": "nowhere"}).status_code == 422
    assert signed_in(world, "mdo").post("/office/offices/munger/", order).status_code == 403


def test_a_division_offers_no_charge_and_headquarters_no_place_above(world):
    division = Office.objects.create(code="div", kind="division", name_en="D", name_hi="D", parent=office("hq"))
    page = signed_in(world, "hq", "en").get(f"/office/offices/{division.code}/").content.decode()
    assert 'value="appoint"' not in page and "no post is held in an office of this kind" in page
    assert 'value="move"' not in signed_in(world, "hq", "en").get("/office/offices/hq/").content.decode()


def office(code: str) -> Office:
    return Office.objects.get(code=code)


def test_another_districts_people_offices_and_charges_are_not_there(world):
    collector = signed_in(world, "collector", "en")
    theirs = Post.objects.get(user=world.users["patna"])
    for address in (f"/office/charges/{theirs.pk}/", "/office/people/patna/", "/office/offices/patna/"):
        assert collector.get(address).status_code == 404, address
    assert "patna" not in text(collector.get("/office/people/"))
    own = {"act": "appoint", "username": "mdo", "post": "collector", "reference": "DM/1", "sure": "on"}
    assert collector.post("/office/offices/munger/", own).status_code == 302
    assert Post.objects.filter(user=world.users["mdo"], role="collector").exists()
    api = collector.post(f"/api/v1/charges/{theirs.pk}/acts/charge.end", own, content_type="application/json")
    assert api.status_code == 404 and is_held(theirs)


def is_held(charge: Post) -> bool:
    return Post.objects.get(pk=charge.pk).active


@pytest.mark.flow
def test_nobody_gives_himself_a_charge_and_the_last_who_appoints_stays(world):
    hq = world.users["hq"]
    with pytest.raises(Refusal, match="PPL-01"):
        give(world, hq, role="collector")
    with pytest.raises(Refusal, match="PPL-01"):
        give(world, world.users["settlee"])
    with pytest.raises(Refusal, match="PPL-01"):
        give(world, world.users["mdo"])  # holds it
    assert "nobody disables his own" in text(signed_in(world, "hq", "en").get("/office/people/hq/"))
    with pytest.raises(Refusal, match="PPL-02"):
        charges.end_charge(charge=Post.objects.get(user=hq), reason="x", reference="x", by=SYSTEM, at=NOON)
    with pytest.raises(Refusal, match="PPL-04"):
        logins.disable_login(user=hq, reason="x", reference="x", by=SYSTEM, at=NOON)
    with pytest.raises(NotPermitted):
        logins.disable_login(user=world.users["patna"], reason="x", reference="x", by=world.collector, at=NOON)


@pytest.mark.flow
def test_a_disabled_log_in_is_out_at_once_and_its_old_session_stays_out_once_it_is_restored(world):
    client, hq = signed_in(world, "mdo", "en"), signed_in(world, "hq", "en")
    assert client.get("/office/leases/").status_code == 200
    order = {"act": "disable_login", "reason": "inquiry", "reference": "HQ/8", "sure": "on"}
    assert hq.post("/office/people/mdo/", order).status_code == 302
    assert client.get("/office/leases/")["Location"].startswith("/login")
    assert authenticate(username="mdo", password="a-long-password") is None
    with pytest.raises(Refusal, match="PPL-01"):
        give(world, User.objects.get(username="mdo"), role="collector")
    shown = text(hq.get("/office/people/?state=disabled"))
    assert "inquiry" in shown and "HQ/8" in shown
    back = {"act": "restore_login", "reason": "cleared", "reference": "HQ/9"}
    hq.post("/office/people/mdo/", back)
    assert client.get("/office/leases/")["Location"].startswith("/login")
    assert authenticate(username="mdo", password="a-long-password") is not None
    shown = text(hq.get("/office/people/?q=mdo"))
    assert "cleared" in shown and "HQ/9" in shown and "20.10.2026" in shown


@pytest.mark.flow
def test_an_office_is_created_renamed_and_closed_only_when_it_is_empty(world):
    hq = signed_in(world, "hq", "en")
    form = {"act": "open", "code": "jamalpur", "kind": "checkpost", "name_hi": "J", "name_en": "Jamalpur",
            "district": "Munger", "reference": "HQ/3"}  # fmt: skip
    assert hq.post("/office/offices/munger/", form)["Location"] == "/office/offices/jamalpur/"
    assert "Another office has this code" in text(hq.post("/office/offices/munger/", form))
    hq.post(
        "/office/offices/jamalpur/", {"act": "rename", "name_hi": "J", "name_en": "Jamalpur East", "reference": "9"}
    )
    assert "Jamalpur East" in text(hq.get("/office/offices/?q=jamalpur"))
    close = {"act": "close", "reason": "merged", "reference": "HQ/4", "sure": "on"}
    guard = newcomer()
    given = give(world, guard, office="jamalpur", role="checkpost")
    assert hq.post("/office/offices/jamalpur/", close).status_code == 409
    charges.end_charge(charge=given, reason="x", reference="x", by=world.actor("hq"), at=NOON)
    assert hq.post("/office/offices/jamalpur/", close).status_code == 302
    with pytest.raises(Refusal, match="PPL-01"):
        give(world, guard, office="jamalpur", role="checkpost")


def handed_in(client, content: str) -> str:
    """The page of a sheet of charges, checked."""
    answer = client.post("/sheets/charges/", {"file": SimpleUploadedFile("charges.csv", (HEAD + content).encode())})
    assert answer.status_code == 302
    assert "0 of" in text(client.get(answer["Location"]))
    files.work_on_files(at=NOON)
    return answer["Location"]


def test_a_sheet_of_charges_is_checked_by_row_and_taken_in_with_its_progress(world):
    hq = signed_in(world, "hq", "en")
    odd = "ravi,,,,district,munger,no,,\nmdo,,,,collectr,munger,,,\nx,X,X,,district,nowhere,yes,,\n"
    shown = text(hq.get(handed_in(hq, odd + "hq,,,,district,munger,,,\n")))
    assert "the name of a person who is not entered yet" in shown and "perhaps collector" in shown
    assert "nowhere" in shown and "the last day of the additional charge" in shown and "gives a charge to him" in shown
    assert "Take" not in shown and not User.objects.filter(username="ravi").exists()
    good = (
        "ravi,Ravi,R,,checkpost,munger,no,,HQ/5\npatna,,,,district,munger,yes,2026-12-31,HQ/6\n"
        "ravi,,,,district,patna,yes,2026-12-31,HQ/7\nx,,,,district,munger,,,\n"
    )
    page = handed_in(hq, good)
    assert "Take 3 rows in" in text(hq.get(page)) and not User.objects.filter(username="ravi").exists()
    hq.post(page, {"step": "take"})
    assert files.work_on_files(at=NOON) == 4 and files.work_on_files(at=NOON) == 0
    sheet = SheetFile.objects.latest("pk")
    assert (sheet.entered, sheet.refused) == (3, 1)
    assert actor_of(User.objects.get(username="ravi")).role == "checkpost"
    assert Post.objects.get(user=world.users["patna"], additional=True).ends_at == india("2027-01-01", "00:00:00")
    line = ActionLog.objects.get(code="sheet.taken_in")
    assert (line.facts["sha256"], line.facts["entered"]) == (sheet.sha256, 3)
    before = Post.objects.count()
    page = handed_in(hq, good)
    hq.post(page, {"step": "take"})
    files.work_on_files(at=NOON)
    assert Post.objects.count() == before
    assert signed_in(world, "mdo").get("/sheets/charges/").status_code == 403
    assert signed_in(world, "mdo").get(page).status_code == 404, "names of people are not for every post"


def test_looks_at_trails_are_on_record_for_the_jurisdiction_alone(world):
    facts = {"reason": "Complaint 9", "start": NOON, "end": NOON}
    log_action("trail.read", subject=("vehicle", "BR08G1234"), by=world.district, at=NOON, facts=facts)
    log_action("trail.read", subject=("vehicle", "BR01G1234"), by=world.actor("patna"), at=NOON, facts=facts)
    assert "BR08G1234" in text(signed_in(world, "collector").get("/office/looks/"))
    assert "BR01G1234" not in text(signed_in(world, "collector").get("/office/looks/"))
    whole = signed_in(world, "hq", "en").get("/office/looks/?format=csv").content.decode()
    assert "BR01G1234" in whole and "Complaint 9" in whole
    acts = signed_in(world, "hq", "en").get("/office/people/mdo/acts/?format=csv").content.decode()
    assert "trail.read" in acts and "BR08G1234" in acts
    assert signed_in(world, "collector").get("/office/people/patna/acts/").status_code == 404


def test_a_person_sees_takes_along_and_asks_to_erase_what_is_kept_of_him(world):
    visitor = signed_in(world, None, "en")
    assert "within 90 days" in text(visitor.get("/account/data/")) and visitor.get("/retention/").status_code == 200
    settlee = signed_in(world, "settlee", "en")
    kept = json.loads(settlee.post("/account/data/file").content)
    assert kept["person"]["username"] == "settlee" and kept["parties"][0]["pan"] == "AABCG1234F"
    assert "password" not in kept["person"]
    settlee.post("/account/data/", {"act": "make", "kind": "erasure", "text": "my e-mail"})
    row = data_rights.requests(world.settlee).get()
    hq = signed_in(world, "hq", "en")
    assert "nothing: the law needs it kept" in text(hq.get(f"/office/data-requests/{row.number}/"))
    gone = newcomer()
    User.objects.filter(pk=gone.pk).update(email="gone@example.org")
    asked = data_rights.make_request(kind="erasure", text="e-mail", by=actor_of(gone), at=NOON)
    hq.post(f"/office/data-requests/{asked.number}/", {"act": "answer", "outcome": "granted", "answer": "done"})
    gone.refresh_from_db()
    assert gone.email == "" and ActionLog.objects.get(code="data_request.answered").facts["erased"] == ["email"]
    with pytest.raises(NotPermitted):
        data_rights.make_request(kind="erasure", text="x", by=PUBLIC, at=NOON)


@pytest.mark.flow
def test_an_operator_does_what_he_was_named_for_and_nothing_else(world):
    lease = world.opened()
    operator = newcomer("operator")
    limits = authorities.Limits(grants=["challan.issue"], leases=["MUN-2026-99"])
    row = authorities.give_authority(user=operator, kind="operator", limits=limits, by=world.settlee, at=NOON)
    by = actor_of(operator)
    assert (by.party_id, by.leases) == (world.party.pk, frozenset({"MUN-2026-99"}))
    world.users["operator"] = operator
    client = signed_in(world, "operator", "en")
    assert client.get(f"/settlee/leases/{lease.number}/").status_code == 404
    assert client.get("/settlee/people/").status_code == 403 and client.get("/bidder/").status_code == 403
    with pytest.raises(Refusal, match="PPL-06"):
        authorities.give_authority(user=operator, kind="operator", limits=limits, by=world.actor("other"), at=NOON)
    with pytest.raises(Refusal, match="PPL-06"):
        authorities.give_authority(user=world.users["mdo"], kind="operator", limits=limits, by=world.settlee, at=NOON)
    past = authorities.Limits(ends_at=NOON)
    with pytest.raises(Refusal, match="PPL-06"):
        authorities.give_authority(user=newcomer("x2"), kind="operator", limits=past, by=world.settlee, at=NOON)
    wide = authorities.Limits(grants=["challan.issue"])
    authorities.limit_authority(authority=row, limits=wide, by=world.settlee, at=NOON)
    assert client.get(f"/settlee/leases/{lease.number}/").status_code == 200
    authorities.end_authority(authority=row, reason="left", by=world.settlee, at=NOON)
    assert actor_of(operator).role == "public"
