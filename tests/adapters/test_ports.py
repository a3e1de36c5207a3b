"""Whatever vendor is chosen has every method of its port: what a page or a job would find out too late."""

from datetime import UTC, datetime
from functools import partial
from inspect import isfunction, signature

import pytest
from django.conf import settings

from immis.adapters.eproc.port import EProc
from immis.adapters.eyes.http_client import HttpCamera, HttpReader
from immis.adapters.eyes.port import Camera
from immis.adapters.eyes.port import Reader as EyesReader
from immis.adapters.loadcells.port import LoadCells
from immis.adapters.origins.port import Origin
from immis.adapters.parivesh.port import Parivesh
from immis.adapters.roads.port import Roads
from immis.adapters.roads.vendors import OVER_HTTP
from immis.adapters.sarathi.port import Sarathi
from immis.adapters.sms.port import Line, SmsGateway
from immis.adapters.sms.vendors import VENDORS, make
from immis.adapters.treasury.payouts import Payouts
from immis.adapters.treasury.port import Treasury
from immis.adapters.treasury.vendors import VENDORS as TREASURIES
from immis.adapters.vahan.port import Vahan
from immis.auctions.services.eproc import exports
from immis.challans.roads.engine import embedded
from immis.leases import clearance_jobs
from immis.registry.services import looked
from immis.transit import origins
from immis.weighbridges.services import cells

URL = "http://127.0.0.1:9"
LINE = Line("smpp://127.0.0.1:9", "u")
CHOSEN = {
    **{f"treasury {name}": (Treasury, partial(vendor.treasury, URL, "k")) for name, vendor in TREASURIES.items()},
    **{f"payouts {name}": (Payouts, partial(vendor.payouts, URL, "k")) for name, vendor in TREASURIES.items()},
    "parivesh": (Parivesh, clearance_jobs.portal),
    "load cells": (LoadCells, cells.load_cells),
    "camera": (Camera, partial(HttpCamera, URL)),
    "reader": (EyesReader, partial(HttpReader, URL)),
    "vahan": (Vahan, looked.vahan),
    "sarathi": (Sarathi, looked.sarathi),
    "eproc": (EProc, exports.eproc),
    "origins": (Origin, partial(origins.portal_of, "JH")),
    **{f"roads {name}": (Roads, partial(vendor, URL)) for name, vendor in OVER_HTTP.items()},
    "roads embedded": (Roads, partial(embedded, at=datetime(2026, 6, 1, tzinfo=UTC))),
    **{f"sms {vendor}": (SmsGateway, partial(make, vendor, LINE)) for vendor in VENDORS},
}


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_chosen_has_the_methods_of_its_port(name, monkeypatch, data_dir):
    for setting in ("PARIVESH_URL", "EPROC_URL", "VAHAN_URL", "SARATHI_URL", "LOADCELLS_URL"):
        monkeypatch.setattr(settings, setting, URL)
    monkeypatch.setattr(settings, "ISTP_PORTALS", f"JH={URL}")
    port, choose = CHOSEN[name]
    client = choose()
    for method, asked in vars(port).items():
        if method.startswith("_") or not isfunction(asked):
            continue
        given = getattr(type(client), method, None)
        assert given is not None, f"{type(client).__name__} has no {method}; {port.__module__} asks for it"
        assert [*signature(given).parameters] == [*signature(asked).parameters], f"{type(client).__name__}.{method}"
