"""All addresses, one list for each room of the web layer."""

from django.urls import include, path

from immis.web.api import api
from immis.web.shell import converters  # noqa: F401  before the addresses that use them

ROOMS = (
    "portal",
    "search",
    "signin",
    "auctions",
    "registry",
    "leases",
    "ledger",
    "challans",
    "tracking",
    "enforcement",
    "law",
    "messaging",
    "analytics",
    "registers",
    "installation",
)

urlpatterns = [
    path("api/v1/", api.urls),
    *(path("", include(f"immis.web.{room}.urls")) for room in ROOMS),
]

handler400 = "immis.web.shell.errors.bad_request"
handler403 = "immis.web.shell.errors.forbidden"
handler404 = "immis.web.shell.errors.not_found"
handler429 = "immis.web.shell.errors.too_many"
handler500 = "immis.web.shell.errors.server_error"
