"""The pass on its driver's phone, by a secret link and without a log-in; its print and its slip (E-118, E-128)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors
from immis.challans.prints import print_of
from immis.challans.selectors.driver_link import challan_of_token
from immis.challans.signed.qr import qr_svg
from immis.challans.signed.text import small_form
from immis.web.challans import words as challan_words
from immis.web.shell.views import PUBLIC, page


def _guarded(response: HttpResponse) -> HttpResponse:
    """A secret address: neither kept by the phone's proxy, nor told on, nor found by a search."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _shown(challan: Any) -> dict[str, Any]:
    at = clock.now()
    now = selectors.standing_of(challan, at=at)
    chip = challan_words.state_chip(challan, at=at, state=now.state)
    return {"challan": challan, "chip": chip, "is_live": now.state == "issued", "start_by": selectors.start_by(challan)}


@page(PUBLIC)
def driver_pass(request: HttpRequest, token: str) -> HttpResponse:
    """What a driver shows at a check: plate, QR, until when; and nothing of any person."""
    challan = challan_of_token(token)
    qr = mark_safe(qr_svg(challan.pass_text, title=_("QR of the signed pass")))
    more = {"qr": qr, "token": token, "crumb_name": challan.number}
    return _guarded(render(request, "challans/driver.html", {**_shown(challan), **more}))


@page(PUBLIC)
def driver_slip(request: HttpRequest, token: str) -> HttpResponse:
    """The slip of a thermal printer, 58 mm wide, with the small form of the pass."""
    challan = challan_of_token(token)
    qr = mark_safe(qr_svg(small_form(challan.pass_text), title=_("QR of the signed pass")))
    return _guarded(render(request, "challans/slip.html", {**_shown(challan), "qr": qr}))


@page(PUBLIC)
def driver_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The print on A4, by the same link."""
    challan = challan_of_token(token)
    name = f'inline; filename="e-challan-{challan.number}.pdf"'
    pdf = print_of(challan, at=clock.now())
    return _guarded(HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name}))
