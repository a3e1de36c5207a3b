"""What the lists of addresses share."""

from django.urls import register_converter


class RecordId:
    """A record's number in an address: no more digits than a database keeps, so that nothing overflows."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RecordId, "id")
