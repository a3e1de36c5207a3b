"""E-challans that a reader may see: lists, one, of a vehicle or trip, and what is due to the jobs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Substr

from immis.challans.models import Challan, ChallanChange, CheckPostScan
from immis.challans.selectors.beside import cancelled_beside
from immis.challans.selectors.number import number_of, running_number, typed_number
from immis.challans.selectors.quantity import COUNTED
from immis.challans.selectors.standing import not_started
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import reach_of
from immis.core.scope import visible, within_leases
from immis.core.selectors import rows_if_any
from immis.core.written import question
from immis.leases.selectors import Lease
from immis.registry.selectors import Place, Vehicle, places, plate, vehicles
from immis.rules.calendar import INDIA, end_of, start_of
from immis.rules.districts import CODES

MOST_TRUCKS, MOST_MEANT = 200, 2_000  # of what a typed text may mean
WITH_ALL = ("lease", "lease__block", "party", "vehicle", "place")


def _visible(viewer: Actor, *, district: str = "district", party: str = "party_id") -> Q:
    """A desk's district, a party's own; a check post meets vehicles of every district and sees what it checked."""
    if reach_of(viewer, "challan.read") == "own_office":
        return Q(pk__in=scans_for(viewer).filter(challan__isnull=False).values("challan_id"))
    seen = visible(viewer, "challan.read", district=district, party=party)
    return seen & within_leases(viewer, "lease__number")


def scans_for(viewer: Actor) -> QuerySet[CheckPostScan]:
    """Checks that a post may see: a check post's own, a district's of its offices, all for statewide posts."""
    return CheckPostScan.objects.filter(visible(viewer, "scan.read", district="office__district", office="office_id"))


def challans(viewer: Actor, **filters: Any) -> QuerySet[Challan]:
    """Challans that this post may see, newest first."""
    return Challan.objects.select_related(*WITH_ALL).filter(_visible(viewer), **filters)


@dataclass(frozen=True)
class Wanted:
    """What a list of challans is narrowed to; an empty field asks for nothing."""

    state: str = ""
    text: str = ""
    lease: str = ""
    from_on: date | None = None
    to_on: date | None = None


def search(viewer: Actor, wanted: Wanted = Wanted(), *, at: datetime) -> QuerySet[Challan]:
    """Challans of a list page: by state as it is at this instant, number or vehicle, settlement, days of issue."""
    rows = Challan.objects.prefetch_related(*WITH_ALL)  # joined, SQLite would sort all of the State's
    if wanted.text:
        rows = rows.filter(pk__in=_meant(wanted.text, viewer, at))
    else:
        rows = rows.filter(_visible(viewer))
    if wanted.state:
        rows = rows.filter(_state_filter(wanted.state, at))
    if wanted.from_on:
        rows = rows.filter(issued_at__gte=start_of(wanted.from_on))
    if wanted.to_on:
        rows = rows.filter(issued_at__lt=end_of(wanted.to_on))
    return rows.filter(lease__number=wanted.lease) if wanted.lease else rows


def _meant(text: str, viewer: Actor, at: datetime) -> set[int]:
    """Challans by their number, its beginning or its end, or by the trucks whose mark holds what was typed.

    Each way goes by its own index, however many challans there are: the reach is asked of what the index found.
    """
    number, mark = typed_number(text), plate(text)
    ways = [Q(number__in=[number_of(text), *_ending_in(running_number(text), at)])]
    if number:  # the bounds are for SQLite's index; no number has a letter behind its year
        ways.append(Q(number__startswith=number, number__gte=number, number__lt=f"{number}ZZ"))
    if mark:
        ways.append(Q(vehicle__in=[row.pk for row in vehicles(registration__contains=mark)[:MOST_TRUCKS]]))
    in_reach = Challan.objects.alias(its_district=Substr("district", 1), its_party=F("party_id") + 0)
    in_reach = in_reach.filter(_visible(viewer, district="its_district", party="its_party"))
    return {pk for way in ways for pk in in_reach.filter(way).values_list("pk", flat=True)[:MOST_MEANT]}


def _ending_in(running: int | None, at: datetime) -> list[str]:
    """The numbers of all districts, of this year and the last, that a running number alone may mean."""
    if running is None:
        return []
    years = {at.astimezone(INDIA).year % 100, (at.astimezone(INDIA).year - 1) % 100}
    letters = sorted(district.letters for district in CODES.values())
    return [number_of(f"{start}-{year:02d}-{running}") for start in letters for year in sorted(years)]


def _state_filter(state: str, at: datetime) -> Q:
    """The stored state, with the ones whose time ran out a moment ago under their new state already."""
    over = Q(state=Challan.ISSUED, valid_until__lte=at)
    if state == Challan.ISSUED:
        return Q(state=Challan.ISSUED, valid_until__gt=at)
    return Q(state=state) | over if state == Challan.EXPIRED else Q(state=state)


def state_counts(viewer: Actor, *, from_on: date) -> dict[str, int]:
    """How many challans stand in each state of those issued from a day on, for the filter of a list."""
    rows = challans(viewer, issued_at__gte=start_of(from_on)).order_by()
    return {state: rows.filter(state=state).count() for state, _words in Challan.STATES}


def by_vehicle(viewer: Actor, *, most: int = 50, **filters: Any) -> list[dict[str, Any]]:
    """The vehicles of some challans that this post may see, the busiest first: mark, how many, the last instant."""
    rows = challans(viewer, **filters).order_by().values("vehicle__registration")
    counted = rows.annotate(challans=Count("pk"), last_at=Max("issued_at")).order_by(
        "-challans", "vehicle__registration"
    )
    return [{"mark": row["vehicle__registration"], **row} for row in counted[:most]]


def by_lease(viewer: Actor, *, most: int = 50, **filters: Any) -> list[dict[str, Any]]:
    """The settlements of some challans that this post may see: number, name of the ghat, how many, the last instant."""
    names = {"number": "lease__number", "en": "lease__block__name_en", "hi": "lease__block__name_hi"}
    rows = challans(viewer, **filters).order_by().values(*names.values())
    counted = rows.annotate(challans=Count("pk"), last_at=Max("issued_at")).order_by("-challans", "lease__number")
    return [
        {**row, "number": row[names["number"]], "ghat": {lang: row[names[lang]] for lang in ("en", "hi")}}
        for row in counted[:most]
    ]


def challan_of(number: str, viewer: Actor) -> Challan:
    """One challan by number or code. Raises NotFound when there is none that this post may see."""
    row = challans(viewer).filter(number=number_of(number)).first()
    if row is None:
        raise NotFound(f"challan {number}")
    return row


def recent_places(lease: Lease, *, most: int = 20) -> list[Place]:
    """Where the last e-challans of a settlement went, the latest first; where it has none yet, some of its district."""
    ids = Challan.objects.filter(lease=lease).order_by("-id").values_list("place_id", flat=True)[:200]
    known = places().in_bulk(dict.fromkeys(ids))
    some = places("destination")
    recent = [known[pk] for pk in dict.fromkeys(ids)][:most]
    return recent or list(some.filter(district=lease.block.district)[:most]) or list(some[:most])


def last_challans(lease: Lease, *, most: int = 200) -> dict[str, Challan]:
    """The last e-challan of each vehicle that loaded at a settlement lately, the latest first."""
    rows = Challan.objects.select_related("vehicle", "place").filter(lease=lease).order_by("-id")[:most]
    last: dict[str, Challan] = {}
    for row in rows:
        last.setdefault(row.vehicle.registration, row)
    return last


def issued_to(vehicles: Iterable[Vehicle]) -> list[Challan]:
    """The e-challans of some vehicles that stand as issued, whoever asks: for the rules of issue."""
    return list(Challan.objects.select_related(*WITH_ALL).filter(vehicle__in=list(vehicles), state=Challan.ISSUED))


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
    own = Challan.objects.select_related(*WITH_ALL).filter(vehicle__registration=registration)
    return own.filter(issued_at__lte=at, valid_until__gt=at - still).order_by("-issued_at").first()


def last_load_of(vehicle: Vehicle) -> Challan | None:
    """The last challan on which a vehicle drove, or was to drive; what was cancelled or invalid is none (CH-35)."""
    return _last_load.first(vehicle=vehicle.pk)


@question
def _last_load(vehicle: int) -> QuerySet[Challan]:
    rows = Challan.objects.filter(vehicle_id=vehicle, state__in=COUNTED).order_by("-issued_at")
    return rows.only("number", "issued_at", "distance_km")[:1]


@question
def made_by_key(key: str) -> QuerySet[Challan]:
    """The e-challan that was made under a key."""
    return Challan.objects.select_related(*WITH_ALL).filter(key=key)


@question
def in_force_of(vehicle: int) -> QuerySet[Challan]:
    """The e-challan of a vehicle that stands as issued."""
    return Challan.objects.select_related(*WITH_ALL).filter(vehicle_id=vehicle, state=Challan.ISSUED)


def changes_of(challan: Challan) -> list[ChallanChange]:
    """What became of a challan after issue: amended, extended; oldest first."""
    return list(challan.changes.all())


def on_trip(challan: Challan, *, at: datetime) -> bool:
    """Whether the trip of a challan was under way at an instant."""
    ended_at = challan.completed_at or (challan.valid_until if challan.state == Challan.ISSUED else challan.state_at)
    return challan.started_at is not None and challan.started_at <= at < ended_at


def run_out(*, at: datetime) -> list[int]:
    """Challans that still stand as issued though their time is over."""
    return list(Challan.objects.filter(state=Challan.ISSUED, valid_until__lte=at).values_list("pk", flat=True))


def start_due(*, at: datetime) -> list[Challan]:
    """Issued challans whose last instant to leave the ghat has come and whose start is not settled, oldest first."""
    due = Challan.objects.select_related(*WITH_ALL).filter(state=Challan.ISSUED, start_due_at__lte=at)
    return rows_if_any(due.order_by("start_due_at", "pk"))


def watch_due(*, at: datetime, limit: int) -> list[Challan]:
    """Running trips that are to be looked at now, the longest waiting first; with few of their fields."""
    due = Challan.objects.filter(state=Challan.ISSUED, watch_at__lte=at).select_related("road")
    few = ("number", "imei", "district", "started_at", "still_since", "still_lat", "still_lon", "road__told_at")
    return rows_if_any(due.only(*few).order_by("watch_at", "pk")[:limit])


def not_started_lately(challan: Challan, *, since: datetime) -> tuple[int, int]:
    """How many trips of the vehicle and of the settlement of a challan did not start since an instant, it included."""
    missed = Challan.objects.filter(state=Challan.INVALID, state_rule="MOV-01", issued_at__gte=since)
    others = missed.exclude(pk=challan.pk)
    return others.filter(vehicle=challan.vehicle_id).count() + 1, others.filter(lease=challan.lease_id).count() + 1


def place_unchecked() -> list[tuple[int, str, datetime]]:
    """Challans whose place of issue was not yet compared with the device's position: key, device, instant of issue."""
    waiting = Challan.objects.filter(place_checked_at__isnull=True).order_by("pk")
    return list(waiting.values_list("pk", "imei", "issued_at"))


def challans_with(keys: Collection[int]) -> list[Challan]:
    """Challans by their keys, oldest first, with all that belongs to them: for jobs."""
    return list(Challan.objects.select_related(*WITH_ALL).filter(pk__in=keys).order_by("pk")) if keys else []


def cancelled_pass_ids(*, at: datetime) -> list[bytes]:
    """Passes that are invalid or cancelled while their time still runs: the content of the cancelled list."""
    running = Challan.objects.filter(valid_until__gt=at)
    made_so = running.filter(state__in=[Challan.INVALID, Challan.CANCELLED]).values_list("pass_id", flat=True)
    late = (row for row in start_due(at=at) if row.valid_until > at and not_started(row, at=at))
    amended = ChallanChange.objects.filter(challan__valid_until__gt=at).exclude(superseded="")
    ids = {*made_so, *(row.pass_id for row in late), *amended.values_list("superseded", flat=True)}
    return sorted({*(bytes.fromhex(pass_id) for pass_id in ids), *cancelled_beside(at)})


def issued_by_person(user_id: int, *, since: datetime) -> int:
    """How many e-challans a person has issued since an instant, those taken back or invalid included."""
    return Challan.objects.filter(issued_by_id=user_id, issued_at__gte=since).count()


def passes_of_vehicles(vehicle_ids: Sequence[int]) -> QuerySet[Challan]:
    """Challans on which some vehicles drive, newest first. The caller has checked that they are the viewer's own."""
    return Challan.objects.prefetch_related(*WITH_ALL).filter(vehicle_id__in=vehicle_ids)
