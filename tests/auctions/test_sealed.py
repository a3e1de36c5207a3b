"""Until a lot is closed the records do not know who stands behind a bid; the key lies elsewhere (clause 10)."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from immis.auctions import jobs, selectors
from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.sealing import alias_of
from immis.commands.auctions.auction import command
from immis.core.errors import Refusal
from immis.core.models import ActionLog
from immis.core.signing import keyring
from immis.registry.models import Block
from tests.auctions.season import CLOSES, OPENS, RESERVE, STEP

pytestmark = pytest.mark.django_db
CODE = "MUN-2026-01"


def _dump() -> dict[str, list]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
        dump = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            names = [column[0] for column in cursor.description]
            dump[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return dump


def _without_what_is_drawn(dump: dict, aliases: list[str]) -> str:
    """The dump as text; aliases stand as the n-th that appears, hashes are left out."""
    text = json.dumps(dump, default=str, sort_keys=True, ensure_ascii=False)
    text = re.sub(r"(sealed\W+)[0-9a-f]+", r"\1", text)
    text = re.sub(r"[0-9a-f]{64}", "HASH", text)
    text = re.sub(r'"id": \d+', '"id": 0', text)
    order = sorted((alias for alias in aliases if alias in text), key=text.index)
    for number, alias in enumerate(order):
        text = text.replace(alias, f"ALIAS-{number}")
    return text


def _world(season, at, client, who: tuple[str, str]) -> tuple[str, dict]:
    """Two bidders bid in turn on two lots, through the page and the service, one over the cap: what the records say."""
    undo = transaction.atomic()
    undo._from_testcase = True
    undo.__enter__()
    try:
        at.set(OPENS)
        first, second = who
        for serial in (1, 2):
            season.bid(first, 0, serial=serial, key=f"first-{serial:04d}")
        assert [one.code for one in season.bid(first, 0, serial=3, key="over-the-cap").findings] == ["AUC-06"]
        season.bid(second, 1, key="second-0001")
        client.force_login(season.users[first])
        before = _dump()["django_session"]
        sent = {"steps": 1, "expected": RESERVE + STEP, "key": "third-00001"}
        assert client.post(f"/auctions/{CODE}/bid", sent).status_code == 302
        dump = _dump()
        assert dump.pop("django_session") == before, "a bid leaves no trace in the session"
        for user in dump["registry_user"]:
            user.pop("last_login", None)
        aliases = [season.alias(name, serial) for name in ("asha", "bina") for serial in (1, 2, 3)]
        assert season.lot().highest_alias == season.alias(first) and season.lot().highest_bidder is None
        return _without_what_is_drawn(dump, aliases), dump
    finally:
        transaction.set_rollback(True)
        undo.__exit__(None, None, None)


@pytest.fixture
def two(season, at):
    Block.objects.filter(serial__in=(1, 2, 3)).update(river="Kiul")
    for name in ("asha", "bina"):
        season.bidder(name, 1, 2, 3)
    return season


def test_the_records_are_the_same_whoever_bids(two, at, client):
    one, dump = _world(two, at, client, ("asha", "bina"))
    other, _ = _world(two, at, client, ("bina", "asha"))
    assert one == other
    aliases = {two.alias(name, serial) for name in ("asha", "bina") for serial in (1, 2, 3)}
    assert len(aliases) == 6, "a bidder has another alias in each lot"
    found = {table for table, rows in dump.items() if any(alias in repr(rows) for alias in aliases)}
    assert found == {"auctions_lot", "auctions_lotevent"}, "no other table knows an alias"
    for row in dump["auctions_lotevent"]:
        assert not {"bidder_id", "party_id", "user_id"} & set(row)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no such file; its rows are compared above")
def test_the_bytes_of_the_file_hold_no_more(live_season, at):
    for name in ("asha", "bina"):
        live_season.bidder(name)
    at.set(OPENS)
    live_season.bid("asha", 0)
    live_season.bid("bina", 1)
    path = Path(connection.settings_dict["NAME"])
    kept = b"".join(
        path.with_name(path.name + end).read_bytes() for end in ("", "-wal") if Path(f"{path}{end}").exists()
    )
    key = keyring.sealing_keys(settings.DATA, settings.SEALING_KEYS)
    assert all(one not in kept and one.hex().encode() not in kept for one in key.values())
    for name in ("asha", "bina"):
        alias, party = live_season.alias(name).encode(), live_season.users[name].parties.get()
        places = [found.start() for found in re.finditer(alias, kept)]
        assert places
        around = b"".join(kept[max(0, place - 400) : place + 400] for place in places)
        for secret in (party.code, party.name_en, party.pan, party.email, party.bank_account):
            assert secret.encode() not in around


def test_another_key_gives_other_aliases_and_reads_nothing(two, at, settings):
    at.set(OPENS)
    two.bid("asha")
    lot, asha = two.lot(), two.users["asha"].parties.get().pk
    name, key = keyring.new_sealing_key()
    settings.SEALING_KEYS = f"{name}:{keyring.b64(key)}"
    for act in (
        lambda: two.bid("bina"),
        lambda: selectors.my_position(lot, asha, OPENS),
        lambda: selectors.outcome_of(lot, CLOSES),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert [one.code for one in refused.value.findings] == ["AUC-106"]
    assert jobs.announce_closed_lots(at=CLOSES) == 0 and two.lot().result == "open", "it waits for its key"
    forged = f"{name}:{lot.seal.partition(':')[2]}"
    assert alias_of(lot.code, forged, asha) != lot.highest_alias
    settings.SEALING_KEYS = ""
    assert jobs.announce_closed_lots(at=CLOSES) == 3 and two.lot().highest_bidder.party.code == "asha"


def test_the_close_opens_the_aliases_once_and_the_log_says_so(two, at):
    at.set(OPENS)
    two.bid("asha", 0)
    assert not TechnicalBid.objects.exclude(alias=None).exists()
    expected = {name: two.alias(name) for name in ("asha", "bina")}
    jobs.announce_closed_lots(at=CLOSES)
    lot = two.lot()
    opened = {bid.bidder.party.code: bid.alias for bid in lot.technical_bids.select_related("bidder__party")}
    assert opened == expected and lot.highest_bidder.party.code == "asha"
    line = ActionLog.objects.get(code="lot.identities_opened", subject_id=CODE)
    assert line.facts == {"bidders": 2} and line.role == "system"
    assert selectors.my_position(lot, lot.highest_bidder.party, CLOSES).alias == expected["asha"]


def test_a_refusal_over_the_cap_tells_the_bidder_all_and_the_chain_nothing(two, at):
    at.set(OPENS)
    for serial in (1, 2):
        two.bid("asha", 0, serial=serial)
    said = two.bid("asha", 0, serial=3, key="over-cap-1").findings[0]
    again = two.bid("asha", 0, serial=3, key="over-cap-1").findings[0]
    assert said == again and said.facts["held"] == ["MUN-2026-01", "MUN-2026-02"] and int(said.facts["blocks"]) == 3
    kept = LotEvent.objects.get(key="over-cap-1").body
    assert "MUN-2026-01" not in json.dumps(kept) and kept["findings"][0]["facts"] == {}


def test_a_new_key_seals_new_lots_and_the_old_one_still_opens(two, at, data_dir):
    old = two.lot().seal.partition(":")[0]
    new = keyring.rotate_sealing_key(data_dir)
    assert list(keyring.sealing_keys(data_dir)) == [old, new]
    assert Lot._meta.get_field("seal").get_default().startswith(f"{new}:")
    at.set(OPENS)
    assert two.bid("asha").accepted
    assert oct((data_dir / "keys" / "sealing.json").stat().st_mode)[-3:] == "600"


def test_the_command_says_which_keys_open_lots_need(two, data_dir, monkeypatch):
    run = CliRunner()
    old = two.lot().seal.partition(":")[0]
    new = run.invoke(command, ["seal", "rotate"]).output.strip()
    told = run.invoke(command, ["seal", "status", "--json"])
    assert told.exit_code == 0
    assert {one["key"]: (one["open_lots"], one["here"]) for one in json.loads(told.output)["keys"]} == {
        old: (3, True),
        new: (0, True),
    }
    printed = run.invoke(command, ["seal", "new"]).output.strip()
    monkeypatch.setenv("IMMIS_SEALING_KEYS", printed)
    told = run.invoke(command, ["seal", "status"])
    assert told.exit_code == 1 and f"{old}: 3 open lots, KEY MISSING" in told.output
    assert run.invoke(command, ["seal", "rotate"]).exit_code == 2


@pytest.mark.parametrize("given", ["x", "abcd1234:AAAA", "00000000:" + "A" * 43])
def test_keys_of_the_environment_that_are_none_are_told(given, data_dir):
    with pytest.raises(ValueError):
        keyring.sealing_keys(data_dir, given)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps no number of the transaction in a row")
def test_no_row_of_a_bidder_bears_the_number_of_the_bids_transaction(live_season, at):
    live_season.bidder("asha")
    at.set(OPENS)
    live_season.bid("asha", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM auctions_lotevent")
        bids = {row[0] for row in cursor.fetchall()}
        marked = set()
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT xmin::text, xmax::text FROM {model._meta.db_table}")
            marked |= {model._meta.db_table for row in cursor.fetchall() if bids & set(row)}
    assert bids and marked == {"auctions_lot", "auctions_lotevent"}
