"""Everything that can be said of code, declarations and pages of the documentation without a database, at once."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

#: Reads rule book, posts and registers and says what is wrong with them; what comes after it cannot begin without.
LAW = """
from immis.registers import loader
from immis.rules import policy, posts
from immis.rules.marks import Faults
try:
    policy.load()
    posts.load(posts.FILE)
    loader.load()
except (policy.PolicyError, Faults) as faults:
    raise SystemExit(f"immis/policy: {faults}")
"""
CHECKS = {
    "format": [BIN / "ruff", "format", "--check", "."],
    "pages": [sys.executable, "tools/pretty"],
    "lint": [BIN / "ruff", "check", "."],
    "law": [sys.executable, "-c", LAW],
    "imports": [BIN / "lint-imports", "--no-cache"],
    "types": [BIN / "mypy"],
    "migrations": [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "django": [sys.executable, "-m", "django", "check"],
    "acceptance": [sys.executable, "-m", "immis.cli", "trace", "--check"],
    "registers": [sys.executable, "-m", "immis.cli", "register", "check"],
    "posts": [sys.executable, "-m", "immis.cli", "office", "check"],
    "translations": [sys.executable, "-m", "immis.web.i18n", "check"],
    "declarations": [
        *(sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--tb=line", "-m", "not django_db"),
        *("tests/rules/test_cases.py", "tests/core/test_acts.py", "tests/core/test_events.py"),
        *("tests/adapters/test_ports.py", "tests/test_docs_names.py", "tests/test_own_records.py"),
    ],
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="immis-check-") as folder:
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "immis.settings", "IMMIS_DATA": folder, "DATABASE_URL": ""}
        failed = []
        for name, command in CHECKS.items():
            answer = subprocess.run([str(c) for c in command], cwd=ROOT, env=env, capture_output=True, text=True)
            print(f"{'ok  ' if answer.returncode == 0 else 'FAIL'} {name}", flush=True)
            if answer.returncode:
                failed.append(name)
                print(answer.stdout + answer.stderr, flush=True)
            if "law" in failed:
                print("the other checks read these declarations: mend them first")
                break
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
