"""What of a weighbridge the district is told: why a weighment cannot be trusted, that it is silent or stays at zero."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from immis.core.events import Names
from immis.core.services import emit
from immis.registry.selectors import plate as mark_of
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.policy import LANGUAGES, book
from immis.weighbridges.events import ReadingFlagged, ReadingRefused
from immis.weighbridges.models import Bridge


def reason_of(finding: Finding) -> Names:
    """The message of a finding in both languages, the reasons within it too."""
    return {lang: book().say(finding.code, _in(finding.facts, lang), lang) for lang in LANGUAGES}


class Weighed(Protocol):
    """A weighment, as it was sent or as it is kept."""

    @property
    def counter(self) -> int: ...
    @property
    def plate(self) -> str: ...
    @property
    def weighed_at(self) -> datetime: ...


def tell(bridge: Bridge, row: Weighed, findings: Sequence[Finding], *, at: datetime) -> None:
    """The district hears of what is refused or flagged, of each reason once a day; the operator with the answer."""
    for finding in findings:
        kind = ReadingRefused if finding.severity == "refuse" else ReadingFlagged
        news = kind(
            bridge=bridge.number, name={"en": bridge.name_en, "hi": bridge.name_hi}, district=bridge.district,
            counter=row.counter, code=finding.code, plate=mark_of(row.plate), weighed_at=row.weighed_at,
            reason=reason_of(finding),
        )  # fmt: skip
        key = f"{news.KIND}:{bridge.number}:{finding.code}:{india_day(at)}"
        emit(news, subject=("weighbridge", bridge.number), at=at, key=key)


def _in(facts: Mapping[str, object], lang: str) -> dict[str, object]:
    return {name: value[lang] if isinstance(value, Mapping) else value for name, value in facts.items()}


def set_alarm(bridge: Bridge, alarm: str, *, at: datetime) -> str:
    """Note what is told of a weighbridge from now on; answers what was told before. Within a transaction."""
    row = Bridge.objects.select_for_update().get(pk=bridge.pk)
    before, row.alarm, row.alarm_at = row.alarm, alarm, at
    row.save(update_fields=["alarm", "alarm_at"])
    return before
