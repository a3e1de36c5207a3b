"""The tree of offices: the State's own, what a file adds to it, and what is told of an odd file row by row."""

import pytest
from click.testing import CliRunner

from immis.commands.people.office import command
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


def run(tmp_path, text: str):
    path = tmp_path / "offices.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(command, ["import", str(path)])


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


def test_a_file_adds_subdivisions_and_blocks_below_a_district(tree, tmp_path):
    answer = run(tmp_path, GOOD)
    assert (answer.exit_code, answer.output) == (0, "2 offices entered.\n")
    block = Office.objects.get(code="jamalpur")
    assert (block.parent.code, block.parent.parent.code, block.lgd_code) == ("munger-sadar", "munger", 1769)
    assert districts_below(Office.objects.get(code="munger").pk) == {"Munger"}
    assert len(districts_below(Office.objects.get(code="hq").pk)) == 38


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,blok,X,X,munger,Munger,", "row 2, kind: 'blok'; did you mean block? allowed: "),
        ("x,block,X,X,mungar,Munger,", "row 2, parent: 'mungar'; did you mean munger? allowed: "),
        ("x,block,X,X,division-munger,Munger,", "row 2, parent: 'division-munger'; an office of kind district"),
        ("x,block,X,X,munger,Mungr,", "row 2, district: 'Mungr'; did you mean Munger? allowed: "),
        ("x,division,X,X,hq,Munger,", "row 2, district: 'Munger'; nothing: an office of kind division"),
        ("x,block,,X,munger,Munger,", "row 2, name_en: ''; 1 to 120 characters"),
        ("x y,block,X,X,munger,Munger,", "row 2, code: 'x y'; letters, digits, - and _"),
        ("x,block,X,X,munger,Munger,12a", "row 2, lgd_code: '12a'; the number of the Local Government Directory"),
        ("x,block,X,X,munger,Munger,\nx,block,X,X,munger,Munger,", "row 3, code: 'x'; each office stands in"),
    ],
)  # fmt: skip
def test_an_odd_row_is_told_and_nothing_of_the_file_is_taken(tree, tmp_path, row, message):
    answer = run(tmp_path, GOOD.replace(HEAD, HEAD + row + "\n"))
    assert answer.exit_code == 1 and message in answer.output
    assert not Office.objects.filter(kind__in=("block", "subdivision")).exists()


def test_a_file_without_its_columns_is_told(tree, tmp_path):
    answer = run(tmp_path, "office;kind\n")
    assert answer.exit_code == 1 and "the first row names the columns code, kind, name_en" in answer.output


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
    odd.write_text(shipped.replace("menu: [desk, office_leases", "menu: [dsek, office_leases"), encoding="utf8")
    answer = invoke(command, ["check", str(odd)])
    assert answer.exit_code == 1 and "the menu of hq names 'dsek'; did you mean desk?" in answer.output
