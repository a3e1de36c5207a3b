"""Where vehicles on the map, their devices and fences stand among the ways through the house."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

_DEVICES = Way(
    "devices",
    _("GPS devices"),
    "officer.movement",
    60,
    record=("device",),
    parts={
        "device_test": _("Test"),
        "device_command": _("Command"),
        "device_fault": _("Report a fault"),
        "device_service": _("Announce work"),
        "device_remove": _("Take out"),
    },
    forms=(
        Form("device_new", _("Fit a device")),
        Form("sheets", _("Devices from a sheet"), ("devices",), "file"),
    ),
    nouns=("device",),
)
_FAULTS = Way(
    "faults",
    _("Faults"),
    "officer.movement",
    70,
    record=("fault",),
    parts={"fault_phone": _("Phone in place of the device")},
    nouns=("device_fault",),
)
LISTS = (
    Way(
        "monitoring",
        _("Map"),
        "officer.movement",
        20,
        record=("monitoring_vehicle",),
        parts={"trail_reason": _("Reason to look"), "track": _("Track")},
    ),
    _DEVICES,
    _FAULTS,
    Way(
        "fences",
        _("Fences"),
        "officer.movement",
        80,
        record=("fence",),
        forms=(
            Form("fence_new", _("Draw a fence")),
            Form("fences_import", _("Take in fences from a file"), verb="file"),
        ),
        nouns=("fence",),
        called="fence",
    ),
    Way("wall", _("Control-room board"), "officer.boards", 10),
    Way("device_scores", _("Scorecards"), "officer.boards", 30),
    replace(_DEVICES, group="party.vehicles", rank=10),
    replace(_FAULTS, group="party.vehicles"),
)
