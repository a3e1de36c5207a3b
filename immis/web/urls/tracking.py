"""Addresses of vehicles on the map and of their devices."""

from django.urls import path

from immis.web.office import device_commands, devices, faults, fences, looks, monitoring, phones, tracks

urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/new/", devices.device_new, name="device_new"),
    path("devices/scores/", devices.device_scores, name="device_scores"),
    path("devices/faults/", faults.faults, name="faults"),
    path("devices/faults/<slug:code>/", faults.fault, name="fault"),
    path("devices/faults/<slug:code>/phone/", phones.fault_phone, name="fault_phone"),
    path("devices/<str:imei>/", devices.device, name="device"),
    path("devices/<str:imei>/test", devices.device_test, name="device_test"),
    path("devices/<str:imei>/command/", device_commands.device_command, name="device_command"),
    path("devices/<str:imei>/fault", faults.device_fault, name="device_fault"),
    path("devices/<str:imei>/service", devices.device_service, name="device_service"),
    path("devices/<str:imei>/remove", devices.device_remove, name="device_remove"),
    path("fences/", fences.fences, name="fences"),
    path("fences/new/", fences.fence_new, name="fence_new"),
    path("fences/import/", fences.fences_import, name="fences_import"),
    path("fences/fences.geojson", fences.fences_geojson, name="fences_geojson"),
    path("fences/<slug:code>/", fences.fence, name="fence"),
    path("office/map/", monitoring.monitoring, name="monitoring"),
    path("office/map/live.bin", monitoring.monitoring_live, name="monitoring_live"),
    path("office/map/wall/", monitoring.wall, name="wall"),
    path("office/map/vehicles.json", monitoring.monitoring_vehicles, name="monitoring_vehicles"),
    path("office/map/trips/<id:pk>/evidence.zip", tracks.trip_evidence, name="trip_evidence"),
    path("office/map/<str:registration>/", monitoring.monitoring_vehicle, name="monitoring_vehicle"),
    path("office/map/<str:registration>/trail.json", monitoring.monitoring_trail, name="monitoring_trail"),
    path("office/map/<str:registration>/why/", looks.trail_reason, name="trail_reason"),
    path("office/map/<str:registration>/track/", tracks.track, name="track"),
    path("office/map/<str:registration>/track.json", tracks.track_json, name="track_json"),
    path("office/map/<str:registration>/track.<slug:form>", tracks.track_file, name="track_file"),
]
