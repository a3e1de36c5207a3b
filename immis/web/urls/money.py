"""Addresses of dues, demands, scrolls and registers."""

from django.urls import path

from immis.web.office import claims, dues, registers, scrolls

urlpatterns = [
    path("office/dues/", dues.board, name="office_dues"),
    path("office/dues/defaulters/", dues.defaulters, name="office_defaulters"),
    path("office/demands/", dues.demands, name="office_demands"),
    path("office/demands/<slug:number>/", dues.demand, name="office_demand"),
    path("office/claims/", claims.index, name="office_claims"),
    path("office/claims/<slug:number>/", claims.detail, name="office_claim"),
    path("office/payments/<slug:number>/propose", claims.propose, name="office_propose_return"),
    path("office/scrolls/", scrolls.index, name="office_scrolls"),
    path("office/scrolls/<id:pk>/", scrolls.detail, name="office_scroll"),
    path("office/scrolls/<id:pk>/lines/<id:line_no>/", scrolls.resolve, name="office_scroll_line"),
    path("office/leases/<slug:code>/register/", registers.index, name="office_register"),
]
