"""The chart of accounts: cash-based government heads, and which head a demand's money goes to (ADR 8)."""

from dataclasses import dataclass

from immis.rules.writing.texts import texts


@dataclass(frozen=True)
class Head:
    """One head of account with its names and kind (asset, liability, income; memo: kept beside the books)."""

    code: str
    name_en: str
    name_hi: str
    kind: str


def _head(code: str, kind: str) -> Head:
    names = texts("ledger/heads")[code]
    return Head(code, names["en"], names["hi"], kind)


TREASURY = _head("1000", "asset")
RECOVERABLE = _head("1100", "asset")
OPENING = _head("1900", "asset")
EMD = _head("2000", "liability")
SECURITY = _head("2100", "liability")
DMF = _head("2200", "liability")
TAX = _head("2300", "liability")
REFUNDS = _head("2400", "liability")
UNAPPLIED = _head("2900", "liability")
SETTLEMENT = _head("4000", "income")
PENALTY = _head("4100", "income")
FEE = _head("4200", "income")
INTEREST = _head("4300", "income")
ROYALTY = _head("4400", "income")
FORFEITURE = _head("4500", "income")
#: GST goes to the commercial-tax department; what the proofs show is kept in a balanced pair beside the cash books.
GST_PROOF = _head("8000", "memo")
GST_CONTRA = _head("8900", "memo")

HEADS = {
    head.code: head
    for head in (
        *(TREASURY, RECOVERABLE, OPENING, EMD, SECURITY, DMF, TAX, REFUNDS, UNAPPLIED),
        *(SETTLEMENT, PENALTY, FEE, INTEREST, ROYALTY, FORFEITURE, GST_PROOF, GST_CONTRA),
    )
}
#: The head that a verified receipt of each kind of demand is credited to.
HEAD_OF_KIND = {
    "emd": EMD,
    "security": SECURITY,
    "instalment": SETTLEMENT,
    "penalty": PENALTY,
    "dmf": DMF,
    "fee": FEE,
    "income_tax": TAX,
    "interest": INTEREST,
    "royalty": ROYALTY,
    "recovery": RECOVERABLE,
}
