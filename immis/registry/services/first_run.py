"""The first run: a department with its offices and the one person who enters all others."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from immis.core.access.permissions import SYSTEM
from immis.core.installation.first_start import forget_code
from immis.core.installation.kind import installation, keep_installation
from immis.core.services import log_action
from immis.registry.models import Office, User
from immis.registry.offices import enter_offices
from immis.registry.people.charges import give_charge
from immis.registry.services.people import add_user
from immis.rules.first_run import ADMINISTRATOR, Department
from immis.rules.offices import state_tree, tree_of


class SetUpAlready(Exception):
    """The department of this installation is made: says which, and since when."""


class NameTaken(Exception):
    """Somebody of this installation logs in by this name already."""


@transaction.atomic
def set_up_department(*, department: Department, password: str, at: datetime, given: bool = False) -> User:
    """Make the department: headquarters, divisions and districts with their LGD codes, and its administrator.

    Done once; whether it is the real one or one to practise on is said by the settings and stays so. Answers the
    administrator; a password that was ``given`` to him is changed at the first log-in (ACC-02). Raises SetUpAlready,
    NameTaken, ValidationError for a password that is none.
    """
    person = department.administrator
    _require_new(person.username)
    keep_installation(
        state=department.state,
        districts=list(department.districts),
        language=department.language,
        training=settings.TRAINING,
        at=at,
    )
    enter_offices(tree_of(department.districts), by=SYSTEM, at=at)
    validate_password(password, User(username=person.username, email=person.email))
    user = add_user(password=password, **vars(person))
    user.language, user.password_given_at = department.language, at if given else None
    user.save(update_fields=["language", "password_given_at"])
    give_charge(user=user, office=_headquarters(), role=ADMINISTRATOR, by=SYSTEM, at=at)
    facts = {"state": department.state, "districts": list(department.districts), "training": settings.TRAINING}
    log_action("department.set_up", subject=("user", user.username), by=SYSTEM, at=at, facts=facts)
    transaction.on_commit(forget_code)
    return user


def _require_new(username: str) -> None:
    if (row := installation()) is not None:
        raise SetUpAlready(f"the department ({row.state}) was set up on {row.set_up_at:%d.%m.%Y}; it is set up once")
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken(username)


def _headquarters() -> Office:
    return Office.objects.get(code=next(row.code for row in state_tree() if row.kind == "hq"))
