"""Money as whole paise: shares and percentages without a lost paisa."""

from decimal import ROUND_HALF_UP, Decimal

PAISE = 100


def paise(rupees: int | Decimal) -> int:
    """Rupees as paise, rounded half up to the paisa."""
    return int((Decimal(rupees) * PAISE).quantize(Decimal(1), ROUND_HALF_UP))


def percent_of(amount_paise: int, percent: int | Decimal) -> int:
    """A percentage of an amount, rounded half up to the paisa."""
    return int((Decimal(amount_paise) * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP))


def split(amount_paise: int, percents: list[int | Decimal]) -> list[int]:
    """Shares of an amount; the last share takes what rounding left, so that they add up to the paisa."""
    shares = [percent_of(amount_paise, percent) for percent in percents[:-1]]
    return [*shares, amount_paise - sum(shares)]


def rupee_text(amount_paise: int) -> str:
    """Rupees as plain decimal text for machines: ``447525000`` paise is ``4475250.00``."""
    return str((Decimal(amount_paise) / PAISE).quantize(Decimal("0.01")))
