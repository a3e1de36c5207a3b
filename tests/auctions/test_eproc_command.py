"""``immis eproc`` and ``immis simulate eproc``: exit codes, idempotence, and the API as a process of its own."""

import json
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from immis.adapters.eproc import read_export
from immis.adapters.eproc.http_client import HttpEproc
from immis.adapters.eproc.reading import export_json
from immis.adapters.eproc.signing import check_signature
from immis.adapters.eproc.simulator import EprocSimulator
from immis.adapters.notices import SAMPLES
from immis.auctions.models import EprocExport
from immis.commands.auctions.eproc import command
from tests.auctions.test_eproc import AFTER, auction_of, differing_export

pytestmark = pytest.mark.django_db


def run(*words):
    result = CliRunner().invoke(command, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def signed(season, tmp_path, settings, at):
    """A folder to sign exports in; answers a function that lays a signed export there."""
    at.set(AFTER)
    made = run("keygen", "--private", tmp_path / "eproc.key")
    settings.EPROC_PUBLIC_KEYS = [made.output.strip()]

    def lay(content, name="EP-1.json"):
        (tmp_path / name).write_bytes(content)
        assert run("sign", tmp_path / name, "--private", tmp_path / "eproc.key").exit_code == 0
        return tmp_path / name

    return lay


def test_a_signed_export_is_taken_in_and_again_changes_nothing(signed):
    file = signed(export_json(auction_of()))
    told = json.loads(run("import", file, "--json").stdout)
    assert [row["state"] for row in told["ghats"]] == ["agreed"] * 3 and told["differs"] == 0
    again = run("import", file, "--json")
    assert again.exit_code == 0 and json.loads(again.stdout) == told
    assert EprocExport.objects.count() == 1


def test_a_difference_ends_with_one_and_says_which(signed):
    result = run("import", signed(differing_export()), "--lang", "en")
    assert result.exit_code == 1 and "DIFFERS" in result.output and "amount: ₹ 1 stated" in result.output


@pytest.mark.parametrize("spoil", ["byte", "signature", "missing", "unsigned"])
def test_an_unusable_file_ends_with_two(signed, spoil):
    file = signed(export_json(auction_of()))
    sig = file.with_name(f"{file.name}.sig")
    if spoil == "byte":
        file.write_bytes(file.read_bytes().replace(b"Ganga", b"Gange"))
    elif spoil == "signature":
        sig.write_text("hmac-sha256:00")
    elif spoil == "missing":
        file.unlink()
    else:
        sig.unlink()
    result = run("import", file)
    assert result.exit_code == 2 and not EprocExport.objects.exists()


def test_a_key_is_never_written_over(tmp_path):
    (tmp_path / "k").write_text("mine")
    assert run("keygen", "--private", tmp_path / "k").exit_code == 2
    assert (tmp_path / "k").read_text() == "mine"
    assert run("sign", tmp_path / "k", "--private", tmp_path / "k").exit_code == 2


def test_pull_fetches_over_the_api_once(signed, settings, tmp_path):
    server = EprocSimulator("127.0.0.1", 0, token="t-1", private_key=(tmp_path / "eproc.key").read_text())
    server.add(auction_of())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        settings.EPROC_URL, settings.EPROC_TOKEN = server.url, "t-1"
        assert json.loads(run("pull", "--json").stdout) == {"new": 1}
        assert json.loads(run("pull", "--json").stdout) == {"new": 0}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert EprocExport.objects.get().source == "api"
    settings.EPROC_URL = ""
    assert run("pull").exit_code == 2


@pytest.mark.processes
def test_the_simulator_serves_a_whole_notice_as_its_own_process():
    words = [sys.executable, "-m", "immis.cli", "simulate", "eproc", str(SAMPLES / "munger_2026.txt")]
    process = subprocess.Popen([*words, "--listen", "127.0.0.1:0", "--token", "t"], stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(process.stdout.readline())
        client = HttpEproc(told["listening"], "t")
        signed = client.export(client.ended()[0])
        assert check_signature(signed.content, signed.signature, public_keys=[told["public_key"]])
        assert len(read_export(signed.content).lots) == 22
    finally:
        process.terminate()
        process.wait(10)
