"""What a process loads at its start, and what it finds compiled: most of what most processes never ask waits."""

import os
import subprocess
import sys
from pathlib import Path

from immis.compiled import compiled
from immis.late import late

LATE = ("cwt", "httpx", "ninja", "numpy", "polars", "pydantic", "pyproj", "shapely")


def test_a_process_loads_no_library_that_it_does_not_ask(tmp_path):
    page = "from django.urls import resolve, reverse; resolve('/office/'), reverse('home')"
    start = f"import sys, immis.wsgi; {page}; print([name for name in {LATE!r} if name in sys.modules])"
    env = {**os.environ, "IMMIS_DATA": str(tmp_path), "DATABASE_URL": ""}
    tmp_path.chmod(0o700)
    done = subprocess.run([sys.executable, "-c", start], env=env, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_a_late_library_is_itself_once_it_is_asked():
    sys.modules.pop("colorsys", None)
    library = late("colorsys")
    assert "colorsys" not in sys.modules and not hasattr(library, "__wrapped__")
    assert library.rgb_to_hsv(0.0, 0.0, 1.0)[2] == 1.0 and "colorsys" in sys.modules
    assert library.hls_to_rgb is sys.modules["colorsys"].hls_to_rgb


def test_what_is_read_from_files_is_read_again_when_one_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    law, code, readings = tmp_path / "law", tmp_path / "code.py", []
    (law / "topic").mkdir(parents=True)
    code.write_text("")

    def read() -> dict[str, str]:
        readings.append(1)
        return {path.name: path.read_text() for path in sorted(law.glob("topic/*.yaml"))}

    def now() -> dict[str, str]:
        return compiled(read, law, code=[str(code)])

    (law / "topic" / "a.yaml").write_text("1")
    assert now() == now() == {"a.yaml": "1"} and len(readings) == 1
    (law / "topic" / "a.yaml").write_text("22")
    assert now() == now() == {"a.yaml": "22"} and len(readings) == 2
    (law / "topic" / "b.yaml").write_text("3")
    assert now() == {"a.yaml": "22", "b.yaml": "3"} and len(readings) == 3
    code.write_text("# read otherwise")
    assert now() == now() and len(readings) == 4
    (kept,) = Path(law, "__pycache__").iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    assert now() == {"a.yaml": "22", "b.yaml": "3"} and len(readings) == 5
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    kept.unlink()
    assert now() == now() and len(readings) == 7 and not kept.exists()
