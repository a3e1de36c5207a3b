"""Addresses of complaints: making one, finding it again, its page."""

from django.urls import path

from immis.web.complaints import public

urlpatterns = [
    path("complaints/", public.index, name="complaints"),
    path("complaints/new/", public.new, name="complaint_new"),
    path("complaints/<slug:number>/", public.one, name="complaint"),
    path("complaints/<slug:number>/<slug:code>/", public.by_code, name="complaint_by_code"),
]
