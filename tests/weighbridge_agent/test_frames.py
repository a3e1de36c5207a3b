"""Frames of every preset, by the vectors that the page's parser is held to as well; noise, and learn mode."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import immis.agent
from immis.agent.scale.frames import Cutter, Frame, best_format, cut, format_named, formats, in_grams
from immis.agent.scale.learn import NotLearned, Sample, learn
from immis.agent.scale.steady import Scale
from immis.agent.signed import canonical, hash_of, signature_fits
from immis.commands.weighbridge.indicator import ENCODERS, encode

VECTORS = json.loads((Path(immis.agent.__file__).parent / "vectors.json").read_text(encoding="utf8"))
NAMES = [form["name"] for form in formats()]


def told(frame: Frame) -> dict[str, object]:
    return {"kg": frame.kg, **{name: getattr(frame, name) for name in ("grams", "stable", "status", "mode")}}


@pytest.mark.parametrize("row", VECTORS["frames"], ids=lambda row: f"{row['format']}: {row['name']}")
def test_a_vector_of_a_preset(row):
    data = bytes.fromhex(row["hex"])
    assert [told(frame) for frame in cut(format_named(row["format"]), data)] == row["frames"]
    bytewise = Cutter(format_named(row["format"]))
    by_bytes = [frame for byte in data for frame in bytewise.feed(bytes([byte]))]
    assert [told(frame) for frame in by_bytes] == row["frames"]


@pytest.mark.parametrize("row", VECTORS["learned"])
def test_a_vector_of_a_learned_format(row):
    assert [told(frame) for frame in cut(row["form"], bytes.fromhex(row["hex"]))] == row["frames"]


@pytest.mark.parametrize("row", VECTORS["numbers"])
def test_a_number_in_its_unit(row):
    assert in_grams(row["number"], row["unit"], row["places"]) == row["grams"]


@pytest.mark.parametrize("row", VECTORS["steady"], ids=lambda row: row["name"])
def test_rest_and_zero(row):
    scale, told_rows = Scale(row["division_kg"]), []
    for at_ms, kg, stable in row["rows"]:
        grams = None if kg is None else kg * 1000
        seen = scale.feed(Frame("x", grams, stable, "ok" if grams is not None else "error", "", b""), at_ms)
        told_rows.append([seen.stable, seen.zero, seen.min_kg, seen.max_kg])
    assert told_rows == row["expect"]


def test_a_scale_is_free_again_only_after_zero():
    scale = Scale(10)
    for at, kg, free in ((0, 0, True), (1, 12_000, True)):
        scale.feed(Frame("x", kg * 1000, True, "ok", "", b""), at)
        assert scale.free is free
    scale.weighed()
    scale.feed(Frame("x", 12_000_000, True, "ok", "", b""), 2)
    assert not scale.free
    scale.feed(Frame("x", 0, True, "ok", "", b""), 3)
    assert scale.free


def test_the_chain_of_signed_readings_is_that_of_the_vectors():
    signing = VECTORS["signing"]
    previous = "0" * 64
    for row in signing["readings"]:
        reading = row["reading"]
        assert canonical(reading).decode() == row["canonical"]
        assert reading["previous"] == previous and hash_of(reading) == row["hash"]
        assert signature_fits(signing["public_key"], canonical(reading), reading["signature"])
        assert not signature_fits(signing["public_key"], canonical({**reading, "weight_kg": 1}), reading["signature"])
        previous = row["hash"]


def test_every_preset_has_vectors_and_a_simulated_indicator():
    assert {row["format"] for row in VECTORS["frames"]} == set(NAMES) == set(ENCODERS)


@pytest.mark.parametrize("preset", NAMES)
def test_a_stream_is_told_from_all_other_formats(preset):
    data = b"".join(encode(preset, kg, still) for kg in (0, 8760, 31_240) for still in (True, False) for _ in range(3))
    form = best_format(data[5:])
    assert form is not None and form["name"] == preset
    assert {frame.kg for frame in cut(form, data)} == {0, 8760, 31_240}


@pytest.mark.parametrize("preset", NAMES)
@given(data=st.binary(max_size=300), splits=st.lists(st.integers(1, 40), max_size=20))
def test_no_bytes_upset_the_parser_and_splits_change_nothing(preset, data, splits):
    whole = Cutter(format_named(preset)).feed(data)
    cutter, parts, at = Cutter(format_named(preset)), [], 0
    for step in [*splits, len(data)]:
        parts += cutter.feed(data[at : at + step])
        at += step
    assert parts == whole


@pytest.mark.parametrize("preset", NAMES)
@given(noise=st.binary(max_size=80), cut_at=st.integers(0, 20), seed=st.integers(0, 2**16))
def test_after_noise_it_is_in_step_within_two_frames(preset, noise, cut_at, seed):
    weights = [random.Random(seed + i).randrange(0, 60_000) for i in range(4)]
    cutter = Cutter(format_named(preset))
    cutter.feed(noise + encode(preset, 100)[:cut_at])
    after = [frame.kg for kg in weights for frame in cutter.feed(encode(preset, kg))]
    assert after[-2:] == weights[-2:]


def samples(preset: str) -> list[Sample]:
    still = b"".join(encode(preset, 31_240) for _ in range(8))
    moving = b"".join(encode(preset, kg, False) for kg in range(9000, 9900, 100))
    return [Sample(still[3:], "31240"), Sample(moving, ""), Sample(b"".join(encode(preset, 0) for _ in range(8)), "0")]


@pytest.mark.parametrize("preset", NAMES)
def test_an_unknown_indicator_is_learned_from_the_number_that_it_shows(preset):
    form = learn(samples(preset))
    stream = b"".join(encode(preset, 8760) for _ in range(3))
    assert {frame.kg for frame in cut(form, stream)} == {8760}
    if preset in ("avery", "rinstrum-a", "cardinal-sb200", "toledo"):
        running = b"".join(encode(preset, 8760, False) for _ in range(3))
        assert {frame.stable for frame in cut(form, stream)} == {True}
        assert {frame.stable for frame in cut(form, running)} == {False}
    if preset in ("avery", "yaohua-a9", "rinstrum-a", "cardinal-sb200"):
        assert {frame.kg for frame in cut(form, encode(preset, -420) * 2)} == {-420}


@pytest.mark.parametrize("row", VECTORS["learning"], ids=lambda row: row["name"])
def test_a_vector_of_learn_mode(row):
    samples = [Sample(bytes.fromhex(data), shown) for data, shown in row["samples"]]
    try:
        form = learn(samples, row["unit"])
    except NotLearned as fault:
        form = {"refused": str(fault)}
    assert form == row["form"]


def test_decimals_that_the_frame_leaves_out_and_digits_from_the_back_are_learned():
    form = learn([Sample(b"#003124Z\r" * 6, "31.24"), Sample(b"#000876Z\r" * 6, "8.76")], unit="t")
    assert [frame.kg for frame in cut(form, b"#001256Z\r" * 2)] == [12_560, 12_560]
    form = learn([Sample(b"=0.04213" * 7, "31240"), Sample(b"=0.06780" * 7, "8760")])
    assert cut(form, b"=0.05521")[0].kg == 12_550


@pytest.mark.parametrize(
    ("data", "shown", "why"),
    [(b"", "31240", "few"), (b"ST,GS,+00679.4Kg\r\n" * 6, "31240", "number"), (b"\xff\xfe" * 50, "1", "few")],
)
def test_what_cannot_be_learned_is_said(data, shown, why):
    with pytest.raises(NotLearned, match=why):
        learn([Sample(data, shown)])


@given(data=st.binary(max_size=200), shown=st.text("0123456789.-", max_size=8))
def test_learning_refuses_but_never_breaks(data, shown):
    try:
        form = learn([Sample(data, shown), Sample(data[::-1], "")])
    except NotLearned:
        return
    assert form["pattern"]
