"""The data of an installation is for its own account alone, and its secrets are its own."""

import json
import os
import stat
import subprocess
import sys

import pytest

from immis import private
from immis.core.papers.files import keep_file, path_of


def _immis(data, *arguments, **more):
    env = {**os.environ, "IMMIS_DATA": str(data), **more}
    env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "immis.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, umask=0o022)


STARTS = [
    ("run", "--listen", "127.0.0.1:1"),
    ("web", "--listen", "127.0.0.1:1"),
    ("worker", "--once"),
    ("events", "--listen", "127.0.0.1:1"),
    ("gateway", "--listen", "127.0.0.1:0"),
]


@pytest.mark.parametrize("arguments", STARTS, ids=[row[0] for row in STARTS])
def test_nothing_starts_on_a_folder_that_others_may_enter(tmp_path, arguments):
    data = tmp_path / "open"
    data.mkdir()
    (data / "old").write_text("x")
    data.chmod(0o755)
    ended = _immis(data, *arguments)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    for words in (str(data), "0755", f"chmod -R go= {data}"):
        assert words in ended.stderr
    assert [path.name for path in data.iterdir()] == ["old"]


def _open_to_others(folder):
    paths = [folder, *folder.rglob("*")]
    return [str(path) for path in paths if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_what_a_process_writes_is_its_own_however_open_the_shell_is(tmp_path):
    data = tmp_path / "new" / "data"
    ended = _immis(data, "worker", "--once", "--json")
    assert data.is_dir() and _open_to_others(data) == [], ended.stderr


def test_mail_and_kept_files_are_not_readable_by_others(data_dir, settings):
    code = (
        "from immis.private import keep_private\nkeep_private()\n"  # as every process begins
        "from django.core.mail import send_mail\n"
        "send_mail('s', 'b', 'a@example.org', ['b@example.org'])\n"
        "from immis.core.papers.files import keep_file\nkeep_file(b'a paper')\n"
    )
    env = {**os.environ, "IMMIS_DATA": str(data_dir), "DJANGO_SETTINGS_MODULE": "immis.settings"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True, umask=0o022)
    assert list((data_dir / "mail").iterdir()) and _open_to_others(data_dir) == []


def test_a_kept_file_is_0600_whatever_the_umask(data_dir):
    before = os.umask(0o022)
    try:
        path = path_of(keep_file(b"x"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_secret_is_random_kept_once_and_shared_by_all_processes(data_dir, tmp_path, monkeypatch):
    secret = private.kept_secret("treasury.key")
    assert len(secret) >= 40 and private.kept_secret("treasury.key") == secret
    assert stat.S_IMODE((data_dir / "keys" / "treasury.key").stat().st_mode) == 0o600
    assert [path.name for path in (data_dir / "keys").iterdir()] == ["treasury.key"]
    monkeypatch.setenv("IMMIS_DATA", str(tmp_path / "other"))
    assert private.kept_secret("treasury.key") != secret


def test_the_treasury_simulator_and_the_office_share_a_key_that_nobody_can_know(tmp_path):
    code = "import json\nfrom immis import settings\nprint(json.dumps(settings.TREASURY_KEY))\n"
    keys = []
    for name in ("a", "a", "b"):
        env = {**os.environ, "IMMIS_DATA": str(tmp_path / name)}
        env.pop("IMMIS_TREASURY_KEY", None)
        shown = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        keys.append(json.loads(shown.stdout))
    assert keys[0] == keys[1] != keys[2] and "demo" not in keys[0]
    assert (tmp_path / "a" / "keys" / "treasury.key").read_text() == keys[0]
