"""E-challans, their check, the check post, and vehicles on the map."""

from django.urls import path

from immis.web.checkpost import scans
from immis.web.office import challans as office
from immis.web.public import verify
from immis.web.settlee import challans

urlpatterns = [
    path("settlee/challans/", challans.settlee_challans, name="settlee_challans"),
    path("settlee/leases/<str:code>/challans/new/", challans.challan_new, name="challan_new"),
    path("challans/<str:number>.pdf", challans.challan_pdf, name="challan_pdf"),
    path("challans/<str:number>/", challans.challan, name="challan"),
    path("challans/<str:number>/cancel", challans.challan_cancel, name="challan_cancel"),
    path("verify", verify.verify, name="verify"),
    path("checkpost/", scans.checkpost, name="checkpost"),
    path("checkpost/checks/<id:pk>/", scans.checkpost_scan, name="checkpost_scan"),
    path("office/challans/", office.office_challans, name="office_challans"),
]
