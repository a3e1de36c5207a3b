"""What followed the auction: award, deed, instalments, clearances and verified payments."""

from immis.auctions.opendata.parties import buyer_reference, reference
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
from immis.leases.selectors import DueRow, Lease, clearances_of, plan_of
from immis.ledger.selectors import Receipt
from immis.rules.leases.schedule import five_year_total_paise
from immis.rules.writing.texts import text, texts

_MILESTONE = {"settled": "met", "overdue": "notMet"}


def award_id(record: LotRecord) -> str:
    return f"{record.lot.code}-award"


def awards_of(record: LotRecord) -> list[Json]:
    """The award, once the result is public: the winner by name, or unsuccessful without anybody's."""
    lot = record.lot
    if not record.announced:
        return []
    sold = lot.result == "sold" and lot.highest_bidder is not None
    award = {
        "id": award_id(record),
        "status": _award_status(record.lease) if sold else "unsuccessful",
        "date": instant(lot.result_announced_at),
        "value": rupees(lot.highest_rupees) if sold else None,
        "suppliers": [reference(lot.highest_bidder.party)] if sold else None,
        "relatedLots": [lot.code],
        "documents": _proofs(record),
    }
    return [without_nothing(award)]


def _award_status(lease: Lease | None) -> str:
    if lease is None or lease.loi_on is None:
        return "cancelled" if lease is not None and lease.cancelled_at else "pending"
    return "cancelled" if lease.cancelled_at and lease.deed_on is None else "active"


def _proofs(record: LotRecord) -> list[Json]:
    code = record.lot.code
    published = instant(record.lot.result_announced_at)
    audit = {
        "id": f"{code}-audit",
        "documentType": "evaluationReports",
        "title": "Audit document: the chained log of all bids (immis auction verify)",
        "url": url(f"data/auctions/{code}.json"),
        "datePublished": published,
        "format": "application/json",
        "language": "en",
    }
    minutes = {
        "id": f"{code}-minutes",
        "documentType": "awardNotice",
        "title": "Minutes of the e-auction",
        "url": url(f"auctions/{code}/minutes.pdf"),
        "datePublished": published,
        "format": "application/pdf",
        "language": "hi",
    }
    return [audit, minutes]


def contracts_of(record: LotRecord) -> list[Json]:
    """The deed, from its execution on: value, period, security, instalments and what was paid."""
    lease = record.lease
    if lease is None or lease.deed_on is None or not record.announced:
        return []
    years = plan_of(lease, deed_on=lease.deed_on)
    block = lease.block
    contract = {
        "id": lease.number,
        "awardID": award_id(record),
        **bilingual(
            "title", **text("auctions/opendata", "settlement", ghat={"en": block.name_en, "hi": block.name_hi})
        ),
        "status": _contract_status(record, lease),
        "period": _period(lease),
        "value": paise(five_year_total_paise(years)),
        "dateSigned": day(lease.deed_on),
        "guarantees": [_security(lease)],
        "milestones": [*_clearances(record, lease), *(_instalment(record, row) for row in record.rows)],
        "implementation": without_nothing({"transactions": [_paid(record, receipt) for receipt in record.receipts]}),
    }
    return [without_nothing(contract)]


def _contract_status(record: LotRecord, lease: Lease) -> str:
    over = lease.period_to is not None and day(lease.period_to, last=True) < instant(record.at)
    return "terminated" if lease.cancelled_at or over else "active"


def _period(lease: Lease) -> Json:
    begins, ends = lease.period_from, lease.period_to
    return without_nothing({"startDate": begins and day(begins), "endDate": ends and day(ends, last=True)})


def _security(lease: Lease) -> Json:
    return {
        "id": f"{lease.number}-security",
        "type": "depositSlip",
        "obligations": "fulfillment",
        "date": day(lease.deed_on or lease.auction_closed_at.date()),
        "value": paise(lease.security_paise),
    }


def _clearances(record: LotRecord, lease: Lease) -> list[Json]:
    rows = []
    for kind, clearance in sorted(clearances_of(lease).items()):
        words = texts("auctions/opendata").get(kind, {"hi": kind, "en": kind})
        row = {"id": f"clearance-{kind}", **bilingual("title", **words), "type": "approval"}
        granted = clearance.granted_on
        state = {"status": "met", "dateMet": day(granted)} if granted else {"status": "scheduled"}
        rows.append({**row, **state})
    return rows


def _instalment(record: LotRecord, row: DueRow) -> Json:
    demand = record.demands.get(row.demand)
    title = bilingual("title", hi=row.label["hi"], en=row.label["en"])
    number = row.code.lower() if row.kind == "instalment" else row.kind
    milestone = {
        "id": f"{row.kind}-{row.year}-{number}",
        **title,
        "type": "financing",
        "description": f"{paise(row.amount_paise)['amount']} INR; {row.cites}",
        "dueDate": row.due_on and day(row.due_on, last=True),
        "dateMet": demand and demand.settled_at and instant(demand.settled_at),
        "status": _MILESTONE.get(row.state, "scheduled"),
    }
    return without_nothing(milestone)


def _paid(record: LotRecord, receipt: Receipt) -> Json:
    """A verified payment of the settlee to the State."""
    transaction = {
        "id": receipt.number,
        "source": url(f"data/ocds/{record.lot.code}.json"),
        "date": receipt.paid_at and instant(receipt.paid_at),
        "value": paise(receipt.paid_paise or 0),
        "payer": reference(receipt.demand.party),
        "payee": buyer_reference(),
    }
    return without_nothing(transaction)
