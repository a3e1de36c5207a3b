"""Addresses of e-challans, their check and the check post."""

from django.urls import path

from immis.web.challans import checkpost, office, public, settlee

urlpatterns = [
    path("settlee/challans/", settlee.settlee_challans, name="settlee_challans"),
    path("settlee/destinations", settlee.destinations, name="challan_destinations"),
    path("settlee/leases/<str:code>/challans/new/", settlee.challan_new, name="challan_new"),
    path("settlee/leases/<str:code>/gate/", settlee.challan_gate, name="challan_gate"),
    path("challans/<str:number>.pdf", settlee.challan_pdf, name="challan_pdf"),
    path("challans/<str:number>/", settlee.challan, name="challan"),
    path("challans/<str:number>/cancel", settlee.challan_cancel, name="challan_cancel"),
    path("verify", public.verify, name="verify"),
    path("checkpost/", checkpost.checkpost, name="checkpost"),
    path("checkpost/checks/<id:pk>/", checkpost.checkpost_scan, name="checkpost_scan"),
    path("office/challans/", office.office_challans, name="office_challans"),
]
