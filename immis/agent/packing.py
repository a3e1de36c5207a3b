"""Pack the agent with what it needs into one file; the same sources always make the same bytes.

Nothing is compressed: then no release of a compression library changes a byte. What is packed is what is installed, as
the lock has it.
"""

import hashlib
import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, Iterator, Tuple

_NAME = "immis_agent"
_MAIN = b"import sys\n\nfrom immis_agent.main import main\n\nsys.exit(main())\n"
#: Of pyserial what opens a port on Windows, Linux and macOS and lists them.
_SERIAL = ("__init__", "serialutil", "serialposix", "serialwin32", "win32", "tools/__init__", "tools/list_ports")
_SERIAL += tuple(f"tools/list_ports_{kind}" for kind in ("common", "linux", "osx", "posix", "windows"))
_LEFT_OUT = {"packing.py", "vectors.json", "ruff.toml", "__main__.py"}


def _home(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None, package
    return Path(spec.origin).parent


def _files() -> Iterator[Tuple[str, Path]]:
    own = Path(__file__).parent
    for path in own.rglob("*"):
        if path.suffix in (".py", ".json", ".html", ".js") and path.name not in _LEFT_OUT:
            yield f"{_NAME}/{path.relative_to(own).as_posix()}", path
    for stem in _SERIAL:
        yield f"serial/{stem}.py", _home("serial") / (f"{stem}.py")
    for path in _home("ecdsa").glob("*.py"):
        if not path.name.startswith("test_"):
            yield f"ecdsa/{path.name}", path
    yield "six.py", _home("six") / "six.py"


def packed() -> bytes:
    """The bytes of ``immis-agent.pyz``."""
    files: Dict[str, bytes] = {name: path.read_bytes() for name, path in _files()}
    files["__main__.py"] = _MAIN
    held = io.BytesIO()
    held.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            archive.writestr(entry, files[name])
    return held.getvalue()


def main(to: Path = Path("dist") / "immis-agent.pyz") -> None:
    """Write the file and print its name, size and SHA-256."""
    data = packed()
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(data)
    print(f"{to}  {len(data)} bytes  sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
