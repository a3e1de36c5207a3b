"""The keys of gates and their quotas, as the registers have them, and the part of the key list that follows."""

from datetime import datetime, timedelta
from typing import Any

from immis import clock
from immis.challans.signed import gates, offline_root
from immis.challans.signed.lists import Gate, PublicKey, Quota
from immis.core.signing.keyring import locked, unb64
from immis.registers.selectors import Entry, having, standing_in
from immis.rules.policy import NotInForce, book

KEYS, QUOTAS, FINDINGS = "gate_keys", "offline_quotas", "offline_findings"
#: Passes on the road outlast the quota, and check posts hear of a new list late.
_SHOWN_AFTER = timedelta(days=3)
#: Trusted after its last signature, as a pass key is (ADR 6).
_OVERLAP = timedelta(days=30)


def terms(at: datetime) -> dict[str, Any]:
    """What CH-80 allows. Raises NotInForce before its first value."""
    return dict(book().value("CH-80", at))


def instant(value: Any) -> datetime:
    """An instant of an entry."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def key_with(kid: str) -> Entry | None:
    """The entry of a key by its id, the newest; None where nobody handed it in."""
    return having(KEYS, "kid", [kid]).last()


def quotas_of(key: Entry) -> list[Entry]:
    """Every quota that was granted to a key, oldest first."""
    return list(having(QUOTAS, "key", [key.number]))


def running_quota(key: Entry) -> Entry | None:
    """The quota of a key that is granted and neither withdrawn nor closed."""
    return next((row for row in quotas_of(key) if row.state == "granted"), None)


def quota_of(entry: Entry) -> Quota:
    """The numbers and days of a quota."""
    values = entry.values
    return Quota(
        values["series"],
        int(values["first"]),
        int(values["last"]),
        instant(values["starts_at"]),
        instant(values["ends_at"]),
    )


def good_from(quota: Entry, key: Entry, *, at: datetime) -> datetime | None:
    """From when a quota counts: the day of its order, and CH-80's lead after it came into the list in force.

    While the root is here the list follows the registers at once. Where it is offline its list comes by hand: None
    until one that has this quota is in force.
    """
    series = quota_of(quota)
    with locked(clock.data_dir()) as folder:
        by_hand = offline_root.is_offline(folder)
    if not by_hand:
        return series.starts_at
    named = {"kid": key.values["kid"], "series": series.series, "first": series.first}
    since = offline_root.listed_since(clock.data_dir(), **named)
    return None if since is None else max(series.starts_at, since + timedelta(hours=int(terms(at)["lead_hours"])))


def unlisted_quotas() -> list[Entry]:
    """Quotas that are granted and that the offline root has not signed; none while the root is here."""
    with locked(clock.data_dir()) as folder:
        if not offline_root.is_offline(folder):
            return []
    rows = standing_in(QUOTAS, "granted")
    known = {row.number: row for row in standing_in(KEYS, "approved")}
    at = clock.now()
    return [
        row for row in rows if (key := known.get(row.values["key"])) is not None and good_from(row, key, at=at) is None
    ]


def public_key(entry: Entry, *, at: datetime) -> PublicKey:
    """A key of a gate as the key list has it, with the quotas that still matter at an instant."""
    counts_from = instant(entry.values["counts_from"])
    until = counts_from + timedelta(days=int(terms(at)["key_days"]))
    quotas = tuple(row for row in map(quota_of, quotas_of(entry)) if at < row.ends_at + _SHOWN_AFTER)
    revoked = instant(entry.values["revoked_at"]) if entry.values.get("revoked_at") else None
    gate = Gate(entry.values["lease"], quotas, revoked)
    kid, public = bytes.fromhex(entry.values["kid"]), unb64(entry.values["public"])
    return PublicKey(kid, public, counts_from, until, until + _OVERLAP, gate)


def list_gate_keys(*, at: datetime) -> int:
    """Bring the keys of gates in the key list up to date with the registers; 1 where anything changed."""
    rows = [*standing_in(KEYS, "approved"), *standing_in(KEYS, "revoked")]
    try:
        keys = [public_key(row, at=at) for row in rows]
    except NotInForce:
        return 0
    return int(gates.store(clock.data_dir(), [key for key in keys if at < key.not_after]))
