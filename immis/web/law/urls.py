"""Addresses of the rule book."""

from django.urls import path

from immis.web.law import public

urlpatterns = [
    path("law/", public.law, name="law"),
    path("law/<str:code>/", public.law_code, name="law_code"),
]
