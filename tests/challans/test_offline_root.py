"""The root key away from the machine: what may be signed without it, and what may not."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from immis.challans.signed import keys, offline_root
from immis.challans.signed.lists import ListUnusable, read_cancelled_list, read_key_list
from immis.commands.road.pass_ import command
from immis.commands.road.pass_keys import rehearsed
from immis.core.installation.readiness import CHECKS, warnings
from tests.challans.test_passes import ISSUED

YEAR = timedelta(days=400)


def test_a_year_s_rotation_goes_through_and_what_must_not_work_does_not(tmp_path):
    steps = rehearsed(tmp_path, at=ISSUED)
    assert len(steps) == 11 and [name for name, is_good in steps.items() if not is_good] == []


def test_by_commands_from_carrying_away_to_the_next_year(data_dir, at, tmp_path):
    at.set(ISSUED)
    stick, asked, signed = (str(tmp_path / name) for name in ("root.json", "asked.json", "signed.json"))

    def run(*args: str) -> int:
        return CliRunner().invoke(command, ["keys", *args]).exit_code

    assert run("carry-away", stick) == 0 and run("carry-away", stick) == 2
    assert '"d"' not in (data_dir / "keys" / "root-public.json").read_text()
    at.set(ISSUED + YEAR)
    with pytest.raises(ListUnusable):
        keys.rotate(data_dir, at=ISSUED + YEAR)
    assert run("request", asked) == 0
    assert run("install", asked) == 2  # nobody signed it
    assert run("sign", asked, "--root", asked, "--out", signed) == 2  # this is no root key
    assert run("sign", asked, "--root", stick, "--out", signed) == 0
    assert run("install", signed) == 0 and run("install", str(tmp_path / "none.json")) == 2
    assert keys.load_signer(data_dir, at=ISSUED + YEAR).kid.hex() in (data_dir / "keys" / "list.json").read_text()


@pytest.mark.django_db
def test_the_end_of_the_root_s_year_is_told_in_time(data_dir, at):
    at.set(ISSUED)
    key, root = CHECKS["pass_key"].look, CHECKS["pass_root"].look
    until = keys.load_signer(data_dir, at=ISSUED).public_key.signs_until
    assert key(until).state == "set" and root(ISSUED).state == "weak"  # the root is here and makes the next one
    offline_root.carry_away(data_dir, keys.public_key_list(data_dir, at=ISSUED), data_dir / "stick.json")
    assert root(ISSUED).state == "set" and key(ISSUED).state == "set"
    soon = until - timedelta(days=45)
    assert key(soon - timedelta(seconds=1)).state == "set" and key(soon).state == "weak"
    assert key(soon).now == f"{until + timedelta(hours=5, minutes=30):%d.%m.%Y}"
    assert warnings(at=ISSUED) == [] and warnings(at=soon) == ["pass_key"]
    assert key(until).state == "missing" and key(until - timedelta(seconds=1)).state == "weak"
    signed = offline_root.sign_offline(keys.next_list(data_dir, at=soon), data_dir / "stick.json")
    offline_root.install(data_dir, signed, at=soon)
    assert key(soon).state == "set" and key(until).state == "set"


def test_a_cancelled_list_by_a_key_that_is_not_listed_is_refused(tmp_path):
    keys.load_signer(tmp_path, at=ISSUED)
    before = keys.public_key_list(tmp_path, at=ISSUED)
    offline_root.carry_away(tmp_path, before, tmp_path / "root.json")
    known = read_key_list(before)
    listed = keys.cancelled_list([b"12345678"], at=ISSUED, data_dir=tmp_path)
    assert read_cancelled_list(listed, root=known.root, keys=known).pass_ids == {b"12345678"}
    other = read_key_list(keys.public_key_list(tmp_path / "x", at=ISSUED))
    for body, trusted in ((listed, None), (listed, other), ({**listed, "pass_ids": []}, known)):
        with pytest.raises(ListUnusable):
            read_cancelled_list(json.dumps(body), root=known.root, keys=trusted)
    late = {**listed, "issued_at": "2031-01-01T00:00:00Z"}
    with pytest.raises(ListUnusable):
        read_cancelled_list(late, root=known.root, keys=known)
