"""What one process compiled, the next one reads."""

import dataclasses
import marshal
import sys

from immis.compiled import Methods


def declared():
    @dataclasses.dataclass(frozen=True)
    class Load:
        quantity_m3: int
        note: str = "dry"

    return Load


def test_methods_of_a_dataclass_are_compiled_once_and_read_by_the_next_process(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = tmp_path / "methods.marshal"
    first = Methods(kept)
    monkeypatch.setattr(dataclasses, "exec", first.execute, raising=False)
    load = declared()
    first.write()
    codes = marshal.loads(kept.read_bytes())
    assert any("quantity_m3" in text for text in codes) and load(5) == load(5, "dry") != load(6)

    monkeypatch.setattr("builtins.compile", None)  # nothing is compiled again
    second = Methods(kept)
    monkeypatch.setattr(dataclasses, "exec", second.execute, raising=False)
    again = declared()
    assert repr(again(5)).endswith("Load(quantity_m3=5, note='dry')") and hash(again(5)) == hash(load(5))
    before = kept.stat().st_mtime_ns
    second.write()
    assert kept.stat().st_mtime_ns == before


def test_a_file_that_is_none_of_ours_is_written_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = tmp_path / "methods.marshal"
    kept.write_bytes(b"\xff cut short")
    methods, names = Methods(kept), {}
    methods.execute("answer = 6 * 7", {}, names)
    methods.write()
    assert names == {"answer": 42} and list(marshal.loads(kept.read_bytes())) == ["answer = 6 * 7"]
