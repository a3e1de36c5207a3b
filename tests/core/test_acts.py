"""Acts as they are declared: known grants, known clauses, one service each; and what the mechanism refuses."""

import inspect

import pytest
from django.utils import translation

from immis.core import acts
from immis.core.acts import Act, Gate
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.leases import services
from immis.rules.catalogue import RULES, load_all
from immis.rules.policy import book
from immis.rules.posts import chart
from tests.settlement import india, treasury, world

__all__ = ["treasury", "world"]
ALL = [pytest.param(act, id=name) for name, act in acts.ACTS.items()]


@pytest.mark.parametrize("act", ALL)
def test_an_act_is_held_by_a_post_and_cites_its_clause(act):
    grants = [act.grant, *([act.second.grant] if act.second else [])]
    assert all(chart().holders(grant) for grant in grants)
    assert book().entry(act.clause).title
    assert act.label and act.place in act.noun.pages


@pytest.mark.parametrize("act", ALL)
def test_every_gate_is_an_occasion_of_the_rule_book(act):
    load_all()
    occasions = {rule.on for rule in RULES.values()}
    assert {gate.on for gate in act.fits} <= occasions


@pytest.mark.parametrize("act", ALL)
def test_the_service_takes_what_the_act_asks_for(act):
    names = {one.name for one in act.fields} | ({"return_url"} if act.outside else set())
    about = {} if act.opens else {act.kind: None}
    for service in (act.do, *([act.second.propose] if act.second else [])):
        try:
            inspect.signature(service).bind(**about, by=None, at=None, **dict.fromkeys(names))
        except TypeError as error:
            pytest.fail(f"{act.name} asks for {', '.join(sorted(names)) or 'nothing'}; {service.__name__}: {error}")


def test_what_a_page_sends_names_one_act_of_each_post():
    for post in chart().posts.values():
        for act in acts.ACTS.values():
            held = [one for one in acts.acts_of(act.kind, place=act.place) if one.grant in post.grants]
            words = [one.sent for one in held]
            assert len(words) == len(set(words)), (post.code, act.name)


def test_an_act_without_a_label_is_called_as_its_grant_is(monkeypatch):
    monkeypatch.setattr(acts, "ACTS", {})
    acts.declare(Act("lease.cancel", "", "LSE-25", services.cancel_settlement), place="life")
    for language in ("hi", "en"):
        with translation.override(language):
            assert str(acts.ACTS["lease.cancel"].label) == chart().grant("lease.cancel").title[language]


def test_an_act_is_declared_once_and_beside_its_noun():
    known = acts.ACTS["lease.cancel"]
    with pytest.raises(ValueError, match="declared twice"):
        acts.declare(known, place="life")
    with pytest.raises(ValueError, match="noun is not declared"):
        acts.declare(Act("moon.land", "Land", "LSE-25", services.cancel_settlement), place="life")


@pytest.mark.django_db
class TestOffers:
    def test_they_are_those_of_the_post_each_with_its_reason(self, world, at):
        lease = world.opened()
        found = acts.offers("lease", lease, by=world.collector, at=india("2026-06-06"), place="life")
        why = {offer.act.name: [finding.code for finding in offer.findings] for offer in found}
        assert why["lease.extend_clock"] == [] and why["lease.cancel"] == ["LSE-25"]
        assert why["lease.record_stored_sand"] == ["LSE-67"]
        assert "lease.ask_surrender" not in why and "lease.reply_to_notice" not in why
        assert acts.offers("lease", lease, by=world.actor("monitor"), at=india("2026-06-06")) == []
        assert acts.offers("lease", lease, by=world.actor("patna"), at=india("2026-06-06")) == []

    def test_one_act_asks_the_grant_then_the_reach_then_the_rules(self, world, at):
        lease, now = world.opened(), india("2026-06-06")
        with pytest.raises(NotFound):
            acts.offer_of("lease.explode", lease.number, by=world.collector, at=now)
        with pytest.raises(NotPermitted):
            acts.offer_of("lease.cancel", lease.number, by=world.district, at=now)
        with pytest.raises(NotFound):
            acts.offer_of("lease.record_documents", lease.number, by=world.actor("patna"), at=now)
        offer = acts.offer_of("lease.cancel", lease.number, by=world.collector, at=now)
        with pytest.raises(Refusal, match="LSE-25"):
            acts.perform(offer, {"reference": "DM/1", "reason": "x"})

    def test_two_officers_one_proposes_the_other_issues(self, world, at):
        lease = world.deeded()
        world.demarcate(lease, at=india("2026-07-15"))
        services.record_gst(lease=lease, on=india("2026-07-10").date(), by=world.district, at=india("2026-07-15"))
        now = india("2026-07-15", "12:00:00")
        alone = acts.offer_of("lease.grant_permission", lease.number, by=world.collector, at=now)
        assert [finding.code for finding in alone.findings] == ["LSE-60"]
        proposed = acts.offer_of("lease.grant_permission", lease.number, by=world.district, at=now)
        assert proposed.proposes and proposed.fits
        acts.perform(proposed, {})
        lease.refresh_from_db()
        assert lease.permitted_at is None
        acts.perform(acts.offer_of("lease.grant_permission", lease.number, by=world.collector, at=now), {})
        lease.refresh_from_db()
        assert lease.permitted_at == now

    def test_what_is_gathered_once_serves_every_act(self, world, at, monkeypatch):
        lease, asked = world.opened(), []

        def gather(record, by, at):
            asked.append(record)
            return acts.ACTS["lease.cancel"].fits[0].gather(record, by, at)

        gate = Gate("lease.running", gather)
        names = ("lease.probe_one", "lease.probe_two")
        for name in names:
            probe = Act(name, "Probe", "LSE-61", services.cancel_settlement, fits=(gate,), shared_grant="lease.cancel")
            monkeypatch.setitem(acts.ACTS, name, probe)
        acts.offers("lease", lease, by=world.collector, at=india("2026-06-06"))
        assert len(asked) == 1
