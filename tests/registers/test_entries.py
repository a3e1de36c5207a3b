"""Entries: acts by post and state, values that fit, what is private, clocks, versions, races of two officers."""

from datetime import timedelta

import pytest

from immis.core.access.permissions import PUBLIC
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog, OutboxEvent
from immis.registers import loader, selectors
from immis.registers.clocks import running
from immis.registers.jobs import climb_rungs
from immis.registers.models import EntryValue, PublishedVersion
from immis.registers.selectors import Find
from immis.registers.services import Given, Unfit, acts_now, do_act, reindex
from tests.registers.conftest import AT

DAY = AT.date()


def visitors():
    return loader.current("visitors", DAY)


def visit(by, at=AT, **values):
    given = {"came_at": "05.06.2026 10:15", "visitor": "Ram Kumar", "purpose": "application", "phone": "9000000001"}
    register = visitors()
    return do_act(register=register, act=register.acts["enter"], given=Given({**given, **values}), by=by, at=at)


def codes(error) -> dict[str, str]:
    return {name: code for name, (code, _) in error.value.faults.items()}


def test_an_entry_has_a_number_for_an_address_its_values_and_a_log_line(people):
    entry = visit(people.munger)
    assert entry.number == "VIS-2026-000001" and entry.state == "waiting" and entry.revision == 1
    assert entry.values["came_at"] == "2026-06-05T04:45:00+00:00" and entry.values["purpose"] == "application"
    assert ActionLog.objects.filter(code="register.enter", subject_id=entry.number).exists()
    assert OutboxEvent.objects.get(kind="register.acted").facts["to"] == "waiting"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"visitor": ""}, {"visitor": "required"}),
        ({"came_at": "soon"}, {"came_at": "instant"}),
        ({"came_at": "05.06.0001 10:00"}, {"came_at": "instant"}),
        ({"purpose": "tea"}, {"purpose": "choice"}),
        ({"purpose": "other"}, {"about": "required"}),
        ({"visitor": "x" * 121}, {"visitor": "long"}),
        ({"visitor": "a\0b"}, {"visitor": "letters"}),
        ({"to_see": "nobody"}, {"to_see": "reference"}),
    ],
)
def test_values_that_do_not_fit_are_told_by_field(people, values, wrong):
    with pytest.raises(Unfit) as error:
        visit(people.munger, **values)
    assert codes(error) == wrong
    assert not EntryValue.objects.exists()


def test_a_choice_may_be_typed_in_either_language(people):
    assert visit(people.munger, purpose="शिकायत", about="x").values["purpose"] == "complaint"


def test_an_act_fits_its_state_and_its_post(people):
    register, entry = visitors(), visit(people.munger)
    assert [act.name for act in acts_now(register, entry, people.munger)] == ["meet", "leave"]
    done = do_act(
        register=register, act=register.acts["meet"], given=Given({"outcome": "heard"}), by=people.munger, at=AT,
        entry=entry,
    )  # fmt: skip
    assert done.state == "met" and acts_now(register, done, people.munger) == []
    with pytest.raises(Refusal, match="RGS-01"):
        do_act(
            register=register, act=register.acts["meet"], given=Given({"outcome": "x"}), by=people.munger, at=AT,
            entry=done,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        visit(PUBLIC)


def test_another_office_sees_and_changes_nothing(people):
    entry, register = visit(people.munger), visitors()
    assert [row.pk for row in selectors.entries(people.munger, register)] == [entry.pk]
    assert not selectors.entries(people.patna, register).exists()
    assert [row.pk for row in selectors.entries(people.hq, register)] == [entry.pk]
    with pytest.raises(NotFound):
        selectors.entry_of(entry.number, people.patna)
    with pytest.raises(NotPermitted):
        do_act(
            register=register, act=register.acts["meet"], given=Given({"outcome": "x"}), by=people.patna, at=AT,
            entry=entry,
        )  # fmt: skip


def test_what_is_private_is_shown_to_its_posts_alone(people):
    entry, register = visit(people.post), visitors()
    assert "phone" in selectors.shown_values(people.hq, entry, register)
    entry.entered_by = 0
    assert "phone" not in selectors.shown_values(people.post, entry, register)


def test_who_read_an_older_revision_is_told(people):
    entry, register = visit(people.munger), visitors()
    with pytest.raises(Refusal, match="RGS-02"):
        do_act(
            register=register, act=register.acts["meet"], given=Given({"outcome": "x"}, revision=7), by=people.munger,
            at=AT, entry=entry,
        )  # fmt: skip


def test_an_act_needs_its_reason(people):
    entry, register = visit(people.munger), visitors()
    with pytest.raises(Unfit) as error:
        do_act(register=register, act=register.acts["leave"], given=Given({}), by=people.munger, at=AT, entry=entry)
    assert codes(error) == {"reason": "required"}


@pytest.mark.parametrize(
    ("find", "found"),
    [
        (Find(text="Ram"), 1), (Find(text="Sita"), 0), (Find(text="VIS-2026"), 1), (Find(state="met"), 0),
        (Find(fields={"purpose": "application"}), 1), (Find(fields={"came_at": "2026-06-05"}), 1),
        (Find(fields={"came_at_from": "2026-06-06"}), 0), (Find(fields={"came_at_to": "2026-06-05"}), 1),
        (Find(fields={"came_at": "nonsense"}), 0), (Find(fields={"phone": "9000000001"}), 0),
    ],
)  # fmt: skip
def test_finding(people, find, found):
    visit(people.munger)
    assert selectors.entries(people.munger, visitors(), find).count() == found


def test_the_side_table_written_anew_is_the_same(people):
    visit(people.munger)
    before = sorted(EntryValue.objects.values_list("field", "text", "number", "instant"))
    EntryValue.objects.all().delete()
    assert reindex("visitors", versions={row.version: row for row in loader.registers()["visitors"]}) == 1
    assert sorted(EntryValue.objects.values_list("field", "text", "number", "instant")) == before


def test_a_version_with_entries_may_not_change(people):
    visit(people.munger)
    assert PublishedVersion.objects.get().digest == visitors().digest
    from dataclasses import replace

    changed = replace(visitors(), digest="0" * 64)
    with pytest.raises(Refusal, match="RGS-03"):
        do_act(
            register=changed, act=changed.acts["enter"],
            given=Given({"came_at": "05.06.2026 10:15", "visitor": "x", "purpose": "hearing"}), by=people.munger, at=AT,
        )  # fmt: skip


def report_in(people):
    from immis.core.access.permissions import SYSTEM
    from immis.registry.services import NewBlock, save_block

    save_block(
        block=NewBlock(
            code="MUN-2026-01",
            serial=1,
            block_no="1",
            name_en="Ghat",
            name_hi="घाट",
            district="Munger",
            area_ha=1,
            quantity_m3=1,
            corners=[[25.0, 86.0], [25.0, 86.1], [25.1, 86.1]],
        ),
        by=SYSTEM,
        at=AT,
    )
    register = loader.current("weekly_inspection", DAY)
    values = {"inspected_on": "2026-06-04", "ghat": "MUN-2026-01", "boards": "yes", "depth": "no", "weighing": "हाँ"}
    values["weighing"] = "na"
    return register, do_act(
        register=register, act=register.acts["hand_in"], given=Given(values), by=people.munger, at=AT
    )


@pytest.mark.flow
def test_a_clock_runs_from_its_state_and_climbs_its_rungs(people):
    register, entry = report_in(people)
    assert entry.due_at is None
    back = do_act(
        register=register,
        act=register.acts["return"],
        given=Given({}, reason="photo"),
        by=people.hq,
        at=AT,
        entry=entry,
    )
    # Friday 5 June, three working days: Saturday, Monday, Tuesday 9 June; over at its end in India
    assert back.due_at.isoformat() == "2026-06-09T18:30:00+00:00" and back.next_rung_at == back.due_at
    [(clock, over_at, due)] = running(back, register)
    assert clock.name == "reply" and [why for _, why in due.skipped] == ["weekend"]
    assert climb_rungs(at=over_at - timedelta(seconds=1)) == 0 and climb_rungs(at=over_at) == 1
    told = OutboxEvent.objects.get(kind="register.rung").facts
    assert told["post"] == "collector" and told["entry"] == entry.number
    assert climb_rungs(at=over_at + timedelta(days=7)) == 1
    assert climb_rungs(at=over_at + timedelta(days=70)) == 0


def test_a_clock_stops_when_it_is_answered(people):
    register, entry = report_in(people)
    back = do_act(
        register=register,
        act=register.acts["return"],
        given=Given({}, reason="photo"),
        by=people.hq,
        at=AT,
        entry=entry,
    )
    given = Given({"answer": "here", "boards": "yes", "depth": "yes", "weighing": "yes"})
    again = do_act(register=register, act=register.acts["answer"], given=given, by=people.munger, at=AT, entry=back)
    assert again.due_at is None and again.next_rung_at is None
