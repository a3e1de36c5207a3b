"""Faults of devices in tests: reported and carried on by the register's own acts."""

from immis.registers.loader import current
from immis.registers.models import Entry
from immis.registers.services import Given, do_act

REGISTER = "device_faults"


def report(device, kind, *, by, at, words="") -> Entry:
    register = current(REGISTER, at.date())
    given = Given({"device": device.imei, "kind": kind, "words": words})
    return do_act(register=register, act=register.acts["report"], given=given, by=by, at=at)


def carry_on(fault, act, *, by, at, words="") -> Entry:
    register = current(REGISTER, at.date())
    return do_act(register=register, act=register.acts[act], given=Given({}, reason=words), by=by, at=at, entry=fault)
