"""Who stands in a release: the department, the district's office and, once the result is public, the settlee."""

from immis.auctions.opendata.parts import Json, LotRecord, bilingual, without_nothing
from immis.core.papers.documents import DEPARTMENT, GOVERNMENT
from immis.registry.selectors import Party
from immis.rules.policy import book

BUYER = "IN-BR-MINES"


def reference(party: Party) -> Json:
    """A bidder or settlee as other parts of the release refer to it."""
    return {"id": f"party-{party.code}", "name": party.name_hi}


def buyer_reference() -> Json:
    return {"id": BUYER, "name": DEPARTMENT.hi}


def office_reference(record: LotRecord) -> Json:
    """The district's office that holds the auction; the department where no office is set up."""
    office = record.office
    return {"id": f"office-{office.code}", "name": office.name_hi} if office else buyer_reference()


def named(record: LotRecord) -> list[Party]:
    """Bidders who may be named now: nobody before the result, then the winner, or all by the setting of AUC-08."""
    if not record.announced:
        return []
    if book().value("AUC-08", record.at)["reveal_after_close"] == "all":
        return [row.bidder.party for row in record.technical]
    lot = record.lot
    return [lot.highest_bidder.party] if lot.result == "sold" and lot.highest_bidder else []


def parties_of(record: LotRecord) -> list[Json]:
    """All organizations of the release; neither PAN nor address of a person is published."""
    department = {
        "id": BUYER,
        **bilingual("name", hi=f"{DEPARTMENT.hi}, {GOVERNMENT.hi}", en=f"{DEPARTMENT.en}, {GOVERNMENT.en}"),
        "roles": ["buyer", "payee"] if record.office else ["buyer", "procuringEntity", "payee"],
        "address": {"region": "Bihar", "countryName": "India"},
    }
    rows = [department]
    if office := record.office:
        row = {"id": f"office-{office.code}", **bilingual("name", hi=office.name_hi, en=office.name_en)}
        rows.append({**row, "roles": ["procuringEntity"], "address": {"region": "Bihar", "countryName": "India"}})
    return [*rows, *(_bidder(record, party) for party in named(record))]


def _bidder(record: LotRecord, party: Party) -> Json:
    wins = record.lot.result == "sold" and record.lot.highest_bidder.party_id == party.pk
    roles = ["tenderer", *(["supplier"] if wins else []), *(["payer"] if wins and record.receipts else [])]
    row = {"id": f"party-{party.code}", **bilingual("name", hi=party.name_hi, en=party.name_en), "roles": roles}
    return without_nothing(row)
