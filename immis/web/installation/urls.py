"""Addresses of the installation itself."""

from django.urls import path

from immis.web.installation import capacity, office, public

urlpatterns = [
    path("setup", public.first_start, name="first_start"),
    path("office/installation/", office.installation, name="installation"),
    path("office/capacity/", capacity.office_capacity, name="office_capacity"),
]
