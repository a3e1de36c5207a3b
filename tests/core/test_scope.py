"""What an empty district, or a party without a number, may see: nothing, whatever the selector."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable

import pytest
from django.apps import apps

import immis
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.scope import own, within
from immis.registry.models import Office
from tests.web.twin import NOW, twins

pytestmark = pytest.mark.django_db
NOBODY = 10**9  # of no record
NOWHERE = {
    "district": Actor("district", user_id=NOBODY),
    "collector": Actor("collector", user_id=NOBODY),
    "checkpost": Actor("checkpost", user_id=NOBODY),
    "party": Actor("party", user_id=NOBODY),
}
#: What everybody may read (lots are public, a bar on a party counts everywhere), the head of a map, months of no sum.
COMMON = {"lots", "places_listed", "debarments", "certificate_cases", "packed", "forecast_by_month", "silence_counts"}


def selectors() -> Iterable[tuple[str, object]]:
    """Every function that takes a viewer and needs nothing else but an instant."""
    for module in pkgutil.walk_packages(immis.__path__, "immis."):
        if any(
            part in module.name
            for part in (".gateway", ".web", ".migrations", ".commands", ".cli", ".wsgi", ".bench", ".agent")
        ):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if inspect.isfunction(function) and function.__module__ == module.name and not name.startswith("_"):
                wanted = inspect.signature(function).parameters
                needed = {one.name for one in wanted.values() if one.default is one.empty and one.kind < 4 and
                          one.kind != one.VAR_POSITIONAL}  # fmt: skip
                if "viewer" in wanted and needed <= {"viewer", "at"}:
                    yield name, function


def without_a_district() -> None:
    """Every record of the twins under no district, as records of the State are kept."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields()}
        if model.__module__.startswith("immis.") and "district" in names:
            model.objects.update(district="")


def test_an_empty_district_and_a_party_without_a_number_see_nothing(data_dir, at):
    at.set(NOW)
    twins()
    without_a_district()
    asked, seen = 0, []
    for name, function in selectors():
        more = {"at": NOW} if "at" in inspect.signature(function).parameters else {}
        for role, viewer in NOWHERE.items():
            try:
                answer = function(viewer, **more) or ()
                rows = [one for one in (answer.values() if isinstance(answer, dict) else answer) if one != 0]
            except (NotPermitted, NotFound):
                rows = []
            except TypeError:
                continue  # a number, not rows
            asked += 1
            if rows and name not in COMMON and (name, role) != ("notices", "party"):
                seen.append((function.__module__, name, role))
    assert seen == []
    assert asked > 150


def test_the_whole_state_beside_another_condition_is_the_whole_state():
    for code in ("A", "B"):
        Office.objects.create(code=code, name_en=code, name_hi=code, kind="district")
    state, nobody = Actor("hq", user_id=0), Actor("party")
    rows = Office.objects.all()
    assert rows.filter(within(state, "state") | own(state, "pk")).count() == rows.count() == 2
    assert not rows.filter(within(nobody, "own_party", party="pk") | own(nobody, "pk"))
