"""Addresses of auctions: for everybody, for bidders, for the offices."""

from django.urls import path

from immis.web.bidder import lots as bidder_lots
from immis.web.bidder import registration
from immis.web.office import auctions as office
from immis.web.office import notices
from immis.web.public import auctions as public

urlpatterns = [
    path("auctions/", public.auctions, name="auctions"),
    path("auctions/<slug:code>/", public.auction_room, name="auction_room"),
    path("auctions/<slug:code>/state.json", public.auction_state, name="auction_state"),
    path("auctions/<slug:code>/bid", public.auction_bid, name="auction_bid"),
    path("bidder/", registration.bidder_home, name="bidder_home"),
    path("bidder/registration.pdf", registration.registration_form, name="bidder_registration"),
    path("bidder/lots/<slug:code>/", bidder_lots.bidder_lot, name="bidder_lot"),
    path("bidder/papers/<int:pk>/<slug:sha256>", bidder_lots.bid_paper, name="bid_paper"),
    path("office/auctions/", office.office_auctions, name="office_auctions"),
    path("office/auctions/<slug:code>/", office.office_auction, name="office_auction"),
    path("office/notices/", notices.office_notices, name="office_notices"),
    path("office/notices/<int:pk>/", notices.office_notice, name="office_notice"),
]
