"""Where segments may lie: a folder, or a bucket of an S3-compatible store, with the same layout in both.

The layout is that of ``parquet.py``: ``positions/<day>/<range>.parquet``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

_TIMEOUT = timedelta(seconds=30)
RETRIES = 5


class Unreachable(OSError):
    """The archive does not answer, or does not do what is asked; says which and why in one line."""


class Bucket(Protocol):
    """A store of files by name; names have ``/`` between their parts."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Files whose names begin with ``prefix/``, with their sizes in bytes; Unreachable where they cannot be had."""

    def put(self, name: str, path: Path) -> None:
        """Keep a copy of a file; it is there whole or not at all. OSError where that fails."""

    def address(self, name: str) -> str:
        """What an engine calls this file."""

    @property
    def options(self) -> dict[str, str]:
        """What Polars needs to read addresses of this bucket."""


class Folder:
    """A folder, such as a network share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sizes(self, prefix: str) -> dict[str, int]:
        result = (path for path in (self._folder / prefix).rglob("*") if path.is_file() and path.suffix != ".part")
        return {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in result}

    def put(self, name: str, path: Path) -> None:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        with path.open("rb") as source, part.open("wb") as copy:
            while data := source.read(1 << 20):
                copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        os.replace(part, target)

    def address(self, name: str) -> str:
        return str(self._folder / name)

    @property
    def options(self) -> dict[str, str]:
        return {}


class S3Bucket:
    """A bucket of an S3-compatible store; key, secret, region and endpoint come from the usual ``AWS_`` variables."""

    def __init__(self, url: str) -> None:
        import obstore.exceptions  # only where there is a bucket
        import obstore.store

        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError(f"{url!r} is no address of a bucket, such as s3://immis/bihar")
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        self._plain = endpoint.startswith("http://")
        known = {
            "endpoint": endpoint, "access_key_id": os.environ.get("AWS_ACCESS_KEY_ID", ""),
            "secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
            "region": os.environ.get("AWS_REGION", "us-east-1"),
        }  # fmt: skip
        self._known = {name: value for name, value in known.items() if value}
        client: Any = {"allow_http": self._plain, "timeout": _TIMEOUT}
        self._api, self._store = obstore, obstore.store.S3Store(
            self._bucket, prefix=self._prefix or None, client_options=client, virtual_hosted_style_request=False,
            retry_config={"max_retries": RETRIES},
            **cast(Any, self._known),
        )  # fmt: skip

    def sizes(self, prefix: str) -> dict[str, int]:
        with self._in_words():
            results = [row for some in self._api.list(self._store, prefix) for row in some]
        return {row["path"].removeprefix(self._prefix).lstrip("/"): row["size"] for row in results}

    def put(self, name: str, path: Path) -> None:
        with self._in_words():
            self._api.put(self._store, name, path)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What the store's client says, as OSError in one line."""
        try:
            yield
        except self._api.exceptions.BaseError as fault:
            words = " ".join(str(fault).split())[:200]
            raise Unreachable(f"the store s3://{self._bucket} does not do what is asked: {words}") from fault

    def address(self, name: str) -> str:
        return "/".join(part for part in (f"s3://{self._bucket}", self._prefix, name) if part)

    @property
    def options(self) -> dict[str, str]:
        payload = {f"aws_{name}": value for name, value in self._known.items() if name != "endpoint"}
        if "endpoint" in self._known:
            payload["aws_endpoint_url"] = self._known["endpoint"]
        return {**payload, "aws_allow_http": str(self._plain).lower()}


def open_bucket(address: str) -> Bucket:
    """The bucket at ``s3://bucket/prefix``, or the folder of that name; ValueError for another kind of address."""
    if "://" in address:
        return S3Bucket(address)
    return Folder(Path(address))


def archive() -> Bucket | None:
    """The bucket that ``IMMIS_ARCHIVE_URL`` names, to read from; None where nothing is archived. Raises Unreachable."""
    address = os.environ.get("IMMIS_ARCHIVE_URL", "")
    if address and "://" not in address and not Path(address).is_dir():  # a share that is not mounted is no empty one
        raise Unreachable(f"there is no folder {address}")
    return open_bucket(address) if address else None
