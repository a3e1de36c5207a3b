"""Asking for e-challans, and the check of one: genuine, in time, and in which state by law at this instant."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from immis import clock
from immis.challans.keys import public_key_list
from immis.challans.models import Challan, CheckPostScan
from immis.challans.pass_text import carries_pass
from immis.challans.passes import PassFacts, verify_pass
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.core.scope import visible
from immis.registry.selectors import plate
from immis.rules import catalogue
from immis.rules.calendar import add_years, india_day, start_of
from immis.rules.catalogue import Finding
from immis.rules.land.geometry import distance_to_polygon_m
from immis.rules.movement.trips import StartFacts, start_deadline
from immis.rules.policy import NotInForce, book
from immis.rules.writing.offices import western_digits
from immis.tracking import selectors as tracking

# letters, year and running number of a challan, as parts, and run together as a hasty hand types them
_NUMBER_PARTS = re.compile(r"([A-Z]{2,6})-(?:20)?(\d{2})-(\d{1,7})")
_NUMBER_WHOLE = re.compile(r"([A-Z]{2,6})(?:20)?(\d{2})(\d{6})")
_WITH = ("lease", "lease__block", "party", "vehicle", "place")
#: States in which the sand on a challan counts against the permitted quantity.
_MARK_BEHIND = re.compile(r"[\s,;]([A-Z]{2}[\s-]?\d{2}[\s-]?[A-Z]{1,3}[\s-]?\d{1,4})\s*$")
COUNTED = (Challan.ISSUED, Challan.COMPLETED, Challan.EXPIRED)


def typed_number(text: str) -> str:
    """A number, or a part of one, however it was typed: capitals, digits 0-9, one hyphen between its parts."""
    plain = western_digits(unicodedata.normalize("NFKC", text)).upper()
    return "-".join(re.findall(r"[A-Z0-9]+", plain))


def number_of(text: str) -> str:
    """The whole number of a challan: ``mun-26-1``, ``MUN 2026 000001`` and ``MUN/26/000001`` are ``MUN-26-000001``.

    What has no such form is answered as it was typed.
    """
    plain = typed_number(text)
    parts = _NUMBER_PARTS.fullmatch(plain) or _NUMBER_WHOLE.fullmatch(plain.replace("-", ""))
    return f"{parts[1]}-{parts[2]}-{int(parts[3]):06d}" if parts else plain


def _visible(viewer: Actor) -> Q:
    """A desk's district, a party's own; a check post meets vehicles of every district and sees what it checked."""
    if reach_of(viewer, "challan.read") == "own_office":
        return Q(pk__in=scans_for(viewer).filter(challan__isnull=False).values("challan_id"))
    return visible(viewer, "challan.read", district="lease__district", party="party_id")


def scans_for(viewer: Actor) -> QuerySet[CheckPostScan]:
    """Checks that a post may see: a check post's own, a district's of its offices, all for statewide posts."""
    return CheckPostScan.objects.filter(visible(viewer, "scan.read", district="office__district", office="office_id"))


def challans(viewer: Actor, **filters: Any) -> QuerySet[Challan]:
    """Challans that this post may see, newest first."""
    return Challan.objects.select_related(*_WITH).filter(_visible(viewer), **filters)


def search(viewer: Actor, *, state: str = "", text: str = "", lease: str = "", at: datetime) -> QuerySet[Challan]:
    """Challans of a list page: by state as it is at this instant, number or vehicle, lease code."""
    rows = challans(viewer)
    if state:
        rows = rows.filter(_state_filter(state, at))
    if text:
        rows = rows.filter(
            Q(number__icontains=typed_number(text)) | Q(vehicle__registration__contains=plate(text) or "?")
        )
    return rows.filter(lease__number=lease) if lease else rows


def _state_filter(state: str, at: datetime) -> Q:
    """The stored state, with the ones whose time ran out a moment ago under their new state already."""
    over = Q(state=Challan.ISSUED, valid_until__lte=at)
    if state == Challan.ISSUED:
        return Q(state=Challan.ISSUED, valid_until__gt=at)
    return Q(state=state) | over if state == Challan.EXPIRED else Q(state=state)


def state_counts(viewer: Actor) -> dict[str, int]:
    """How many challans stand in each state, for the filter of a list."""
    rows = challans(viewer).order_by().values("state").annotate(n=Count("id"))
    return {row["state"]: row["n"] for row in rows}


def challan_of(number: str, viewer: Actor) -> Challan:
    """One challan by number or code. Raises NotFound when there is none that this post may see."""
    row = challans(viewer).filter(number=number_of(number)).first()
    if row is None:
        raise NotFound(f"challan {number}")
    return row


def live_challans_of(registrations: Iterable[str], *, viewer: Actor) -> dict[str, Challan]:
    """The live challan of each of these vehicles, where this post may see it."""
    live = challans(viewer).filter(state=Challan.ISSUED, vehicle__registration__in=set(registrations))
    return {challan.vehicle.registration: challan for challan in live}


def challan_of_trip(viewer: Actor, *, imei: str, started_at: datetime) -> Challan | None:
    """The challan that a trip was driven on, where this post may see it: the one whose start is the trip's own.

    A vehicle that left without one in force has none.
    """
    near = timedelta(minutes=2)
    own = challans(viewer).filter(imei=imei)
    same = own.filter(started_at__gte=started_at - near, started_at__lte=started_at + near).order_by("-issued_at")
    return same.first() or own.filter(issued_at__lte=started_at, valid_until__gt=started_at).first()


def last_challan_of(registration: str, *, at: datetime, still: timedelta) -> Challan | None:
    """The last challan that a vehicle had at an instant, valid then or no longer before than ``still``."""
    own = Challan.objects.select_related(*_WITH).filter(vehicle__registration=registration)
    return own.filter(issued_at__lte=at, valid_until__gt=at - still).order_by("-issued_at").first()


def on_trip(challan: Challan, *, at: datetime) -> bool:
    """Whether the trip of a challan was under way at an instant."""
    ended_at = challan.completed_at or (challan.valid_until if challan.state == Challan.ISSUED else challan.state_at)
    return challan.started_at is not None and challan.started_at <= at < ended_at


def scans_of_vehicle(registration: str, *, at: datetime, within: timedelta) -> QuerySet[CheckPostScan]:
    """Checks of a vehicle at check posts near an instant, for a rule to judge by."""
    return CheckPostScan.objects.filter(registration=registration, at__gte=at - within, at__lte=at + within)


def settlement_year(period_from: Any, at: datetime) -> tuple[datetime, datetime]:
    """The running year of a settlement as instants, counted from the first day of its period."""
    today, years = india_day(at), 0
    while add_years(period_from, years + 1) <= today:
        years += 1
    return start_of(add_years(period_from, years)), start_of(add_years(period_from, years + 1))


def issued_quantity_m3(lease: Any, at: datetime) -> Decimal:
    """What the challans of the running settlement year carry; invalid and cancelled ones do not count (CH-08)."""
    rows = Challan.objects.filter(lease=lease, state__in=COUNTED)
    if lease.period_from:
        start, end = settlement_year(lease.period_from, at)
        rows = rows.filter(issued_at__gte=start, issued_at__lt=end)
    return rows.aggregate(total=Sum("quantity_m3"))["total"] or Decimal(0)


def start_facts(challan: Challan, *, at: datetime) -> StartFacts:
    """Facts for MOV-01; past the deadline, a position away from the ghat proves the start where no exit was told."""
    facts = StartFacts(
        challan=challan.number,
        vehicle=challan.vehicle.registration,
        block=challan.lease.block.code,
        district=challan.lease.district,
        issued_at=challan.issued_at,
        started_at=challan.started_at,
    )
    if challan.started_at is not None or at < start_deadline(facts, policy=book()):
        return facts
    seen_at = _seen_away_at(challan, until=start_deadline(facts, policy=book()))
    return facts if seen_at is None else StartFacts(**{**facts.__dict__, "started_at": seen_at})


def _seen_away_at(challan: Challan, *, until: datetime) -> datetime | None:
    """The first stored fix between issue and ``until`` that lies clearly outside the ghat (CH-04's tolerance)."""
    limit_m = int(book().value("CH-04", challan.issued_at, district=challan.lease.district))
    for point in tracking.points(challan.imei, start=challan.issued_at, end=until):
        if point.at < until and distance_to_polygon_m(challan.lease.block.corners, point.lat, point.lon) > limit_m:
            return point.at
    return None


def not_started(challan: Challan, *, at: datetime) -> Finding | None:
    """MOV-01 on one challan at an instant; None where it started, or has time left."""
    if challan.state != Challan.ISSUED:
        return None
    return catalogue.apply(catalogue.RULES["MOV-01"], start_facts(challan, at=at), policy=book(), at=at)


@dataclass(frozen=True)
class Standing:
    """The state of a challan by law at an instant, with the rule and facts that made it so."""

    state: str
    rule_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None


def standing_of(challan: Challan, *, at: datetime) -> Standing:
    """The state at an instant: a challan is invalid from its very deadline on, whether or not a job has run (A-21)."""
    if challan.state != Challan.ISSUED:
        return Standing(challan.state, challan.state_rule, challan.state_facts, challan.state_at)
    finding = not_started(challan, at=at)
    if finding:
        return Standing(Challan.INVALID, finding.code, finding.facts, finding.facts["deadline_at"])
    if at >= challan.valid_until:
        return Standing(Challan.EXPIRED, "CH-10", {"valid_until": challan.valid_until}, challan.valid_until)
    return Standing(Challan.ISSUED, "", {}, challan.issued_at)


@dataclass(frozen=True)
class CheckAnswer:
    """What the public check says; ``reason`` is ok | invalid | cancelled | expired | completed | not_found | no_live
    | altered | not_yet_valid | mark_needed, or a reason code of ``pass_words``."""

    asked: str
    genuine: bool
    in_time: bool | None
    state: str
    reason: str
    rule_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    challan: Challan | None = None
    registration: str = ""

    @property
    def good(self) -> bool:
        """Genuine, in time, and neither used up nor made invalid."""
        return self.reason == "ok"


def check_challan(text: str, at: datetime) -> CheckAnswer:
    """Check a number, or the text of a QR, against the register; anybody may ask (E-118)."""
    asked = text.strip()
    if looks_like_pass(asked):
        return _check_pass(asked, at)
    challan = Challan.objects.select_related(*_WITH).filter(number=number_of(asked)[:24]).first()
    if challan is None:
        return CheckAnswer(asked[:120], False, None, "", "not_found")
    return _answer(challan, asked, at)


def check_in_public(text: str, mark: str, at: datetime) -> CheckAnswer:
    """Check for anybody: the text of a QR, or a number with the registration mark of its vehicle (E-118).

    The mark may also stand behind the number. Numbers run in order: a number alone, and one with
    another vehicle's mark, tells nothing of whether it was issued.
    """
    asked = text.strip()
    if looks_like_pass(asked):
        return check_challan(asked, at)
    number, mark = number_and_mark(asked, mark)
    if not mark:
        return CheckAnswer(asked[:120], False, None, "", "mark_needed")
    answer = check_challan(number, at)
    if answer.registration != mark:
        return CheckAnswer(asked[:120], False, None, "", "not_found")
    return answer


def number_and_mark(text: str, mark: str) -> tuple[str, str]:
    """The number of a challan and the registration mark that stands beside or behind it; either may be missing."""
    text = western_digits(text)
    behind = _MARK_BEHIND.search(text.upper())
    if behind and not mark.strip():
        return text[: behind.start()], plate(behind[1])[:12]
    return text, plate(mark)[:12]


def looks_like_pass(text: str) -> bool:
    """Whether a text is the content of a pass's QR rather than a number or a registration mark."""
    return carries_pass(text) or "#" in text or len(text) > 60


def _check_pass(text: str, at: datetime) -> CheckAnswer:
    verdict = verify_pass(text, keys=public_key_list(clock.data_dir(), at=at), at=at)
    if not verdict.genuine or verdict.pass_facts is None:
        return CheckAnswer(text[:120], False, None, "", verdict.reason)
    facts = verdict.pass_facts
    challan = Challan.objects.select_related(*_WITH).filter(pass_id=facts.pass_id.hex()).first()
    if challan is None or not _agrees(facts, challan):
        return CheckAnswer(facts.number, False, None, "", "not_found", registration=facts.vehicle)
    return _answer(challan, facts.number, at)


def _agrees(facts: PassFacts, challan: Challan) -> bool:
    return (facts.number, facts.vehicle, facts.quantity_m3) == (
        challan.number,
        challan.vehicle.registration,
        challan.quantity_m3,
    )


def _answer(challan: Challan, asked: str, at: datetime) -> CheckAnswer:
    now = standing_of(challan, at=at)
    in_time = challan.issued_at <= at < challan.valid_until
    reason = "ok" if now.state == Challan.ISSUED else now.state
    if reason == "ok" and not in_time:
        reason = "not_yet_valid"
    return CheckAnswer(
        asked[:120], True, in_time, now.state, reason, now.rule_code, now.facts, challan, challan.vehicle.registration
    )


def check_vehicle(text: str, at: datetime) -> CheckAnswer:
    """Check a vehicle by its registration mark: its live challan, else its last one, else none."""
    mark = plate(text)[:12]
    mine = Challan.objects.select_related(*_WITH).filter(vehicle__registration=mark)
    challan = mine.filter(state=Challan.ISSUED).first() or mine.first()
    if challan is None:
        return CheckAnswer(text[:120], False, None, "", "no_live", registration=mark)
    return _answer(challan, text, at)


def answer_of(scan: CheckPostScan) -> CheckAnswer:
    """What a recorded check said when it was made."""
    kept = scan.facts
    return CheckAnswer(
        asked=scan.asked,
        genuine=bool(kept.get("genuine")),
        in_time=kept.get("in_time"),
        state="",
        reason=scan.reason,
        rule_code=kept.get("rule", ""),
        facts=kept.get("facts") or {},
        challan=scan.challan,
        registration=scan.registration,
    )


def scans(viewer: Actor, *, since: datetime) -> QuerySet[CheckPostScan]:
    """Checks made since an instant that a post may see."""
    with_challan = ("office", "challan__lease__block", "challan__place", "challan__vehicle")
    return scans_for(viewer).filter(at__gte=since).select_related(*with_challan)


def scans_of(challan: Challan) -> QuerySet[CheckPostScan]:
    """Checks of one challan, newest first. The caller has checked that the viewer may see it."""
    return challan.scans.select_related("office")


def scan_before(challan: Challan, *, at: datetime) -> CheckPostScan | None:
    """The last check of a challan at a known place before an instant."""
    return challan.scans.select_related("office").filter(at__lte=at, lat__isnull=False).first()


def run_out(*, at: datetime) -> list[int]:
    """Challans that still stand as issued though their time is over."""
    return list(Challan.objects.filter(state=Challan.ISSUED, valid_until__lte=at).values_list("pk", flat=True))


def start_due(*, at: datetime) -> list[Challan]:
    """Issued challans whose last instant to leave the ghat has come and whose start is not settled, oldest first."""
    due = Challan.objects.select_related(*_WITH).filter(state=Challan.ISSUED, start_due_at__lte=at)
    return list(due.order_by("start_due_at", "pk"))


def place_unchecked(*, limit: int) -> list[Challan]:
    """Challans whose place of issue was not yet compared with the device's position, oldest first."""
    return list(Challan.objects.select_related(*_WITH).filter(place_checked_at__isnull=True).order_by("pk")[:limit])


def cancelled_pass_ids(*, at: datetime) -> list[bytes]:
    """Passes that are invalid or cancelled while their time still runs: the content of the cancelled list."""
    running = Challan.objects.filter(valid_until__gt=at)
    made_so = running.filter(state__in=[Challan.INVALID, Challan.CANCELLED]).values_list("pass_id", flat=True)
    late = (row for row in start_due(at=at) if row.valid_until > at and not_started(row, at=at))
    ids = {*made_so, *(row.pass_id for row in late)}
    return [bytes.fromhex(pass_id) for pass_id in sorted(ids)]


def start_by(challan: Challan) -> datetime | None:
    """The instant by which the vehicle must have left the ghat; None where MOV-01 was not in force at issue."""
    facts = StartFacts(challan.number, "", "", challan.lease.district, challan.issued_at)
    try:
        return start_deadline(facts, policy=book())
    except NotInForce:
        return None
