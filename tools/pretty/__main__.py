"""Templates and style sheets kept in one layout: ``python tools/pretty`` checks, ``--write`` applies it."""

import sys
from pathlib import Path

import printer
import styles
import tokens

WEB = Path(__file__).resolve().parents[2] / "immis" / "web"


def laid_out(path: Path) -> str:
    """The file as it should stand."""
    source = path.read_text(encoding="utf8")
    return (styles if path.suffix == ".css" else printer).layout(source)


def faults(path: Path, *, write: bool) -> list[str]:
    """What is wrong with the layout of one file; with ``write`` it is mended."""
    source, want = path.read_text(encoding="utf8"), laid_out(path)
    name = path.relative_to(WEB.parents[1])
    reading = styles.meaning if path.suffix == ".css" else tokens.meaning
    if reading(source) != reading(want):
        return [f"{name}: cannot be laid out without changing what it says"]
    lines = [f"{name}:{n}: {len(line)} characters" for n, line in enumerate(want.split("\n"), 1) if len(line) > 120]
    if source != want and write:
        path.write_text(want, encoding="utf8")
    elif source != want:
        lines.insert(0, f"{name}: not laid out (python tools/pretty --write)")
    return lines


def main(argv: list[str]) -> int:
    paths = [*WEB.rglob("*.html"), *(WEB / "static" / "css").glob("*.css")]
    found = [
        fault for path in sorted(paths) if "vendor" not in path.parts for fault in faults(path, write="--write" in argv)
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found) or "templates and style sheets are laid out\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
