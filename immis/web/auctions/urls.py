"""Addresses of auctions: for everybody, for bidders, for the offices."""

from django.urls import path

from immis.web.auctions import (
    bidder,
    office,
    office_after,
    office_debarments,
    office_eproc,
    office_notices,
    office_orders,
    public,
    public_list,
    public_minutes,
    public_mock,
    public_orders,
    public_results,
)

urlpatterns = [
    path("auctions/", public_list.auctions, name="auctions"),
    path("auctions/orders/", public_orders.orders, name="orders"),
    path("auctions/<slug:code>/", public.auction_room, name="auction_room"),
    path("auctions/<slug:code>/state.json", public.auction_state, name="auction_state"),
    path("auctions/<slug:code>/bid", public.auction_bid, name="auction_bid"),
    path("auctions/<slug:code>/minutes.pdf", public_minutes.auction_minutes, name="auction_minutes"),
    path("auctions/<slug:code>/beat", public_orders.beat, name="auction_beat"),
    path("bidder/lots/<slug:code>/", bidder.bidder_lot, name="bidder_lot"),
    path("bidder/bids/<id:pk>/form3.pdf", bidder.bid_form, name="bid_form"),
    path("bidder/papers/<id:pk>/<slug:sha256>", bidder.bid_paper, name="bid_paper"),
    path("office/auctions/", office.office_auctions, name="office_auctions"),
    path("office/auctions/<slug:code>/", office.office_auction, name="office_auction"),
    path("office/eproc/", office_eproc.office_eproc, name="office_eproc"),
    path("office/eproc/<id:pk>/", office_eproc.office_eproc_export, name="office_eproc_export"),
    path("office/auctions/<slug:code>/orders/", office_orders.auction_orders, name="auction_orders"),
    path("office/auctions/<slug:code>/presence/", office_orders.auction_presence, name="auction_presence"),
    path("office/auctions/<slug:code>/papers", office.judge, name="office_papers"),
    path("office/auctions/<slug:code>/after/", office_after.office_after, name="office_after"),
    path("office/registers/", office_debarments.office_registers, name="office_registers"),
    path("office/notices/<id:pk>/act", office_notices.notice_act, name="office_notice_act"),
    path("technical-results/", public_results.technical_results, name="technical_results"),
    path("technical-results/<id:pk>/", public_results.technical_result, name="technical_result"),
    path("mock/", public_mock.mock_auctions, name="mock_auctions"),
    path("mock/<slug:code>/join", public_mock.mock_join, name="mock_join"),
    path("office/notices/", office_notices.office_notices, name="office_notices"),
    path("office/notices/<id:pk>/", office_notices.office_notice, name="office_notice"),
]
