"""The gate's screen that anybody may keep on a device: the same bytes for all; what it holds comes by its line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.agent.scale.frames import declared
from immis.web.shell.request.installed import InstalledPage
from immis.web.shell.views import PUBLIC, page
from immis.web.station.words import station_words


def _against() -> dict[str, str]:
    """What the page itself finds against a load; the other findings come from the department in words."""
    return {
        "set_back": _("The clock of this device was set back: set it right, and connect once."),
        "not_begun": _("The quota has not begun yet."),
        "over": _("The days of the quota are over."),
        "too_old": _("The data of the department are too old: connect once."),
        "used_up": _("The quota is used up."),
        "log_in": _("Log in: the service answers, and issues."),
        "no_quota": _("No network, and this device has no quota for an outage."),
        "no_answer": _("No answer came: press again; the same load is issued once."),
        "not_issued": _("It was not issued; look at the entries."),
        "no_truck": _("Choose a vehicle that the department knows."),
        "on_trip": _("It is on e-challan {number}."),
        "no_place": _("Choose a destination."),
        "no_driver": _("Enter the driver's name."),
        "too_much": _("More than the vehicle may carry."),
        "nothing_left": _("More than is left of the permitted quantity."),
    }


def _words(_lang: str) -> dict[str, Any]:
    keys = {
        "asked": _("The district office has this key and has not decided yet. Tell it the code."),
        "refused": _("The district office refused this key."),
        "revoked": _("This key is revoked: nothing can be issued from this device."),
    }
    steps = {
        "tare": _("Weigh it empty"),
        "gross": _("Weigh it loaded"),
        "issue": _("Issue and print"),
    }
    states = {
        "waiting": _("waits to be sent"),
        "taken": _("in the register"),
        "held": _("not taken, with the office"),
    }
    return {
        **_against(),
        "keys": keys,
        "states": states,
        "steps": steps,
        "scale": station_words(),
        "formats": declared(),
        "may_load": _("may load"),
        "not_inside": _("not seen inside the fence"),
        "none_inside": _("No vehicle with a device is seen inside the fence."),
        "weights": _("Empty {tare_kg} kg · laden {gross_kg} kg · load {net_kg} kg = {m3} m³"),
        "slip_weights": _("Empty {tare_kg} kg, laden {gross_kg} kg"),
        "on_line": _("Connected: {name}. The department issues."),
        "nobody": _("The service answers, but nobody is logged in at this device."),
        "off_line": _("No connection: this page issues from its quota."),
        "left": _("{left} of {most} e-challans left"),
        "held": _("Data of {at}, good until {until}"),
        "waiting": _("{count} wait to be sent."),
        "choose": _("choose"),
        "cubic": _("{m3} m³"),
        "print": _("Print again"),
        "qr": _("QR of the signed pass"),
        "not_taken": _("The office did not take it; look at the entries."),
    }


_GATE = ("page", "book", "checks", "clock", "key", "line", "load", "pass", "slip", "store", "truck", "words")
_PAGE = InstalledPage(
    template="gates/app.html",
    name=gettext_lazy("Gate: scale and e-challan"),
    address="gate_app",
    worker_address="gate_app_worker",
    manifest_address="gate_app_manifest",
    home="offline_quotas",
    scope="/gate/app/",
    script="js/gate/worker.js",
    files=(
        "css/gate.css",
        *(f"js/gate/{name}.js" for name in _GATE),
        *(f"js/scale/{name}.js" for name in ("camera", "desk", "frames", "learn", "queue", "serial", "signed")),
        *(f"js/pass/{name}.js" for name in ("text", "signed", "check", "store", "lists")),
        *(f"vendor/pass/{name}.js" for name in ("ed25519", "cbor", "idb")),
        "vendor/gate/qrcode.js",
    ),
    words=_words,
)


@page(PUBLIC)
def gate_app(request: HttpRequest, lang: str) -> HttpResponse:
    """The page itself, the same for everybody, so that a device may keep it; it issues where a key was approved."""
    return _PAGE.page(request, lang)


@page(PUBLIC)
def gate_app_worker(request: HttpRequest) -> HttpResponse:
    return _PAGE.worker(request)


@page(PUBLIC)
def gate_app_manifest(request: HttpRequest) -> HttpResponse:
    return _PAGE.manifest()
