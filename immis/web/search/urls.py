"""Addresses of search."""

from django.urls import path

from immis.web.search import public

urlpatterns = [
    path("search/", public.search, name="search"),
    path("search/suggest.json", public.suggestions, name="search_suggest"),
]
