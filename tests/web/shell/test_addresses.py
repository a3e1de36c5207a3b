"""Addresses are found by their first word as Django finds them when it tries one after the other."""

import re

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, URLResolver, get_resolver, include, path, re_path
from django.urls.resolvers import RegexPattern

from immis.web.shell.request.addresses import ByFirstWord, later, under

_GAP = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^)]*\)")
NAMES = ("MUN-26-000001", "7", "visitors", "x/y", "a" * 64, "", "BR01G1")


def answer(request):
    return HttpResponse()


def routes(patterns, prefix="/"):
    for row in patterns:
        if isinstance(row, URLResolver):
            yield from routes(row.url_patterns, prefix + str(row.pattern))
        else:
            yield prefix + str(row.pattern).strip("^$")


def one_after_the_other(address):
    """The same lists as Django's own."""
    if not isinstance(address, URLResolver):
        return address
    inner = [one_after_the_other(row) for row in address.url_patterns]
    return URLResolver(address.pattern, inner, address.default_kwargs, address.app_name, address.namespace)


def found(resolver, address: str):
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.view_name, match.route, match.captured_kwargs


def test_every_address_leads_where_it_led():
    (house,) = get_resolver().url_patterns
    plain = URLResolver(RegexPattern(r"^/"), [one_after_the_other(house)])
    filled = {_GAP.sub(name, route) for route in routes(house.url_patterns) for name in NAMES}
    asked = {*filled, *(f"{address}x" for address in filled), *(address[:-1] for address in filled), "/nothing", "//"}
    answers = {address: found(get_resolver(), address) for address in asked}
    assert isinstance(house, ByFirstWord) and sum(one is not None for one in answers.values()) > 1000
    assert [address for address, one in answers.items() if one != found(plain, address)] == []


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/sand/list", "list"),
        ("/sand/7", "sand"),
        ("/stone/list", "any"),
        ("/stone", "stone"),
        ("/law/old/", "law"),
        ("/", "home"),
        ("/old/sand", "old"),
        ("/api/v1/sand", "api:sand"),
        ("/api/v1/stone", None),
        ("/sandy", None),
    ],
)
def test_an_address_that_begins_with_any_word_keeps_its_turn(address, name):
    inner = [path("sand/<int:number>", answer, name="sand"), path("<slug:kind>/list", answer, name="any")]
    rooms = [path("sand/list", answer, name="list"), path("", include(inner)), path("stone", answer, name="stone")]
    others = [re_path(r"^law/(?P<topic>[a-z]+)/$", answer, name="law"), re_path(r"^o.d/", answer, name="old")]
    api = under("api/v1/", [path("sand", answer, name="sand")], "api", "api")
    house = URLResolver(RegexPattern(r"^/"), [under("", [api, *rooms, *others, path("", answer, name="home")])])
    match = found(house, address)
    assert (match and match[3]) == name


def test_addresses_of_a_module_are_read_when_one_is_asked_for():
    api = later("api/v1/", "immis.web.api.urls", app_name="ninja", namespace="api")
    house = URLResolver(RegexPattern(r"^/"), [under("", [api, path("", answer, name="home")])])
    assert found(house, "/")[3] == "home" and house.reverse_dict.getlist("home")
    assert "urlconf_module" not in vars(api), "nobody asked for one of them"
    assert found(house, "/api/v1/leases")[3] == "api:leases"
    assert house.namespace_dict["api"][1].reverse_dict.getlist("leases")
