"""What a checked digital signature says; light, so that who asks a reading child needs none of its libraries."""

from dataclasses import dataclass
from datetime import date

#: What a detached signature may weigh; a PDF is bounded where it is handed in.
MOST_BYTES = 5_000_000


class Unreadable(ValueError):
    """There is no signature that can be read."""


class Tangled(Unreadable):
    """A part of the file is reached twice, or it has more parts than any paper: it is made to hold up readers."""


@dataclass(frozen=True)
class Signature:
    """One checked signature. ``fits``: made over exactly these bytes; ``trusted``: chain, time and revocation hold.

    ``serial`` is in capitals and digits base 16; ``policies`` are the object identifiers in the certificate.
    """

    fits: bool
    trusted: bool
    holder: str
    issuer: str
    serial: str
    valid_until: date
    policies: tuple[str, ...]
