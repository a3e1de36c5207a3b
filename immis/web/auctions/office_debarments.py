"""The registers that bar a bidder: debarments, and certificate cases with ``?kind=cases``; every office reads them."""

from django.http import HttpRequest, HttpResponse

from immis.holds.debarments import DEBARMENTS
from immis.ledger.entries import CASES
from immis.web.registers import office as pages
from immis.web.shell.views import page


@page("debarment.read")
def office_registers(request: HttpRequest) -> HttpResponse:
    """The list of one of the two registers, as its own address shows it."""
    return pages.entries(request, CASES if request.GET.get("kind") == "cases" else DEBARMENTS)
