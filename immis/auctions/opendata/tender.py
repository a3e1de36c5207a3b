"""The tender of a release: the concession offered, its lot, place, times, fees and, after the close, its bids."""

from datetime import datetime
from typing import Any

from immis.auctions.models import LotEvent
from immis.auctions.opendata.geo import polygon
from immis.auctions.opendata.parties import office_reference, reference
from immis.auctions.opendata.parts import (
    Json,
    LotRecord,
    bilingual,
    day,
    instant,
    paise,
    rupees,
    url,
    without_nothing,
)
from immis.auctions.steps import day_of, instant_of
from immis.rules.notices.facts import LABELS, STEPS
from immis.rules.policy import book
from immis.rules.writing.texts import text

_STATUS = {"sold": "complete", "single_bid": "unsuccessful", "no_bids": "unsuccessful"}


def status_of(record: LotRecord) -> str:
    """The state of the tender in the words of the standard (codelist tenderStatus)."""
    lot = record.lot
    if record.announced:
        return _STATUS.get(lot.result, "cancelled")
    begins = day_of(lot.notice.programme, "documents_from_on")
    return "active" if begins is None or day(begins) <= instant(record.at) else "planned"


def tender_of(record: LotRecord) -> Json:
    """The tender: a concession to mine sand; amounts are what the settlee pays the State (docs/open-data.md)."""
    lot = record.lot
    block = lot.block
    ghat = {"en": block.name_en, "hi": block.name_hi}
    words = text("auctions/opendata", "concession", ghat=ghat, block=block.block_no, district=block.district)
    title = bilingual("title", **words)
    fields = {
        "id": lot.code,
        **title,
        "status": status_of(record),
        "procuringEntity": office_reference(record),
        "items": [_item(record)],
        "minValue": rupees(lot.reserve_rupees),
        "procurementMethod": "open",
        "procurementMethodDetails": "e-auction, highest bid above the reserve price",
        "awardCriteria": "priceOnly",
        "awardCriteriaDetails": "The highest valid bid of a technically successful bidder (tender 2026, clause 19).",
        "submissionMethod": ["electronicSubmission"],
        "submissionMethodDetails": url(f"auctions/{lot.code}/"),
        "techniques": {
            "hasElectronicAuction": True,
            "electronicAuction": {
                "description": f"{instant(lot.opens_at)} to {instant(lot.ends_at)}; see the clauses at {url('law/')}",
                "url": url(f"auctions/{lot.code}/"),
            },
        },
        "participationFees": _fees(record),
        "tenderPeriod": _period(record),
        "hasEnquiries": False,
        "numberOfTenderers": len(record.technical) if record.announced else None,
        "lots": [_lot(record, title)],
        "milestones": _steps(record),
        "documents": [_notice(record)],
    }
    return without_nothing(fields)


def _lot(record: LotRecord, title: Json) -> Json:
    return {
        "id": record.lot.code,
        **title,
        "status": status_of(record),
        "minimumValue": rupees(record.lot.reserve_rupees),
    }


def _item(record: LotRecord) -> Json:
    block = record.lot.block
    place = {
        "description": f"{block.name_en}, {block.district}, Bihar",
        "geometry": polygon(block),
        "uri": url(f"ghats/{block.code}/"),
    }
    words = text("auctions/opendata", "quantity", quantity_m3=block.quantity_m3, area_ha=block.area_ha)
    return {
        "id": block.code,
        **bilingual("description", **words),
        "quantity": block.quantity_m3,
        "unit": {"scheme": "UNCEFACT", "id": "MTQ", "name": "cubic metre"},
        "relatedLot": record.lot.code,
        "deliveryLocations": [without_nothing(place)],
    }


def _fees(record: LotRecord) -> list[Json]:
    lot, processing = record.lot, record.lot.notice.fees.get("processing_rupees")
    fees = [
        ("document", lot.document_fee_rupees, "Tender document fee, not returned"),
        ("submission", processing or 0, "Processing fee, not returned"),
        ("deposit", lot.emd_rupees, "Earnest money, adjusted against the security or returned"),
    ]
    return [
        {"id": kind, "type": [kind], "value": rupees(amount), "description": words}
        for kind, amount, words in fees
        if amount
    ]


def _period(record: LotRecord) -> Json:
    programme = record.lot.notice.programme
    begins, ends = day_of(programme, "documents_from_on"), instant_of(programme, "last_date_at")
    return without_nothing({"startDate": begins and day(begins), "endDate": ends and instant(ends)})


def _steps(record: LotRecord) -> list[Json]:
    """The programme of the notice; what has passed is met at its time."""
    programme, rows = record.lot.notice.programme, []
    for step in STEPS:
        if not programme.get(step.value):
            continue
        on_day = not step.value.endswith("_at")
        due = day(day_of(programme, step.value)) if on_day else instant(instant_of(programme, step.value))
        met = datetime.fromisoformat(due) <= record.at
        hi, en = LABELS[step.value]["hi"], LABELS[step.value]["en"]
        row = {"id": step.value, **bilingual("title", hi=hi, en=en), "type": "preProcurement", "dueDate": due}
        rows.append({**row, "status": "met", "dateMet": due} if met else {**row, "status": "scheduled"})
    return rows


def _notice(record: LotRecord) -> Json:
    notice = record.lot.notice
    return {
        "id": f"notice-{notice.pk}",
        "documentType": "tenderNotice",
        "title": f"{notice.number} {notice.title}".strip() or notice.source_name,
        "description": f"SHA-256 of the notice as taken in: {notice.source_sha256}",
        "url": url(f"auctions/{record.lot.code}/"),
        "datePublished": instant(notice.imported_at),
        "format": "text/html",
        "language": "hi",
    }


def bids_of(record: LotRecord) -> Json:
    """Counts and bids, only after the result is public; bidders only as far as AUC-08 lets them be named."""
    if not record.announced:
        return {}
    statistics = _statistics(record)
    ranked = sorted(record.bids, key=lambda event: -(event.amount_rupees or 0))
    details = [_bid(record, event, rank) for rank, event in enumerate(ranked, 1)]
    return without_nothing({"statistics": statistics, "details": details})


def _statistics(record: LotRecord) -> list[Json]:
    passed = sum(1 for row in record.technical if row.state == "passed")
    counted: dict[str, Any] = {
        "requests": len(record.technical),
        "qualifiedBidders": passed,
        "disqualifiedBidders": len(record.technical) - passed,
        "bidders": len({event.alias for event in record.bids}),
        "bids": sum(1 for event in record.events if event.kind in ("bid_accepted", "bid_refused")),
        "validBids": len(record.bids),
        "highestValidBidValue": record.lot.highest_rupees,
    }
    date = instant(record.lot.ends_at)
    return [
        {
            "id": measure,
            "measure": measure,
            "date": date,
            "value": value,
            "relatedLot": record.lot.code,
            **({"currency": paise(0)["currency"]} if measure == "highestValidBidValue" else {}),
        }
        for measure, value in counted.items()
        if value is not None
    ]


def _bid(record: LotRecord, event: LotEvent, rank: int) -> Json:
    everybody = book().value("AUC-08", record.at)["reveal_after_close"] == "all"
    wins = rank == 1 and record.lot.result == "sold"
    bid = {
        "id": str(event.change_no),
        "date": instant(event.at),
        "status": "valid",
        "value": rupees(event.amount_rupees or 0),
        "relatedLots": [record.lot.code],
        "hasRank": True,
        "rank": rank,
    }
    whose = next((row.bidder.party for row in record.technical if row.alias == event.alias), None)
    if (wins or everybody) and whose is not None:
        bid["tenderers"] = [reference(whose)]
    return bid
