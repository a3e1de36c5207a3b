"""For how long this installation can still sign passes, and where the root of its keys lies (ADR 6)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.challans.offline.keys import unlisted_quotas
from immis.challans.signed import offline_root
from immis.challans.signed.keys import signs_until
from immis.core.installation.readiness import Check, Finding, declare
from immis.core.signing.keyring import locked
from immis.rules.calendar import india_day

#: The way to the root and back takes a district days, not hours.
_ASK_BEFORE = timedelta(days=45)


def _pass_key(at: datetime) -> Finding:
    """While the root is here the next key is made when it is needed; else the list of the root ends with its year."""
    until = signs_until(clock.data_dir(), at=at)
    with locked(clock.data_dir()) as folder:
        offline = offline_root.is_offline(folder)
    if not offline:
        return Finding("set", "" if until is None else f"{india_day(until):%d.%m.%Y}")
    if until is None:
        return Finding("missing")
    return Finding("weak" if until - at <= _ASK_BEFORE else "set", f"{india_day(until):%d.%m.%Y}")


def _root(at: datetime) -> Finding:
    with locked(clock.data_dir()) as folder:
        return Finding("set" if offline_root.is_offline(folder) else "weak")


def _gate_lists(at: datetime) -> Finding:
    """Whether the offline root has signed every quota that a district granted."""
    rows = unlisted_quotas()
    return Finding("weak", ", ".join(row.number for row in rows[:5])) if rows else Finding("set")


declare(
    Check(
        "gate_lists",
        _("Quotas of gates in the signed key list"),
        _("A gate issues nothing in an outage before a day after the offline root signed its quota."),
        "immis pass keys request, sign, install",
        _gate_lists,
        watched=True,
    ),
    Check(
        "pass_key",
        _("Until when passes can be signed"),
        _("After this day no e-challan is issued until the offline root has signed the key of the next year."),
        "immis pass keys request, sign, install",
        _pass_key,
        needed=True,
        watched=True,
    ),
    Check(
        "pass_root",
        _("Root key of passes away from this machine"),
        _("Who breaks into this machine can make keys whose passes every checker believes."),
        "immis pass keys carry-away",
        _root,
    ),
)
