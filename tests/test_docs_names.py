"""Every path, module and command that README, CONTRIBUTING and the how-tos name is there; their examples are taken."""

import re
import subprocess
import textwrap
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from immis import cli
from immis.registers import loader
from immis.rules import posts
from immis.rules.marks import Fault, Faults
from immis.rules.writing.avoided import faults_in

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
).stdout.split() or [
    str(path.relative_to(ROOT)) for top in ("immis", "tests", "tools", "docs") for path in (ROOT / top).rglob("*")
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.M))
#: A file that the page has its reader write: what stands first in a step, or is led by ``a new file``.
_WRITTEN = re.compile(r"(?:\d\. \*\*[^*]+\*\*:?|a new file) `((?:immis|tests|docs)/[^` <]+|[\w@.-]+\.yaml)`")
_PATH = re.compile(
    r"(?<![\w/.<>@-])[\w.-]+(?:/[\w.@-]+)*/?[\w.@-]*\.(?:py|yaml|po|md|json)\b|(?:immis|tests|tools|docs)/[\w./-]*"
)
_MODULE = re.compile(r"\bimmis(?:\.\w+)+")


def exists(path: str) -> bool:
    """Whether a path is there as it stands, or as the end of one (``challans/facts.py``)."""
    path = path.rstrip("/.")
    return (ROOT / path).exists() or any(f"/{file}".endswith(f"/{path}") for file in FILES)


def spans(text: str) -> list[str]:
    """What stands in back quotes outside of the blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))


def commands(text: str) -> list[list[str]]:
    """Every ``immis …`` of a page, in back quotes or in a block, as its words."""
    blocks = [line for block in re.findall(r"```\n(.*?)```", text, re.S) for line in block.splitlines()]
    lines = [line.strip().removeprefix(".venv/bin/") for line in (*spans(text), *blocks)]
    parts = [part.split("&&")[-1] for line in lines for part in [re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line)]]
    return [part.split() for part in parts if part.split()[:1] == ["immis"] and len(part.split()) > 1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf8")
    written = set(_WRITTEN.findall(text))
    for path in written:
        assert (ROOT / path).parent.is_dir(), f"{page.name}: no folder for {path}"
    names = {path for span in spans(text) if "<" not in span and "…" not in span for path in _PATH.findall(span)}
    missing = [path for path in sorted(names - written) if not exists(path)]
    assert missing == [], f"{page.name} names {', '.join(missing)}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_link_and_target_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf8")
    for name in {name for span in spans(text) for name in _MODULE.findall(span)}:
        module, _, last = name.rpartition(".")
        assert find_spec(name) or hasattr(__import__(module, fromlist=[last]), last), f"{page.name}: no module {name}"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (page.parent / link).exists(), f"{page.name}: the link {link} leads nowhere"
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert target in TARGETS, f"{page.name}: no target {target} in the Makefile"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page):
    for words in commands(page.read_text(encoding="utf8")):
        group: click.Command = cli.main
        for word in words[1:]:
            if word[0] in "-…" or not isinstance(group, click.Group):
                break
            step = group.get_command(click.Context(group), word)
            assert step is not None, f"{page.name}: no command {' '.join(words)}"
            group = step


def _example(page: str) -> str:
    """The first block of YAML of a how-to, as its reader types it."""
    text = (ROOT / "docs" / "howto" / page).read_text(encoding="utf8")
    found = re.search(r"^( *)```yaml\n(.*?)^ *```", text, re.S | re.M)
    assert found, page
    return textwrap.dedent(found[2])


def test_the_example_of_a_register_is_taken(tmp_path):
    path = tmp_path / "trees.yaml"
    path.write_text(_example("add-a-register.md"), encoding="utf8")
    faults: list[Fault] = []
    register = loader.read(path, faults)
    assert faults == []
    assert list(register.reports) == ["by_ghat"] and register.clocks["look"].length == 15


def test_the_example_of_a_post_is_taken(tmp_path):
    path = tmp_path / "posts.yaml"
    shipped = posts.FILE.read_text(encoding="utf8")
    path.write_text(f"{shipped}\n{textwrap.indent(_example('add-a-post.md'), '  ')}", encoding="utf8")
    assert posts.load(path).posts["auditor"].reach == "district"


@pytest.mark.parametrize("page", ["add-a-rule.md", "add-a-register.md", "add-a-post.md"])
def test_examples_are_written_in_the_words_of_the_glossary(page):
    assert faults_in(_example(page)) == []


def test_a_faulty_declaration_is_told_by_every_command_with_its_line(monkeypatch):
    def faulty() -> None:
        raise Faults([Fault("trees.yaml", 26, "no post 'districts'", "did you mean district?")])

    monkeypatch.setattr("immis.commands.people.office.setup_django", faulty)
    answer = CliRunner().invoke(cli.main, ["office", "tree"])
    assert answer.exit_code == 2
    assert answer.output == "immis/policy: trees.yaml:26: no post 'districts'; did you mean district?\n"


def test_every_test_that_the_table_of_faults_names_is_there():
    table = (ROOT / "docs" / "faults.md").read_text(encoding="utf8")
    named = re.findall(r"`([\w/]+\.py)::(\w+)", table)
    assert len(named) > 200
    texts = {file: (ROOT / "tests" / file).read_text(encoding="utf8") for file, _test in named}
    assert [(file, test) for file, test in named if f"def test_{test}(" not in texts[file]] == []
