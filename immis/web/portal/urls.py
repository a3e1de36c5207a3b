"""Addresses of the first page, help, open data, the action log, and the state of the service."""

from django.urls import path

from immis.web.portal import office_log, public, public_data, public_help
from immis.web.shell.request import health

urlpatterns = [
    path("", public.home, name="home"),
    path("help/", public_help.help_page, name="help"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("data/", public_data.index, name="data_index"),
    path("data/ghats.geojson", public_data.ghats_geojson, name="ghats_geojson"),
    path("data/<path:name>", public_data.published, name="data_file"),
    path("log/", office_log.action_log_page, name="log"),
]
