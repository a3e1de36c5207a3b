"""Rules open no file, read no clock and use no float for money: checked on their syntax trees."""

import ast
from pathlib import Path

import pytest

RULES = Path(__file__).resolve().parents[2] / "immis" / "rules"
FILES = sorted(path for path in RULES.rglob("*.py") if path.name != "policy.py")
FORBIDDEN_CALLS = {"open", "input", "print", "eval", "exec"}
FORBIDDEN_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rules_have_no_side_doors(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS, f"{path.name}:{node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in FORBIDDEN_CLOCKS, f"{path.name}:{node.lineno} reads a clock"
