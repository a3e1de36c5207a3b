"""Addresses of transit passes of other States."""

from django.urls import path

from immis.web.transit import office, party, public, record

urlpatterns = [
    path("istp/", public.istp, name="istp"),
    path("istp/passes/", party.istp_own, name="istp_own"),
    path("istp/passes/new/", party.istp_new, name="istp_new"),
    path("istp/register/", party.istp_register, name="istp_register"),
    path("istp/passes/<str:number>.pdf", record.istp_pdf, name="istp_pdf"),
    path("istp/passes/<str:number>/", record.istp_pass, name="istp_pass"),
    path("istp/passes/<str:number>/paper", record.istp_paper, name="istp_paper"),
    path("istp/parties/<str:number>/", record.istp_party, name="istp_party"),
    path("istp/parties/<str:number>/paper", record.istp_party_paper, name="istp_party_paper"),
    path("office/istp/", office.office_istp, name="office_istp"),
    path("office/istp/status/", office.office_istp_status, name="office_istp_status"),
    path("office/istp/parties/", office.office_istp_parties, name="office_istp_parties"),
    path("office/istp/report/", office.office_istp_report, name="office_istp_report"),
]
