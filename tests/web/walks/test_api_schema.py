"""The API answers as it describes itself: schemathesis with its default checks, in process, as settlee and as officer.

Ten examples an address, right ones and wrong ones, the same at every run. What a call changes is taken back after it,
so that each meets the same records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.test import Client
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.auths import AuthStorage
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import NO_FEEDBACK

from immis.challans import selectors as challans
from immis.challans import services as challan_services
from immis.core.nouns import NOUNS
from immis.ledger import services as ledger
from immis.ledger.services import claims
from immis.ledger.treasury import treasury as the_treasury
from immis.registry import services as registry
from tests.settlement import treasury, world
from tests.tracking.faults import report
from tests.transactions import undone
from tests.web.acts import act_states_movement as movement

__all__ = ["treasury", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_people", "nothing_logged")]
TEN_EXAMPLES = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # what it finds is named as it was sent
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


def records(world, at) -> dict[str, Any]:
    """A record of each noun, by the noun's name."""
    challan = movement.issued(world, at)
    second, third = (world.instalment(challan.lease, 1, number) for number in (2, 3))
    wrong = paid(world, third, at, account="999000111")
    refused = ledger.refuse_receipt(receipt=wrong, reason="x", by=world.district, at=at())
    device = registry.fit_device(
        imei=movement.IMEI, vehicle=challan.vehicle, by=world.district, at=at(), district="Munger"
    )
    answer = challans.check_vehicle(challan.vehicle.registration, at())
    return {
        "lease": challan.lease,
        "challan": challan,
        "demand": second,
        "receipt": paid(world, second, at),
        "claim": claims.claim_refused(receipt=refused, reason="", by=world.district, at=at()),
        "device": device,
        "device_fault": report(device, "silent", by=world.district, at=at()),
        "fence": movement.fenced(world, at),
        "scan": challan_services.record_scan(answer=answer, by=world.district, at=at())[0],
    }


def paid(world, demand, at, **account):
    receipt = world.pay(demand, at=at(), **account)
    ledger.note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    receipt.refresh_from_db()
    return receipt


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A call leaves the connection of the test open, as Django's own client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(world, at, one_connection):
    """The description that the API itself gives, with the numbers of records that there are."""
    numbers = [
        {
            "include-path-regex": f"/api/v1/{NOUNS[name].address}/",
            "parameters": {"path.number": NOUNS[name].number(row)},
        }
        for name, row in records(world, at).items()
    ]
    config = SchemathesisConfig.from_dict({"operations": numbers, "generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


@dataclass(frozen=True)
class SignedIn:
    """A signed-in person's program: the cookies and the header with which it calls."""

    person: str
    cookies: dict[str, str]

    @classmethod
    def of(cls, world, person: str) -> "SignedIn":
        client = Client()
        client.force_login(world.users[person])
        return cls(person, {"sessionid": client.cookies["sessionid"].value, "csrftoken": "t" * CSRF_SECRET_LENGTH})

    def calls(self, case) -> None:
        case.cookies = dict(self.cookies)
        case.headers["X-CSRFToken"] = self.cookies["csrftoken"]


def signing(first: SignedIn) -> AuthStorage:
    """Schemathesis knows that who calls is signed in, so that it tries the same without."""

    class Session:
        def get(self, case, context) -> SignedIn:
            return first

        def set(self, case, data: SignedIn, context) -> None:
            data.calls(case)

    storage = AuthStorage()
    storage.auth(refresh_interval=None)(Session)
    return storage


def faults_of(operation, people: Sequence[SignedIn]) -> str:
    """What schemathesis finds wrong with ten examples of one address; nothing where all is answered as described."""
    storage = signing(people[0])
    examples = [
        operation.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK, auth_storage=storage)
        for mode in GenerationMode
    ]

    @TEN_EXAMPLES
    @given(case=st.one_of(examples))
    def call(case) -> None:
        for person in people:
            person.calls(case)
            with undone():
                case.call_and_validate()

    try:
        call()
    except (Exception, BaseExceptionGroup) as fault:  # each address is asked, whatever the one before it did
        return f"{operation.label}: {fault}\n" + "\n".join(map(str, getattr(fault, "exceptions", ())))
    return ""


def test_it_answers_as_described(described, world):
    people = [SignedIn.of(world, person) for person in ("settlee", "mdo")]
    operations = [result.ok() for result in described.get_all_operations()]
    faults = [fault for operation in operations if (fault := faults_of(operation, people))]
    assert len(operations) > 90 and not faults, "\n\n".join(faults)
