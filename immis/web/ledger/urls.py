"""Addresses of payments, dues, claims, scrolls and registers."""

from django.urls import path

from immis.web.ledger import (
    office_claims,
    office_dues,
    office_payments,
    office_refunds,
    office_registers,
    office_scrolls,
    settlee_payments,
    settlee_returns,
)

urlpatterns = [
    path("settlee/leases/<slug:code>/returns/", settlee_returns.returns, name="settlee_returns"),
    path("settlee/payments/", settlee_payments.index, name="settlee_payments"),
    path("pay/<slug:number>/", settlee_payments.pay, name="pay"),
    path("treasury/notify", settlee_payments.notify, name="treasury_notify"),
    path("office/payments/", office_payments.index, name="office_payments"),
    path("office/payments/<slug:number>/", office_payments.detail, name="office_payment"),
    path("office/dues/", office_dues.board, name="office_dues"),
    path("office/dues/defaulters/", office_dues.defaulters, name="office_defaulters"),
    path("office/demands/", office_dues.demands, name="office_demands"),
    path("office/demands/<slug:number>/", office_dues.demand, name="office_demand"),
    path("office/claims/", office_claims.index, name="office_claims"),
    path("office/claims/<slug:number>/", office_claims.detail, name="office_claim"),
    path("office/payments/<slug:number>/propose", office_claims.propose, name="office_propose_return"),
    path("office/refunds/", office_refunds.index, name="office_refunds"),
    path("office/refunds/<slug:number>/", office_refunds.detail, name="office_refund"),
    path("office/scrolls/", office_scrolls.index, name="office_scrolls"),
    path("office/scrolls/<id:pk>/", office_scrolls.detail, name="office_scroll"),
    path("office/scrolls/<id:pk>/lines/<id:line_no>/", office_scrolls.resolve, name="office_scroll_line"),
    path("office/leases/<slug:code>/register/", office_registers.index, name="office_register"),
]
