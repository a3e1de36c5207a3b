"""Addresses of weighbridges."""

from django.urls import path

from immis.web.weighbridges import balance, board, kit, pages

urlpatterns = [
    path("weighbridges/", pages.weighbridges, name="weighbridges"),
    path("weighbridges/new/", pages.new, name="weighbridge_new"),
    path("weighbridges/coverage/", pages.coverage, name="weighbridge_coverage"),
    path("weighbridges/balance/", balance.balance, name="weighbridge_balance"),
    path("weighbridges/balance/<str:number>/", balance.balance_of, name="weighbridge_balance_of"),
    path("weighbridges/kit/", kit.kit, name="weighbridge_kit"),
    path("weighbridges/kit/vectors.json", kit.vectors, name="weighbridge_vectors"),
    path("weighbridges/kit/protocol.txt", kit.protocol, name="weighbridge_protocol"),
    path("weighbridges/board/", board.board, name="weighbridge_board"),
    path("weighbridges/<slug:number>/", pages.weighbridge, name="weighbridge"),
    path("weighbridges/<slug:number>/faults/new/", pages.report_fault, name="weighbridge_fault_new"),
    path("weighbridges/<slug:number>/by-hand/new/", pages.allow_by_hand, name="weighbridge_by_hand_new"),
    path("weighbridges/<slug:number>/papers/<str:sha256>", pages.paper, name="weighbridge_paper"),
]
