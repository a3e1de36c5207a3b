"""The release package of one auction: one release that says all that is public of it now (OCDS 1.1.5)."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from immis.auctions.models import Lot
from immis.auctions.opendata.awards import awards_of, contracts_of
from immis.auctions.opendata.parties import buyer_reference, parties_of
from immis.auctions.opendata.parts import Json, LotRecord, instant, record_of, url, without_nothing
from immis.auctions.opendata.tender import bids_of, tender_of
from immis.auctions.steps import instant_of
from immis.clock import data_dir
from immis.core.papers.documents import DEPARTMENT, GOVERNMENT
from immis.rules.calendar import start_of
from immis.rules.notices.facts import STEPS

_HOME = "https://raw.githubusercontent.com/open-contracting-extensions/ocds_{}_extension/master/extension.json"
#: ``lots`` refers to what ``submissionTerms`` defines.
_NAMES = ("submissionTerms", "lots", "techniques", "bid", "participationFee", "location")
EXTENSIONS = (
    *(_HOME.format(name) for name in _NAMES),
    "https://raw.githubusercontent.com/contratacionesabiertas/ocds_guarantees_extension/master/extension.json",
)


def ocds_path(code: str) -> Path:
    """Where the release package of a lot is published."""
    return data_dir() / "public" / "ocds" / f"{code}.json"


def ocid_of(code: str) -> str:
    """The open contracting identifier: the publisher's prefix and the number of the auction."""
    return f"{settings.OCID_PREFIX}-{code}"


def release_package(lot: Lot, at: datetime, *, published: bytes | None = None) -> bytes:
    """The release package of a lot at an instant, as JSON; the same facts give the same bytes.

    ``lot`` comes with its block, notice and highest bidder's party. ``published`` is what stands there now: what says
    nothing new stays as it is, and what says something new has a later date and another id, whatever changed it.
    """
    record = record_of(lot, at)
    package = _package(record, last_change(record))
    before = _release_in(published)
    if before is None:
        return _written(package)
    if _said(before) == _said(package["releases"][0]):
        return published or b""
    if datetime.fromisoformat(before["date"]) >= last_change(record):
        package = _package(record, max(at, datetime.fromisoformat(before["date"]) + timedelta(microseconds=1)))
    return _written(package)


def _release_in(published: bytes | None) -> Json | None:
    """The release of a published package; None where there is none that can be read."""
    try:
        release: Json = json.loads(published or b"")["releases"][0]
        datetime.fromisoformat(release["date"])
    except (ValueError, LookupError, TypeError):
        return None
    return release


def _said(release: Json) -> Json:
    return {name: value for name, value in release.items() if name not in ("id", "date")}


def _written(package: Json) -> bytes:
    return (json.dumps(without_nothing(package), ensure_ascii=False, indent=1) + "\n").encode()


def _package(record: LotRecord, changed: datetime) -> Json:
    lot = record.lot
    package = {
        "uri": url(f"data/ocds/{lot.code}.json"),
        "version": "1.1",
        "extensions": list(EXTENSIONS),
        "publishedDate": instant(changed),
        "publisher": {"name": f"{DEPARTMENT.en}, {GOVERNMENT.en}"},
        "license": settings.OPEN_DATA_LICENSE,
        "publicationPolicy": url("data/"),
        "releases": [_release(record, changed)],
    }
    return package


def _release(record: LotRecord, changed: datetime) -> Json:
    ocid, contracts = ocid_of(record.lot.code), contracts_of(record)
    awards = awards_of(record)
    paid = any(contract.get("implementation") for contract in contracts)
    reached = [("tender", True), ("award", awards), ("contract", contracts), ("implementation", paid)]
    release = {
        "ocid": ocid,
        "id": f"{ocid}-{changed:%Y%m%dT%H%M%S%fZ}",
        "date": instant(changed),
        "tag": [name for name, there in reached if there],
        "initiationType": "tender",
        "language": "hi",
        "parties": parties_of(record),
        "buyer": buyer_reference(),
        "tender": tender_of(record),
        "bids": bids_of(record),
        "awards": awards,
        "contracts": contracts,
    }
    return without_nothing(release)


def last_change(record: LotRecord) -> datetime:
    """When what the release says last changed: by an act, or by time alone (a step of the programme, a due day)."""
    lot, lease = record.lot, record.lease
    programme = lot.notice.programme
    known = [lot.notice.imported_at, lot.opens_at, lot.ends_at, lot.result_announced_at]
    known += [instant_of(programme, step.value) for step in STEPS if step.value.endswith("_at")]
    known += [start_of(datetime.fromisoformat(programme[day]).date()) for day in _days(programme)]
    known += [*record.acts, *(receipt.verified_at for receipt in record.receipts)]
    if lease is not None:
        days = (lease.loi_on, lease.deed_on, lease.period_to, *(row.due_on for row in record.rows))
        known += [start_of(day) for day in days if day] + [lease.cancelled_at, lease.permitted_at]
    return max((item for item in known if item is not None and item <= record.at), default=record.at)


def _days(programme: Json) -> list[str]:
    return [step.value for step in STEPS if step.value.endswith("_on") and programme.get(step.value)]
