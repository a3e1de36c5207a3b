"""Addresses of search."""

from django.urls import path

from immis.web.search import public, public_ways

urlpatterns = [
    path("search/", public.search, name="search"),
    path("search/suggest.json", public.suggestions, name="search_suggest"),
    path("new/", public_ways.new_things, name="new_things"),
    path("more/", public_ways.more, name="more"),
]
