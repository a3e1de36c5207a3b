"""All addresses, one list for each room of the web layer."""

from django.urls import include, path

from immis.web.shell.request import converters  # noqa: F401  before the addresses that use them
from immis.web.shell.request.addresses import later, under

ROOMS = (
    "portal",
    "search",
    "station",
    "filters",
    "signin",
    "auctions",
    "registry",
    "leases",
    "ledger",
    "challans",
    "gates",
    "transit",
    "tracking",
    "weighbridges",
    "enforcement",
    "directions",
    "complaints",
    "law",
    "messaging",
    "analytics",
    "registers",
    "installation",
)

urlpatterns = [
    under(
        "",
        [
            later("api/v1/", "immis.web.api.urls", app_name="ninja", namespace="api"),
            *(path("", include(f"immis.web.{room}.urls")) for room in ROOMS),
        ],
    ),
]

handler400 = "immis.web.shell.request.errors.bad_request"
handler403 = "immis.web.shell.request.errors.forbidden"
handler404 = "immis.web.shell.request.errors.not_found"
handler429 = "immis.web.shell.request.errors.too_many"
handler500 = "immis.web.shell.request.errors.server_error"
