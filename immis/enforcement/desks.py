"""Who answers for a district, and how an office or a party is reached: asked once for a look at the outbox."""

from collections.abc import Sequence

from immis.core.errors import NotFound
from immis.core.selectors import parties_of_events
from immis.enforcement.services.tasks import office_of, office_recipient
from immis.messaging.services import Recipient
from immis.registry.selectors import Office, office_of_id, party_recipients


class Desks:
    """The offices and addresses that the consequences of one look need, each asked of the database once.

    It is built for the events of a look and let go with it: an appointment or a new address holds from the next look
    on.
    """

    def __init__(self, events: Sequence[int]) -> None:
        self._events = events
        self._offices: dict[tuple[str, str], Office] = {}
        self._recipients: dict[tuple[str, str], Recipient] = {}

    def office(self, district: str, role: str) -> Office:
        """The office that answers for a district in a role. Raises NoOffice, again at each asking."""
        if (office := self._offices.get((district, role))) is None:
            office = self._offices[district, role] = office_of(district, role)
        return office

    def recipient(self, kind: str, pk: str) -> Recipient:
        """A ``party`` or ``office`` with its addresses, or a ``phone``, as messages take it. Raises NotFound."""
        if kind == "phone":  # somebody with no account, as a driver
            return Recipient("phone", pk, phone=pk)
        if (kind, pk) not in self._recipients:
            self._ask(kind, pk)
        if (recipient := self._recipients.get((kind, pk))) is None:
            raise NotFound(f"{kind} {pk}")
        return recipient

    def _ask(self, kind: str, pk: str) -> None:
        if kind == "office":
            self._recipients[kind, pk] = office_recipient(office_of_id(int(pk)))
            return
        wanted = {int(pk), *parties_of_events(self._events)}
        self._events = ()  # one question for all parties that the events name
        self._recipients |= {("party", row.id): row for row in party_recipients(wanted)}
