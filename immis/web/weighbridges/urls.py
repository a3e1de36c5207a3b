"""Addresses of weighbridges."""

from django.urls import path

from immis.web.weighbridges import pages

urlpatterns = [
    path("weighbridges/", pages.weighbridges, name="weighbridges"),
    path("weighbridges/new/", pages.new, name="weighbridge_new"),
    path("weighbridges/coverage/", pages.coverage, name="weighbridge_coverage"),
    path("weighbridges/<slug:number>/", pages.weighbridge, name="weighbridge"),
    path("weighbridges/<slug:number>/papers/<str:sha256>", pages.paper, name="weighbridge_paper"),
]
