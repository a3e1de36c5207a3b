"""The person of a session is read by a question of our own, and the session too: both answer as Django's do."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone

from immis.core.access.sessions import SessionStore
from immis.registry.models import User
from immis.registry.people.persons import person_of

pytestmark = pytest.mark.django_db


def _held(user):
    return {field.attname: getattr(user, field.attname) for field in User._meta.concrete_fields}


@pytest.mark.parametrize("filled", [True, False], ids=["every field filled", "hardly one"])
def test_person_is_what_the_model_would_give(filled):
    now = timezone.now()
    more = {"last_login": now, "password_given_at": now, "phone_proved_at": now, "is_staff": True} if filled else {}
    kept = User.objects.create(username="kaushiki", name_hi="कौशिकी", password="x" * 20, **more)
    person = person_of(kept.pk)
    asked = User.objects.get(pk=kept.pk)
    assert person == asked
    assert _held(person) == _held(asked)
    assert [type(value) for value in _held(person).values()] == [type(value) for value in _held(asked).values()]
    assert not person.get_deferred_fields()
    assert person.get_session_auth_hash() == asked.get_session_auth_hash()


def test_nobody_has_a_number_that_was_never_given():
    assert person_of(999_999) is None


def test_person_can_be_changed_and_kept():
    kept = User.objects.create(username="mahto", name_en="Mahto")
    person = person_of(kept.pk)
    person.phone = "9800000000"
    person.save()
    assert User.objects.get(pk=kept.pk).phone == "9800000000"


def test_session_is_read_as_it_was_kept():
    store = SessionStore()
    store["began_s"] = 1.5
    store.save()
    assert SessionStore(store.session_key)["began_s"] == 1.5
    assert InDatabase(store.session_key)["began_s"] == 1.5


@pytest.mark.parametrize("case", ["over", "gone", "never"])
def test_session_that_is_over_holds_nothing_and_keeps_no_key(case):
    store = SessionStore()
    store["began_s"] = 1.5
    store.save()
    key = store.session_key
    if case == "over":
        store.model.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    else:
        key = key if case == "gone" else "z" * 32
        store.delete()
    later = SessionStore(key)
    assert dict(later.items()) == {}
    assert later.session_key is None
