"""The chart of accounts: cash-based government heads, and which head a demand's money goes to (ADR 8)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Head:
    """One head of account with its names and kind (asset, liability, income; memo: kept beside the books)."""

    code: str
    name_en: str
    name_hi: str
    kind: str


TREASURY = Head("1000", "Treasury: money received", "कोषागार: प्राप्त राशि", "asset")
RECOVERABLE = Head(
    "1100", "To be recovered: returned, then taken back", "वसूली योग्य: लौटाई, फिर वापस ली गई राशि", "asset"
)
EMD = Head("2000", "Earnest money held", "जमा अग्रधन राशि", "liability")
SECURITY = Head("2100", "Security deposits held", "जमा प्रतिभूति राशि", "liability")
DMF = Head("2200", "District Mineral Foundation, to be passed on", "जिला खनिज फाउण्डेशन, अंतरण योग्य", "liability")
TAX = Head("2300", "Income tax collected, to be deposited", "वसूल आयकर, जमा योग्य", "liability")
REFUNDS = Head("2400", "Refunds ordered, not yet paid out", "वापसी आदेशित, भुगतान शेष", "liability")
UNAPPLIED = Head(
    "2900", "Received, not applied: to be returned or adjusted", "प्राप्त, समायोजन या वापसी योग्य", "liability"
)
SETTLEMENT = Head("4000", "Settlement amount", "बंदोबस्ती राशि", "income")
PENALTY = Head("4100", "Penalties", "शास्ति", "income")
FEE = Head("4200", "Fees", "शुल्क", "income")
INTEREST = Head("4300", "Interest", "ब्याज", "income")
ROYALTY = Head(
    "4400", "Royalty on quantity above the settlement amount", "बंदोबस्ती राशि से अधिक मात्रा की रॉयल्टी", "income"
)
FORFEITURE = Head("4500", "Deposits forfeited", "जब्त जमा राशि", "income")
#: GST goes to the commercial-tax department; what the proofs show is kept in a balanced pair beside the cash books.
GST_PROOF = Head("8000", "GST paid elsewhere, as proved", "अन्यत्र जमा GST, प्रमाण अनुसार", "memo")
GST_CONTRA = Head("8900", "GST proofs: counter head", "GST प्रमाण: प्रति शीर्ष", "memo")

HEADS = {
    head.code: head
    for head in (
        *(TREASURY, RECOVERABLE, EMD, SECURITY, DMF, TAX, REFUNDS, UNAPPLIED),
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
