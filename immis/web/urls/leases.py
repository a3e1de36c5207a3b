"""Addresses of settlements, payments and the treasury's notices."""

from django.urls import path

from immis.web.office import blocks as office_blocks
from immis.web.office import clearances, lease_life, prices
from immis.web.office import holds as office_holds
from immis.web.office import leases as office_leases
from immis.web.office import payments as office_payments
from immis.web.public import schedule
from immis.web.settlee import leases, payments, returns
from immis.web.settlee import life as settlee_life

urlpatterns = [
    path("settlee/", leases.home, name="settlee_home"),
    path("settlee/leases/<slug:code>/", leases.detail, name="settlee_lease"),
    path("settlee/leases/<slug:code>/life/", settlee_life.detail, name="settlee_lease_life"),
    path("leases/<slug:code>/statement/", leases.statement, name="lease_statement"),
    path("leases/<slug:code>/loi.pdf", leases.letter, name="lease_loi"),
    path("leases/<slug:code>/clearances/", clearances.lease_clearances, name="lease_clearances"),
    path("leases/<slug:code>/papers/<slug:sha256>", clearances.paper, name="clearance_paper"),
    path("leases/<slug:code>/statement.pdf", leases.statement_paper, name="lease_statement_pdf"),
    path("settlee/leases/<slug:code>/returns/", returns.returns, name="settlee_returns"),
    path("office/prices/", prices.index, name="office_prices"),
    path("pay/<slug:number>/", payments.pay, name="pay"),
    path("treasury/notify", payments.notify, name="treasury_notify"),
    path("office/leases/", office_leases.index, name="office_leases"),
    path("office/leases/<slug:code>/", office_leases.detail, name="office_lease"),
    path("office/leases/<slug:code>/life/", lease_life.detail, name="office_lease_life"),
    path("office/leases/<slug:code>/suspend/", office_holds.suspend, name="office_suspend"),
    path("office/holds/", office_holds.index, name="office_holds"),
    path("office/holds/<id:pk>/", office_holds.detail, name="office_hold"),
    path("office/holds/<id:pk>/paper", office_holds.paper, name="office_hold_paper"),
    path("office/suspensions/<id:pk>/", office_holds.suspension, name="office_suspension"),
    path("office/suspensions/<id:pk>/paper", office_holds.suspension_paper, name="office_suspension_paper"),
    path("office/ghats/<slug:code>/", office_blocks.correct, name="office_ghat"),
    path("schedule/", schedule.flow, name="schedule_flow"),
    path("office/payments/", office_payments.index, name="office_payments"),
    path("office/payments/<slug:number>/", office_payments.detail, name="office_payment"),
]
