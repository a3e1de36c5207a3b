"""Addresses of settlements, payments and the treasury's notices."""

from django.urls import path

from immis.web.office import clearances
from immis.web.office import leases as office_leases
from immis.web.office import payments as office_payments
from immis.web.settlee import leases, payments

urlpatterns = [
    path("settlee/", leases.home, name="settlee_home"),
    path("settlee/leases/<slug:code>/", leases.detail, name="settlee_lease"),
    path("leases/<slug:code>/statement/", leases.statement, name="lease_statement"),
    path("leases/<slug:code>/loi.pdf", leases.letter, name="lease_loi"),
    path("leases/<slug:code>/clearances/", clearances.lease_clearances, name="lease_clearances"),
    path("leases/<slug:code>/papers/<slug:sha256>", clearances.paper, name="clearance_paper"),
    path("pay/<slug:number>/", payments.pay, name="pay"),
    path("treasury/notify", payments.notify, name="treasury_notify"),
    path("office/leases/", office_leases.index, name="office_leases"),
    path("office/leases/<slug:code>/", office_leases.detail, name="office_lease"),
    path("office/payments/", office_payments.index, name="office_payments"),
    path("office/payments/<slug:number>/", office_payments.detail, name="office_payment"),
]
