"""Addresses of vehicles on the map and of their devices."""

from django.urls import path

from immis.web.tracking import (
    office_devices,
    office_faults,
    office_fences,
    office_looks,
    office_monitoring,
    office_phones,
    office_tracks,
)

urlpatterns = [
    path("devices/", office_devices.devices, name="devices"),
    path("devices/new/", office_devices.device_new, name="device_new"),
    path("devices/scores/", office_devices.device_scores, name="device_scores"),
    path("devices/faults/", office_faults.faults, name="faults"),
    path("devices/faults/<slug:code>/", office_faults.fault, name="fault"),
    path("devices/faults/<slug:code>/phone/", office_phones.fault_phone, name="fault_phone"),
    path("devices/<str:imei>/", office_devices.device, name="device"),
    path("devices/<str:imei>/test", office_devices.device_test, name="device_test"),
    path("devices/<str:imei>/command/", office_devices.device_command, name="device_command"),
    path("devices/<str:imei>/fault", office_devices.device_fault, name="device_fault"),
    path("devices/<str:imei>/service", office_devices.device_service, name="device_service"),
    path("devices/<str:imei>/remove", office_devices.device_remove, name="device_remove"),
    path("fences/", office_fences.fences, name="fences"),
    path("fences/new/", office_fences.fence_new, name="fence_new"),
    path("fences/import/", office_fences.fences_import, name="fences_import"),
    path("fences/fences.geojson", office_fences.fences_geojson, name="fences_geojson"),
    path("fences/<slug:code>/", office_fences.fence, name="fence"),
    path("office/map/", office_monitoring.monitoring, name="monitoring"),
    path("office/map/live.bin", office_monitoring.monitoring_live, name="monitoring_live"),
    path("office/map/wall/", office_monitoring.wall, name="wall"),
    path("office/map/vehicles.json", office_monitoring.monitoring_vehicles, name="monitoring_vehicles"),
    path("office/map/trips/<id:pk>/evidence.zip", office_tracks.trip_evidence, name="trip_evidence"),
    path("office/map/<str:registration>/", office_monitoring.monitoring_vehicle, name="monitoring_vehicle"),
    path("office/map/<str:registration>/trail.json", office_monitoring.monitoring_trail, name="monitoring_trail"),
    path("office/map/<str:registration>/why/", office_looks.trail_reason, name="trail_reason"),
    path("office/map/<str:registration>/track/", office_tracks.track, name="track"),
    path("office/map/<str:registration>/track.json", office_tracks.track_json, name="track_json"),
    path("office/map/<str:registration>/track.<slug:form>", office_tracks.track_file, name="track_file"),
]
