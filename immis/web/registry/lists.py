"""Where offices, people, papers of parties and registers of things stand among the ways through the house."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

_VEHICLES = Way(
    "vehicles",
    _("Vehicles"),
    "officer.movement",
    30,
    record=("vehicle",),
    forms=(
        Form("vehicle_new", _("Register a vehicle")),
        Form("sheets", _("Vehicles from a sheet"), ("vehicles",), "file"),
    ),
    nouns=("vehicle",),
)
_DRIVERS = Way(
    "drivers",
    _("Drivers"),
    "officer.movement",
    40,
    record=("driver",),
    forms=(
        Form("driver_new", _("Enter a driver")),
        Form("sheets", _("Drivers from a sheet"), ("drivers",), "file"),
    ),
    nouns=("driver",),
)
_PLACES = Way(
    "places",
    _("Destinations"),
    "officer.movement",
    50,
    record=("place",),
    forms=(
        Form("place_new", _("Enter a destination")),
        Form("sheets", _("Destinations from a sheet"), ("places",), "file"),
    ),
    nouns=("place",),
    called="place",
)
LISTS = (
    Way("rivers", _("Rivers"), "officer.mining", 60, record=("river",), nouns=("river",), called="river"),
    _VEHICLES,
    _DRIVERS,
    _PLACES,
    Way(
        "office_accounts",
        _("Bank accounts"),
        "officer.money",
        80,
        record=("office_account",),
        nouns=("account",),
        count="immis.registry.bank_accounts:open_account_count",
    ),
    Way(
        "office_pans",
        _("PAN cards"),
        "officer.office",
        50,
        record=("office_pan",),
        count="immis.registry.pans:open_proof_count",
    ),
    Way(
        "office_offices",
        _("Offices"),
        "officer.office",
        20,
        record=("office_office",),
        nouns=("office", "charge"),
        called="office",
    ),
    Way(
        "office_people",
        _("People and log-ins"),
        "officer.office",
        30,
        record=("office_person",),
        parts={"office_person_acts": _("What was done")},
        forms=(Form("office_person_new", _("Enter a person")),),
        nouns=("user",),
    ),
    Way("handovers", _("Handovers"), "officer.office", 40, record=("handover",)),
    Way(
        "data_requests",
        _("Requests about data"),
        "officer.office",
        80,
        record=("data_request",),
        nouns=("data_request",),
    ),
    Way("office_looks", _("Looks at trails"), "officer.office", 90),
    replace(_VEHICLES, group="party.vehicles"),
    replace(_DRIVERS, group="party.vehicles"),
    replace(_PLACES, group="party.vehicles"),
    Way("bank_accounts", _("Bank accounts"), "party.bids", 40, record=("bank_account",), nouns=("account",)),
    Way("pan_card", _("PAN card"), "party.bids", 30),
    Way("settlee_people", _("Representatives"), "party.firm", 10, record=("settlee_person",), nouns=("authority",)),
    Way("own_charges", _("My charges"), "own.account", 30, record=("office_charge",)),
    Way("my_data", _("My data"), "own.account", 40, nouns=("data_request",)),
    Way("retention", _("How long records are kept"), "public.help", 30),
)
