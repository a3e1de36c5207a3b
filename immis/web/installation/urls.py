"""Addresses of the installation itself."""

from django.urls import path

from immis.web.installation import office, public

urlpatterns = [
    path("setup", public.first_start, name="first_start"),
    path("office/installation/", office.installation, name="installation"),
]
