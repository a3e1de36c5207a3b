"""The minutes of an ended auction: a paper that anybody may read once the result is announced."""

from django.http import HttpRequest, HttpResponse

from immis import clock
from immis.auctions.papers.minutes import minutes_of
from immis.auctions.selectors import lot_of
from immis.web.shell.views import PUBLIC, page


@page(PUBLIC)
def auction_minutes(request: HttpRequest, code: str) -> HttpResponse:
    """The minutes as a PDF in both languages, with room for the committee's signatures."""
    lot = lot_of(code)
    headers = {"Content-Disposition": f'inline; filename="minutes-{lot.code}.pdf"'}
    return HttpResponse(minutes_of(lot, clock.now()), content_type="application/pdf", headers=headers)
