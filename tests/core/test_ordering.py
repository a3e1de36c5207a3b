"""A query whose order is found the short way is, letter by letter, the one that Django makes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Count, F, QuerySet, Value, Window
from django.db.models.functions import Lower, RowNumber
from django.db.models.sql.compiler import SQLCompiler

from immis import ordering
from immis.core.models import ActionLog
from immis.leases.models import Lease
from immis.registry.models import Block
from immis.registry.selectors import in_order

pytestmark = pytest.mark.django_db
WIDE = Lease.objects.select_related("block", "party")
_CODES, _PLACES = (Block.objects.order_by().values_list(name) for name in ("code", "district"))

QUERIES: dict[str, Callable[[], QuerySet[Any]]] = {
    "by its key": lambda: WIDE.order_by("pk"),
    "by the order of its model": lambda: ActionLog.objects.all(),
    "by a record beside it": lambda: WIDE.order_by("-block__code", "party"),
    "by expressions": lambda: WIDE.order_by(*in_order("number")),
    "by a column that is selected": lambda: WIDE.order_by(F("number").desc(nulls_last=True), "number"),
    "by chance": lambda: WIDE.order_by("?"),
    "backwards": lambda: WIDE.order_by(Lower("number"), "pk").reverse(),
    "by a figure under a name": lambda: Block.objects.annotate(sold=Count("lots")).order_by("-sold", "code"),
    "by what is taken alone": lambda: Block.objects.values("code", "district").order_by("district", "code"),
    "by what is taken under a name": lambda: Block.objects.values(where=F("district")).order_by("where"),
    "by a constant": lambda: Block.objects.order_by(Value("x"), "code"),
    "each once": lambda: Block.objects.order_by("code").values_list("district", flat=True).distinct(),
    "with a place in a row": lambda: Block.objects.annotate(n=Window(RowNumber(), order_by="code")).order_by("n"),
    "two in one": lambda: _CODES.union(_PLACES).order_by("code"),
    "by a query inside": lambda: Lease.objects.filter(block__in=Block.objects.order_by("code")[:3]).order_by("pk"),
    "with an extra column": lambda: Block.objects.extra(select={"one": "1"}).order_by("one", "code"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_short_way_finds_djangos_own_order(name, monkeypatch):
    assert SQLCompiler.get_order_by is ordering._order_by
    short = QUERIES[name]().query.sql_with_params()
    list(QUERIES[name]())
    monkeypatch.setattr(SQLCompiler, "get_order_by", ordering._get_order_by)
    assert QUERIES[name]().query.sql_with_params() == short


def test_among_plain_columns_nothing_is_looked_for(monkeypatch):
    looked: list[Any] = []
    monkeypatch.setattr(ordering, "_get_order_by", lambda compiler: looked.append(compiler.select) or [])
    WIDE.order_by("pk").query.sql_with_params()
    QUERIES["by a figure under a name"]().query.sql_with_params()
    assert looked[0] == [] and looked[1]
