"""A sum that rests on a figure of the press alone says so wherever it is said, in messages too."""

from immis.rules.policy import PolicyValue
from immis.rules.writing.numbers import shown_paise
from immis.rules.writing.texts import text


def sum_by(value: PolicyValue | None, amount_paise: int) -> dict[str, str]:
    """A sum in both languages; as not verified where its figure comes from no law that we have seen."""
    shown = shown_paise(amount_paise)
    if value is None or value.status != "unverified":
        return {"en": shown, "hi": shown}
    return text("law/words", "from_press", amount=shown)
