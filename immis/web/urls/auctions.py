"""Addresses of auctions: for everybody, for bidders, for the offices."""

from django.urls import path

from immis.web.bidder import lots as bidder_lots
from immis.web.bidder import pan, registration
from immis.web.office import after, auction_orders, debarments, eproc, notices
from immis.web.office import auctions as office
from immis.web.office import mock as mock_office
from immis.web.public import auctions as public
from immis.web.public import minutes, mock, orders, results

urlpatterns = [
    path("auctions/", public.auctions, name="auctions"),
    path("auctions/orders/", orders.orders, name="orders"),
    path("auctions/<slug:code>/", public.auction_room, name="auction_room"),
    path("auctions/<slug:code>/state.json", public.auction_state, name="auction_state"),
    path("auctions/<slug:code>/bid", public.auction_bid, name="auction_bid"),
    path("auctions/<slug:code>/minutes.pdf", minutes.auction_minutes, name="auction_minutes"),
    path("auctions/<slug:code>/beat", orders.beat, name="auction_beat"),
    path("bidder/", registration.bidder_home, name="bidder_home"),
    path("bidder/pan", pan.pan_card, name="pan_card"),
    path("bidder/registration.pdf", registration.registration_form, name="bidder_registration"),
    path("bidder/signature-text.txt", registration.signature_text, name="signature_text"),
    path("bidder/lots/<slug:code>/", bidder_lots.bidder_lot, name="bidder_lot"),
    path("bidder/bids/<id:pk>/form3.pdf", bidder_lots.bid_form, name="bid_form"),
    path("bidder/papers/<id:pk>/<slug:sha256>", bidder_lots.bid_paper, name="bid_paper"),
    path("office/auctions/", office.office_auctions, name="office_auctions"),
    path("office/auctions/<slug:code>/", office.office_auction, name="office_auction"),
    path("office/eproc/", eproc.office_eproc, name="office_eproc"),
    path("office/eproc/<id:pk>/", eproc.office_eproc_export, name="office_eproc_export"),
    path("office/auctions/<slug:code>/orders/", auction_orders.auction_orders, name="auction_orders"),
    path("office/auctions/<slug:code>/presence/", auction_orders.auction_presence, name="auction_presence"),
    path("office/auctions/<slug:code>/papers", office.judge, name="office_papers"),
    path("office/auctions/<slug:code>/after/", after.office_after, name="office_after"),
    path("office/registers/", debarments.office_registers, name="office_registers"),
    path("office/refunds/", after.office_refunds, name="office_refunds"),
    path("office/notices/<id:pk>/act", mock_office.notice_act, name="office_notice_act"),
    path("technical-results/", results.technical_results, name="technical_results"),
    path("technical-results/<id:pk>/", results.technical_result, name="technical_result"),
    path("mock/", mock.mock_auctions, name="mock_auctions"),
    path("mock/<slug:code>/join", mock.mock_join, name="mock_join"),
    path("office/notices/", notices.office_notices, name="office_notices"),
    path("office/notices/<id:pk>/", notices.office_notice, name="office_notice"),
]
