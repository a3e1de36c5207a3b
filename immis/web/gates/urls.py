"""Addresses of passes of an outage."""

from django.urls import path

from immis.web.gates import device, installed, public, quotas

urlpatterns = [
    path("gate/app/<str:lang>/", installed.gate_app, name="gate_app"),
    path("gate/worker.js", installed.gate_app_worker, name="gate_app_worker"),
    path("gate/app.json", installed.gate_app_manifest, name="gate_app_manifest"),
    path("gate/line.json", device.gate_line, name="gate_line"),
    path("offline/", quotas.offline_quotas, name="offline_quotas"),
    path("offline/<str:number>/", quotas.offline_quota, name="offline_quota"),
    path("uptime/", public.uptime, name="uptime"),
]
