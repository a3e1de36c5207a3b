"""What a bidder meets on the pages: the registration form, and the papers that clause 7 asks of his kind."""

import re

import pytest

from tests.doors import codes_in, sum_asked, words_of

#: Who applied for which lot in the season, by kind of bidder.
COMPANY, PARTNERSHIP, SOCIETY, INDIVIDUAL = (
    ("gangotri", "MUN-2026-01"),
    ("angpradesh", "MUN-2026-02"),
    ("sitakund", "MUN-2026-17"),
    ("mirkasim", "MUN-2026-18"),
)
OF_ALL = "कखगघचछजठडथध"


def papers(page, bidder):
    """The letters of clause 7 on a bidder's page of a lot."""
    name, lot = bidder
    words = words_of(page(name).open(f"/bidder/lots/{lot}/").text)
    return set(re.findall(r" \(([\u0900-\u097f])\) ", words))


def register(page, **changes):
    """The registration form of Gangotri, sent again with changes: what the page answered."""
    bidder = page("gangotri")
    form = bidder.open("/bidder/")
    given = {"citizen": "on", "accept_terms": "on", "aadhaar": "", "sum": sum_asked(form.text), **changes}
    given = {name: value for name, value in given.items() if value is not None}
    return bidder.send(form, lambda one: "signatory" in one.fields, given, lawful=False)


@pytest.mark.row("E-055", "E-045", "E-046", "E-049", "E-050", "E-186", "E-187", "E-188")
def test_every_kind_of_bidder_is_asked_for_the_papers_of_its_kind(page):
    asked = {kind: papers(page, kind) for kind in (COMPANY, PARTNERSHIP, SOCIETY, INDIVIDUAL)}
    assert asked[INDIVIDUAL] == set(OF_ALL) | {"झ"}  # accounts, which he may give
    assert asked[COMPANY] == set(OF_ALL) | {"झ", "ढ", "द"}  # accounts; memorandum or articles
    assert asked[PARTNERSHIP] == set(OF_ALL) | {"झ", "ढ", "त"}  # accounts; partnership deed
    assert asked[SOCIETY] == set(OF_ALL) | {"झ", "ट", "ढ", "द"}  # audit report; bye-laws; accounts, which it may give


@pytest.mark.row("E-039", "E-040", "E-041", "E-044", "E-047", "E-048", "E-051", "E-053")
def test_the_papers_asked_of_everybody_are_those_of_clause_7(page):
    words = words_of(page("mirkasim").open("/bidder/lots/MUN-2026-18/").text)
    assert "(ख) Terms signed and sealed on every page" in words
    assert "(ग) Signed and sealed bid application" in words
    assert "(घ) PAN and Aadhaar, self-attested (hide all but the last four digits of Aadhaar)" in words
    assert "(ज) Character certificate" in words
    assert "(ठ) Accounts of three years verified by a chartered accountant" in words
    assert "(ड) Income-tax returns of three years" in words
    assert "(थ) Two self-attested photographs" in words
    assert "(ध) Affidavit of not being blacklisted" in words


@pytest.mark.row("E-063", "E-064")
def test_terms_and_own_risk_are_accepted_before_registration(page):
    refused = register(page, accept_terms=None)
    assert refused.status_code == 409 and "AUC-15" in codes_in(refused.text)
    assert "later objection is not admissible" in refused.text and "clauses 2(ii), 14 and 15" in refused.text
    form = words_of(page("gangotri").open("/bidder/").text)
    assert "own computers and lines are our own risk" in form


@pytest.mark.row("E-015")
def test_a_signature_that_has_run_out_does_not_register(page):
    refused = register(page, dsc_valid_until="2026-01-31")
    assert refused.status_code == 409 and "AUC-80" in codes_in(refused.text)
    assert "clause 2(i)" in refused.text
    shown = words_of(page("gangotri").open("/bidder/").text)
    assert "Clause 2(i) asks for class 2. Our reading: class 3 serves too" in shown
    assert "The user ID is sent to the e-mail address only, which so is proved" in shown


@pytest.mark.row("E-179")
def test_an_aadhaar_number_with_a_slip_is_refused_and_never_shown(page):
    refused = register(page, aadhaar="123412341234")
    assert refused.status_code == 409 and "AUC-88" in codes_in(refused.text)
    assert "Aadhaar" in words_of(refused.text) and "123412341234" not in refused.text
    kept = words_of(page("gangotri").open("/bidder/").text)
    assert "xxxx xxxx 6152" in kept


@pytest.mark.row("E-034")
def test_a_bid_comes_by_the_portals_request_from_the_bidder_alone(api):
    name, lot = COMPANY
    here, before = f"/api/v1/lots/{lot}/bids", api().get(f"/api/v1/lots/{lot}")["highest_rupees"]
    sent = {"steps": 1, "key": "on paper", "expected_highest": 0}
    unread = api(name).post(here, sent)
    (why,) = unread.json()["findings"]
    assert (unread.status_code, why["code"]) == (409, "AUC-19")
    assert "The request cannot be read: key must be 8–64" in why["message"]["en"]
    for office in ("mdo", "collector", "hq"):  # nobody hands in a bid for another
        assert api(office).post(here, {**sent, "key": "0123456789"}).status_code in (403, 404)
    assert api().get(f"/api/v1/lots/{lot}")["highest_rupees"] == before == 8950500
