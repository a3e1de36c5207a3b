"""``immis demo --headless --json`` as a user runs it; what it says is counted again from the stores it leaves."""

import json
import signal
import subprocess
from collections import Counter

import polars
import pytest

from immis.auctions.verifier import verify
from tests.doors.commands import own_environment
from tests.doors.installation import DEMO

pytestmark = pytest.mark.processes


def test_it_ends_by_itself_with_the_summary_of_the_contract(played):
    assert played.done.returncode == 0, played.done.stderr[-2000:]
    summary = played.summary
    assert set(summary) == {
        "ghats", "auctions", "lois", "leases", "receipts_verified", "challans_issued", "positions_stored",
        "trips_completed", "triggers", "holds", "ledger_balanced", "log_verified", "seconds",
    }  # fmt: skip
    assert set(summary["auctions"]) == {"held", "extended", "single_tender", "no_bid"}
    assert set(summary["holds"]) == {"placed", "lifted"}
    assert summary["ghats"] == 22 == sum(summary["auctions"][how] for how in ("held", "single_tender", "no_bid"))
    assert summary["auctions"]["single_tender"] == summary["auctions"]["no_bid"] == 1
    assert summary["ledger_balanced"] is summary["log_verified"] is True
    assert "Traceback" not in played.done.stderr + (played.data / "demo.log").read_text(encoding="utf8")
    assert "22 ई-नीलामी प्रारंभ" in played.done.stderr


def test_its_figures_of_the_auctions_are_those_of_the_published_documents(played):
    documents = [
        json.loads(path.read_text()) for path in sorted((played.data / "public" / "auctions").glob("MUN*.json"))
    ]
    blocks = "SELECT count(*) FROM registry_block WHERE district = 'Munger'"
    assert len(documents) == played.summary["ghats"] == played.one(blocks)
    events = [document["events"] for document in documents]
    bidders = [{one["bidder"] for one in of_lot if one["kind"] == "bid_accepted"} for of_lot in events]
    told = played.summary["auctions"]
    assert told["no_bid"] == sum(not names for names in bidders)
    alone = [names for names, of_lot in zip(bidders, events, strict=True) if names and len(of_lot[-1]["passed"]) == 1]
    assert told["single_tender"] == len(alone)
    assert told["held"] == len(events) - told["no_bid"] - told["single_tender"]
    assert told["extended"] == sum(any(one["kind"] == "extended" for one in of_lot) for of_lot in events)


def test_its_figures_of_money_and_settlements_are_those_of_the_records(played):
    summary = played.summary
    assert summary["lois"] == played.one("SELECT count(*) FROM leases_lease WHERE loi_number <> ''") > 0
    assert summary["leases"] == played.one("SELECT count(*) FROM leases_lease WHERE registered_on IS NOT NULL") > 0
    assert summary["receipts_verified"] == played.one(
        "SELECT count(*) FROM ledger_receipt WHERE verified_at IS NOT NULL"
    )
    unequal = "SELECT entry_id FROM ledger_journalline GROUP BY entry_id HAVING sum(debit_paise) <> sum(credit_paise)"
    assert summary["ledger_balanced"] is (played.rows(unequal) == [])
    assert played.one("SELECT sum(debit_paise) FROM ledger_journalline") > 0
    spells = played.rows("SELECT ended_at FROM holds_holdspell")
    assert summary["holds"] == {"placed": len(spells), "lifted": sum(ended is not None for (ended,) in spells)}
    assert summary["holds"]["placed"] > summary["holds"]["lifted"] > 0, (
        "one defaulter resumes, one is left to the reader"
    )


def test_its_figures_of_the_road_are_those_of_the_stores(played):
    summary, public = played.summary, played.data / "public"
    passes = sorted(path.stem for path in (public / "passes").glob("*.txt"))
    numbers = sorted(number for (number,) in played.rows("SELECT number FROM challans_challan"))
    assert passes == numbers == sorted(path.stem for path in (public / "passes").glob("*.pdf"))
    assert summary["challans_issued"] == len(passes)
    kept = polars.read_parquet(played.data / "gateway" / "positions" / "*" / "*.parquet")
    one_packet = ["imei", "device_at", "frame_no", "kind", "alert", "digest"]
    assert summary["positions_stored"] == kept.unique(one_packet).height > 0
    told = "SELECT count(*) FROM core_outboxevent WHERE kind"
    ended = played.one(f"{told} = 'trip.completed'")
    taken_back = played.one(f"{told} = 'event.withdrawn' AND facts LIKE '%trip.completed%'")  # late history said else
    assert summary["trips_completed"] == ended - taken_back > 0
    told = Counter(
        code for (code,) in played.rows("SELECT trigger_code FROM enforcement_outcome WHERE consequences <> '[]'")
    )
    assert summary["triggers"] == dict(told)
    assert {"TRG-01", "TRG-02", "TRG-05", "TRG-07", "TRG-08"} <= set(told), "due, overdue, tamper, not begun, away"


def test_whoever_doubts_can_check_the_proofs(played):
    public = played.data / "public"
    for words in (["log", "verify"], ["ledger", "check"]):
        done = played.immis(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    keys, cancelled = str(public / "keys.json"), str(public / "cancelled.json")
    lost = {number for (number,) in played.rows("SELECT number FROM challans_challan WHERE state = 'invalid'")}
    assert lost, "a challan whose truck never started is invalid"
    cut = sorted((public / "passes").glob("*.txt"))
    chosen = [path for path in cut if path.stem not in lost][:1] + [path for path in cut if path.stem in lost][:1]
    for path in chosen:
        done = played.immis("pass", "verify", path.read_text(), "--keys", keys, "--cancelled", cancelled, "--json")
        said = json.loads(done.stdout)
        assert said["genuine"] is True, (path.name, said)
        assert said["cancelled"] is (said["in_time"] and path.stem in lost), (path.name, said)
    forged = played.immis("pass", "verify", chosen[0].read_text()[:-6] + "AAAAAA", "--keys", keys, "--json")
    assert (forged.returncode, json.loads(forged.stdout)["genuine"]) == (1, False), forged


def test_every_audit_document_verifies_alone(played, tmp_path):
    """All of them by the verifier itself, one and a forged one by its command: each start is a second."""
    documents = sorted((played.data / "public" / "auctions").glob("*.json"))
    for path in documents:
        report = verify(path.read_bytes())
        assert report.ok and report.lot == path.stem, (path.name, report.problems)
    done = played.immis("auction", "verify", str(documents[0]), "--json")
    assert done.returncode == 0, done.stdout
    changed = json.loads(documents[0].read_text())
    first = next(one for one in changed["events"] if one["amount_rupees"])
    first["amount_rupees"] += 1
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(changed))
    assert not verify(forged.read_bytes()).ok
    assert played.immis("auction", "verify", str(forged), "--json").returncode == 1


def test_it_begins_anew_where_an_earlier_demo_was_and_ends_when_asked(played, tmp_path):
    assert not played.older.exists()
    again = subprocess.Popen(
        DEMO, env=own_environment(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert "The department comes in" in again.stderr.readline()
    finally:
        again.send_signal(signal.SIGTERM)
        _out, rest = again.communicate(timeout=60)
    assert again.returncode == 0, rest
    assert "Traceback" not in rest


def test_it_refuses_a_folder_that_holds_anything_else(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "immis.sqlite3").write_bytes(b"somebody's records")
    done = subprocess.run(DEMO, env=own_environment(data), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert str(data) in done.stderr and "IMMIS_DATA" in done.stderr and "Traceback" not in done.stderr
    assert (data / "immis.sqlite3").read_bytes() == b"somebody's records"
    assert [path.name for path in data.iterdir()] == ["immis.sqlite3"]
