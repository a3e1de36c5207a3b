"""Words for what the check of a pass found, in both languages (``words/challans/pass_reasons.yaml``)."""

from immis.rules.writing.texts import text, texts

REASONS = texts("challans/pass_reasons")


def clock_text(hours: float, lang: str) -> str:
    """The sentence for a clock that is behind the signed lists by so many hours."""
    return text("challans/pass_reasons", "clock_behind", hours=hours)[lang]


def reason_text(code: str, lang: str) -> str:
    """The sentence for a reason code of a verdict, in ``hi`` or ``en``."""
    return REASONS[code][lang]
