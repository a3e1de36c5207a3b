"""What stands in a field: read from what was typed or imported, kept as JSON, indexed, and shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from immis.clock import INDIA
from immis.reading import in_years
from immis.registers.declaration import Field
from immis.rules.writing.money import read_money

_MOST_LETTERS, _MOST_WORDS = 200, 6  # of a text, as it is searched


class NotThis(Exception):
    """What stands in a field cannot be taken: ``code`` of UNFIT, and what is allowed."""

    def __init__(self, code: str, allowed: Any = ""):
        super().__init__(code)
        self.code, self.allowed = code, allowed


@dataclass(frozen=True)
class Index:
    """What of a value is searched: its text, its number, its instant; only one of them is set."""

    text: str = ""
    number: Decimal | None = None
    instant: datetime | None = None


def read(field: Field, given: Any) -> Any:
    """The JSON value of a field out of what was typed or imported; None for nothing. Raises NotThis."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return _READ[field.type](field, given)


def _text(field: Field, given: Any) -> str:
    text = str(given).replace("\r\n", "\n").strip()
    if len(text) > field.most:
        raise NotThis("long", field.most)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotThis("letters")
    return text


def _number(field: Field, given: Any) -> str:
    try:
        value = given if isinstance(given, Decimal) else Decimal(str(given).strip().replace(",", ""))
    except InvalidOperation as error:
        raise NotThis("number") from error
    if not value.is_finite() or abs(value) >= 10**15 or not str(given).strip().isascii():
        raise NotThis("number")
    _within(field, value)
    return format(value.normalize(), "f")


def _within(field: Field, value: Decimal) -> None:
    if field.least is not None and value < field.least:
        raise NotThis("small", field.least)
    if field.greatest is not None and value > field.greatest:
        raise NotThis("great", field.greatest)


def _money(field: Field, given: Any) -> int:
    """Whole paise."""
    try:
        paise = int(Decimal(given) * 100) if isinstance(given, int | Decimal) else read_money(str(given))
    except (ValueError, ArithmeticError) as error:
        raise NotThis("money") from error
    if abs(paise) >= 10**17:
        raise NotThis("money")
    _within(field, Decimal(paise) / 100)
    return paise


def _day(field: Field, given: Any) -> str:
    if isinstance(given, datetime):
        given = given.date()
    if not isinstance(given, date):
        given = _first(str(given).strip(), ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"), "day").date()
    if not in_years(given):
        raise NotThis("day")
    return given.isoformat()


def _instant(field: Field, given: Any) -> str:
    if not isinstance(given, datetime):
        given = _first(
            str(given).strip(), ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"), "instant"
        )
    if not in_years(given):
        raise NotThis("instant")
    at = given if given.tzinfo else given.replace(tzinfo=INDIA)
    return at.astimezone(UTC).isoformat()


def _first(text: str, forms: tuple[str, ...], code: str) -> datetime:
    if text.isascii():
        for form in forms:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007  India time is put on by the caller
            except ValueError:
                continue
    raise NotThis(code)


def _choice(field: Field, given: Any) -> str:
    text, choices = str(given).strip(), field.choices or {}
    if text in choices:
        return text
    for name, words in choices.items():
        if text.casefold() in (word.casefold() for word in words.values()):
            return name
    raise NotThis("choice", tuple(choices))


_YES = {"yes", "y", "true", "1", "on"}
_NO = {"no", "n", "false", "0", "off"}
_NOT = {"na", "n/a", "not_applicable"}


def _yes_no(field: Field, given: Any) -> dict[str, str]:
    """``{"answer": yes | no | na, "remark": text}``."""
    body = given if isinstance(given, Mapping) else {"answer": given}
    text = str(body.get("answer", "")).strip().casefold()
    answer = "yes" if text in _YES else "no" if text in _NO else "na" if text in _NOT else ""
    if not answer:
        raise NotThis("yes_no")
    remark = str(body.get("remark") or "").strip()
    if len(remark) > field.most:
        raise NotThis("long", field.most)
    return {"answer": answer, "remark": remark}


def _point(field: Field, given: Any) -> list[float]:
    parts = given if isinstance(given, list | tuple) else str(given).replace(";", ",").split(",")
    try:
        lat, lon = (round(float(part), 6) for part in parts)
    except (ValueError, TypeError) as error:
        raise NotThis("point") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise NotThis("point")
    return [lat, lon]


def _table(field: Field, given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or len(given) > field.most:
        raise NotThis("rows", field.most)
    rows = []
    for row in given:
        if not isinstance(row, Mapping):
            raise NotThis("rows", field.most)
        values = {column.name: read(column, row.get(column.name)) for column in field.columns}
        missing = [column.name for column in field.columns if column.required and values[column.name] is None]
        if any(value is not None for value in values.values()):
            if missing:
                raise NotThis("required", missing[0])
            rows.append({name: value for name, value in values.items() if value is not None})
    return rows


def _kept(field: Field, given: Any) -> dict[str, Any]:
    """A file or photo that is kept already: its hash, its name, and of a photo its place and time."""
    if not isinstance(given, Mapping) or len(str(given.get("sha256", ""))) != 64:
        raise NotThis("file")
    return {name: given[name] for name in ("sha256", "name", "type", "size", "lat", "lon", "at") if name in given}


_READ: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "day": _day,
    "instant": _instant,
    "choice": _choice,
    "yes_no": _yes_no,
    "photo": _kept,
    "file": _kept,
    "point": _point,
    "table": _table,
    "reference": lambda field, given: _text(field, given)[:60],
}


def indexes(field: Field, value: Any) -> list[Index]:
    """What of a kept value is searched: of a text what begins at each of its first words."""
    if field.type == "text":
        words = value.casefold().split()
        texts = [" ".join(words[place:])[:_MOST_LETTERS] for place in range(min(len(words), _MOST_WORDS))]
        return [Index(text=text) for text in dict.fromkeys(texts)]
    return [_index(field, value)]


def _index(field: Field, value: Any) -> Index:
    if field.type in ("number", "money"):
        return Index(number=Decimal(value))
    if field.type in ("day", "instant"):
        at = datetime.fromisoformat(value)
        return Index(instant=at if at.tzinfo else at.replace(tzinfo=INDIA))
    if field.type == "yes_no":
        return Index(text=value["answer"])
    return Index(text=str(value).casefold()[:_MOST_LETTERS])
