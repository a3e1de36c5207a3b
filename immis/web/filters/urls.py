"""Addresses of kept filters."""

from django.urls import path

from immis.web.filters import own

urlpatterns = [
    path("filters/", own.index, name="kept_filters"),
    path("filters/<id:pk>/forget/", own.forget, name="kept_filter_forget"),
]
