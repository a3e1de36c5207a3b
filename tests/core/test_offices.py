"""The tree of offices: the State's own, what a sheet adds to it, and what is told of odd rows."""

import pytest
from click.testing import CliRunner

from immis.commands.people.office import command
from immis.commands.things import sheet
from immis.core.access.permissions import PUBLIC, SYSTEM
from immis.core.errors import NotPermitted
from immis.core.models import ActionLog
from immis.registry.models import Office, Post
from immis.registry.offices import enter_offices, enter_state_tree
from immis.registry.selectors import districts_below
from immis.rules.districts import CODES
from immis.rules.offices import state_tree
from immis.rules.posts import FILE, chart

pytestmark = pytest.mark.django_db
HEAD = "code,kind,name_en,name_hi,parent,district,lgd_code\n"
GOOD = HEAD + (
    "munger-sadar,subdivision,Munger Sadar,मुंगेर सदर,munger,Munger,\n"
    "jamalpur,block,Jamalpur,जमालपुर,munger-sadar,Munger,1769\n"
)


@pytest.fixture
def tree(at):
    from tests.web.twin import NOW

    at.set(NOW)
    enter_state_tree(by=SYSTEM, at=NOW)


def run(tmp_path, text: str, *options: str):
    path = tmp_path / "offices.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(sheet.command, ["import", "offices", str(path), *options])


def test_the_state_has_nine_divisions_and_each_district_stands_under_one_with_its_lgd_number():
    rows = state_tree()
    divisions = [row for row in rows if row.kind == "division"]
    districts = {row.district: row for row in rows if row.kind == "district"}
    assert len(divisions) == 9 and len(rows) == 48 and set(districts) == set(CODES)
    assert all(districts[name].lgd_code == code.lgd for name, code in CODES.items())
    assert {row.parent for row in districts.values()} == {row.code for row in divisions}


def test_entering_the_tree_again_changes_nothing(tree):
    before = ActionLog.objects.count()
    enter_state_tree(by=SYSTEM, at=ActionLog.objects.latest("seq").at)
    assert (Office.objects.count(), ActionLog.objects.count()) == (48, before)


def test_only_who_may_enters_offices(at):
    with pytest.raises(NotPermitted):
        enter_offices(state_tree(), by=PUBLIC, at=None)


def test_a_sheet_adds_subdivisions_and_blocks_below_a_district_with_one_line_of_the_log(tree, tmp_path):
    before = ActionLog.objects.count()
    answer = run(tmp_path, GOOD)
    assert answer.exit_code == 0 and "2 rows, 2 entered, 0 changed, 0 refused" in answer.output
    assert ActionLog.objects.count() == before + 1 and ActionLog.objects.latest("seq").code == "sheet.taken_in"
    block = Office.objects.get(code="jamalpur")
    assert (block.parent.code, block.parent.parent.code, block.lgd_code) == ("munger-sadar", "munger", 1769)
    assert districts_below(Office.objects.get(code="munger").pk) == {"Munger"}
    assert len(districts_below(Office.objects.get(code="hq").pk)) == 38
    changed = run(tmp_path, GOOD.replace("Jamalpur,", "Jamalpur East,"))
    assert "0 entered, 1 changed" in changed.output
    line = ActionLog.objects.get(code="office.changed")
    assert line.facts == {"before": {"name_en": "Jamalpur"}, "after": {"name_en": "Jamalpur East"}}


ODD = {
    "x1,blok,X,X,munger,Munger,": "Kind: blok cannot be taken; perhaps block",
    "x2,block,X,X,mungar,Munger,": "Office above: mungar cannot be taken; perhaps munger",
    "x3,block,X,X,division-munger,Munger,": "division-munger cannot be taken; an office of kind district, subdivision",
    "x4,block,X,X,munger,Mungr,": "District: Mungr cannot be taken; one of ",
    "x5,division,X,X,hq,Munger,": "Munger cannot be taken; nothing: an office of kind division",
    "x6,block,,X,munger,Munger,": "Name in English: — cannot be taken; this cell is needed",
    "x y,block,X,X,munger,Munger,": "Code: x y cannot be taken; letters of English, digits",
    "x8,block,X,X,munger,Munger,12a": "LGD number: 12a cannot be taken; a whole number",
    "jamalpur,block,X,X,munger,Munger,": "Code: jamalpur cannot be taken; each stands in the sheet once",
    "x9,block,X,X,x6,Munger,": "Office above: x6 cannot be taken; ",
}


def test_odd_rows_are_told_by_number_and_the_others_are_taken(tree, tmp_path):
    rest = tmp_path / "rest.csv"
    answer = run(tmp_path, GOOD + "\n".join(ODD) + "\n", "--rest", str(rest))
    assert answer.exit_code == 1 and f"12 rows, 2 entered, 0 changed, {len(ODD)} refused" in answer.output
    for number, message in enumerate(ODD.values(), 4):
        assert any(line.startswith(f"row {number}: ") and message in line for line in answer.output.splitlines()), (
            message
        )
    assert set(Office.objects.filter(kind__in=("block", "subdivision")).values_list("code", flat=True)) == {
        "munger-sadar",
        "jamalpur",
    }
    assert len(rest.read_text("utf-8-sig").splitlines()) == 1 + len(ODD)


def test_a_sheet_without_its_columns_is_told(tree, tmp_path):
    answer = run(tmp_path, "office;kind\n")
    assert answer.exit_code == 2 and "REG-32" in answer.output and "code" in answer.output


def test_a_person_is_appointed_to_a_post_of_the_file_by_command(tree):
    invoke = CliRunner().invoke
    invoke(command, ["person", "mdo", "--name-en", "M", "--name-hi", "म"])
    assert (
        invoke(command, ["appoint", "mdo", "district", "munger"]).output == "mdo holds the post district in munger.\n"
    )
    assert Post.objects.get().role == "district"
    line = ActionLog.objects.latest("seq")
    assert (line.code, line.subject_id) == ("post.given", "mdo")
    assert line.facts == {"post": "district", "office": "munger"}
    assert "did you mean collector" in invoke(command, ["appoint", "mdo", "colector", "munger"]).output
    odd = invoke(command, ["appoint", "mdo", "hq", "munger"]).output
    assert odd == "immis office: hq is held in offices of kind hq; munger is of kind district\n"
    assert "there is no office x" in invoke(command, ["appoint", "mdo", "district", "x"]).output


def test_the_file_of_posts_is_checked_by_command(tmp_path):
    invoke, shipped = CliRunner().invoke, FILE.read_text(encoding="utf8")
    assert invoke(command, ["check"]).output == f"{len(chart().posts)} posts, {len(chart().grants)} grants\n"
    odd = tmp_path / "posts.yaml"
    odd.write_text(shipped.replace("- lease.forfeit", "- lease.forfiet"), encoding="utf8")
    answer = invoke(command, ["check", str(odd)])
    assert answer.exit_code == 1 and "no grant 'lease.forfiet'; did you mean lease.forfeit?" in answer.output
    odd.write_text(shipped.replace("begins: monitoring", "begins: monitorin"), encoding="utf8")
    answer = invoke(command, ["check", str(odd)])
    assert (
        answer.exit_code == 1
        and "the day of monitoring begins at 'monitorin'; did you mean monitoring?" in answer.output
    )
