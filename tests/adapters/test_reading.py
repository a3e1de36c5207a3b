"""A file from outside is read in a child with limits: what is hostile ends in words, and nothing of it is left."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from immis.adapters.geojson import GeojsonUnreadable
from immis.adapters.notices import SAMPLES, NoticeUnreadable, read_notice
from immis.adapters.pictures import PictureTooLarge
from immis.adapters.reading import apart
from immis.adapters.reading.apart import READERS, Reader, ReadingRefused, limits_today, read_apart
from immis.adapters.reading.codec import from_bytes, to_bytes
from immis.bench import hostile
from immis.core.signing.facts import Unreadable
from immis.rules.policy import book

pytestmark = pytest.mark.apart
AT = datetime(2026, 5, 20, 10, 0, tzinfo=UTC)
REFUSED = (NoticeUnreadable, Unreadable, ReadingRefused, PictureTooLarge, GeojsonUnreadable)


def children() -> list[str]:
    """The children of this process that still are there, corpses too."""
    shown = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True)
    return [line for line in shown.stdout.splitlines() if "reading.child" in line or "defunct" in line]


CORPUS = [
    ("signed_pdf", hostile.tangled_pdf, {"roots": Path("/nowhere"), "at": AT}),
    ("signed_pdf", hostile.looped_pages_pdf, {"roots": Path("/nowhere"), "at": AT}),
    ("notice", hostile.zip_bomb, {}),
    ("notice", hostile.wide_workbook, {}),
    ("notice", hostile.nested_workbook, {}),
    ("notice", hostile.laughing_workbook, {}),
    ("picture", hostile.huge_png, {}),
    ("features", hostile.deep_json, {}),
]


@pytest.mark.parametrize(("reader", "made", "more"), CORPUS, ids=[f"{row[0]}-{row[1].__name__}" for row in CORPUS])
def test_a_hostile_file_ends_in_words_and_leaves_no_child(reader, made, more):
    content = made()
    with pytest.raises(REFUSED) as refused:
        read_apart(reader, content, **more)
    if isinstance(refused.value, ReadingRefused):
        assert all(refused.value.message(lang) for lang in ("hi", "en"))
    assert not children()


def test_the_form_tree_of_the_attack_is_refused_by_its_shape_not_by_the_clock():
    started = time.process_time()
    with pytest.raises(Unreadable, match="reached twice"):
        read_apart("signed_pdf", hostile.tangled_pdf(), roots=Path("/nowhere"), at=AT)
    assert len(hostile.tangled_pdf()) < 8_000 and time.process_time() - started < 2


def test_what_a_child_answers_is_what_the_parser_answers():
    for sample in sorted(SAMPLES.glob("*.*"))[:3]:
        assert read_apart("notice", sample.read_bytes()) == read_notice(sample)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("spin", "time"), ("sleep", "time"), ("hoard", "memory"), ("flood", "output"), ("abort", "broken"),
        ("unknown_fault", "broken"), ("spawn", "time"), ("pour", "output"),
    ],
)  # fmt: skip
def test_each_limit_ends_the_child_with_all_that_it_started(monkeypatch, function, reason):
    monkeypatch.setitem(READERS, "odd", Reader(f"tests.adapters.odd_readers:{function}"))
    with pytest.raises(ReadingRefused) as refused:
        read_apart("odd", limits=limits_today(cpu_s=1, wall_s=3 if reason == "time" else 60, memory_mb=256))
    assert refused.value.reason == reason
    assert not children()
    left = subprocess.run(["pgrep", "-f", "immis-odd-grandchild"], capture_output=True, text=True).stdout
    assert not left, "the whole group is ended"


def test_no_child_outlives_the_process_that_waits_for_it(monkeypatch, tmp_path):
    code = (
        "from immis.adapters.reading.apart import READERS, Reader, read_apart\n"
        "READERS['odd'] = Reader('tests.adapters.odd_readers:sleep_marked')\n"
        f"read_apart('odd', {str(tmp_path / 'pid')!r})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.getcwd()})
    until = time.monotonic() + 60
    while not (tmp_path / "pid").exists() and time.monotonic() < until:
        time.sleep(0.05)
    pid = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_child_knows_no_secret_and_no_database(monkeypatch):
    monkeypatch.setenv("IMMIS_SECRET_KEY", "very secret")
    apart._environment.cache_clear()
    monkeypatch.setitem(READERS, "odd", Reader("tests.adapters.odd_readers:surroundings"))
    names, modules = read_apart("odd", limits=limits_today(output_mb=4))
    assert "IMMIS_SECRET_KEY" not in names and not [name for name in names if name.startswith(("IMMIS", "DATABASE"))]
    assert "django" not in modules and "immis.settings" not in modules


def test_no_reader_needs_django():
    loads = "import sys, importlib\n" + "\n".join(
        f"importlib.import_module({one.target.split(':')[0]!r})" for one in READERS.values()
    )
    code = f"{loads}\nprint('django' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_values_cross_whole_and_nothing_else_is_rebuilt():
    value = {"a": (1, Decimal("2.50"), AT, [b"x", None, True]), 3: "क"}
    assert from_bytes(to_bytes(value), modules=()) == value
    for raw in (
        b'{"~": "class", "c": "subprocess:Popen", "v": {}}',
        b'{"~": "exception", "v": {"c": "builtins:SystemExit", "args": [], "vars": {}}}',
        b'{"~": "enum", "v": ["os:environ", "PATH"]}',
        b'{"~": "tuple"}', b"[" * 100_000, b"\xff", b'{"a": 1}',
    ):  # fmt: skip
        with pytest.raises(ValueError, match="."):
            from_bytes(raw, modules=("subprocess", "os"))


def test_the_terms_word_every_reason():
    problems = book().value("UPL-01", AT)["problems"]
    assert set(problems) == {"time", "memory", "output", "broken", "tangled", "pixels", "busy"}
    assert all(ReadingRefused(reason).message("hi") != ReadingRefused(reason).message("en") for reason in problems)
