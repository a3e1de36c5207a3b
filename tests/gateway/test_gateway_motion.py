"""Distances, jumps, standing still and the box around India: one arithmetic for one fix and for many at once."""

from datetime import UTC, datetime

import numpy
import pytest

from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.digits import PAD
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.protocols.many.columns import LayoutBook, decode_columns, problem_names
from immis.gateway.protocols.many.cut import join
from immis.gateway.state.motion import distance_km, distances_km, is_jump, out_of_reach, stands_still, step_km
from immis.rules.land.earth import INDIA_LAT, INDIA_LON, in_india
from immis.rules.movement.readings import shipped_readings

AT = datetime(2026, 6, 1, 6, tzinfo=UTC)
BY = shipped_readings(AT.date())


def test_many_pairs_are_measured_as_one_pair_is():
    chance = numpy.random.default_rng(5)
    pairs = chance.uniform((8, 70, 8, 70), (36, 96, 36, 96), size=(200, 4))
    many = distances_km(*pairs.T)
    assert many == pytest.approx([distance_km(*pair) for pair in pairs.tolist()], rel=1e-12)


def test_one_fix_and_many_at_once_are_judged_alike_up_to_the_limit():
    after_s = 60.0
    reach_km = max(BY.jump_km, BY.jump_kmh * after_s / 3600)
    kms = numpy.array([0.0, BY.jump_km, reach_km, numpy.nextafter(reach_km, 1e9), reach_km + 1])
    assert out_of_reach(kms, numpy.full(5, after_s), BY).tolist() == [False, False, False, True, True]
    assert [out_of_reach(km, after_s, BY) for km in kms.tolist()] == [False, False, False, True, True]
    degrees = (reach_km + 0.1) / 111.19
    assert is_jump(25.0, 86.0, 0.0, 25.0 + degrees, 86.0, after_s, BY)
    assert not is_jump(25.0, 86.0, 0.0, 25.0 + degrees, 86.0, after_s * 10, BY)


def test_the_wander_of_a_standing_vehicle_counts_nothing_and_that_of_a_driving_one_does():
    limit_m = BY.standstill_m
    near, far = 25.0 + (limit_m - 1) / 111_195, 25.0 + (limit_m + 1) / 111_195
    assert step_km(25.0, 86.0, near, 86.0, speed_kmh=0.9, standstill_m=limit_m) == 0.0
    assert step_km(25.0, 86.0, near, 86.0, speed_kmh=1.0, standstill_m=limit_m) > 0.0
    assert step_km(25.0, 86.0, far, 86.0, speed_kmh=0.0, standstill_m=limit_m) > limit_m / 1000
    kms, speeds = numpy.array([(limit_m - 1) / 1000, (limit_m + 1) / 1000, 0.0]), numpy.array([0.0, 0.0, 1.0])
    assert stands_still(kms, speeds, limit_m).tolist() == [True, False, False]


@pytest.mark.parametrize("lat, lon", [(25.0, 86.0), (6.9, 93.9), (5.9, 86.0), (38.1, 77.0), (25.0, 67.9), (25.0, 98.1)])
def test_both_readers_of_a_frame_know_the_same_box_around_india(lat, lon):
    frame = encode_position(
        Report(imei="860000000000017", vehicle="BR08G1234", frame_no=1, at=AT, lat=lat, lon=lon)
    ).rstrip(b"\r\n")
    outside = not (INDIA_LAT[0] < lat < INDIA_LAT[1] and INDIA_LON[0] < lon < INDIA_LON[1])
    assert ("outside_india" in decode_frame(frame)[0].problems) is outside
    assert bool(in_india(lat, lon)) is not outside
    read = columns_of([frame, frame], LayoutBook())
    assert read.sure.all()
    assert all(("outside_india" in problem_names(int(bits))) is outside for bits in read.problems)


def columns_of(frames, book):
    sizes = numpy.array([len(frame) for frame in frames])
    ends = PAD + numpy.cumsum(sizes)
    return decode_columns(join(frames), ends - sizes, ends, book)
