"""Addresses of e-challans, their check and the check post."""

from django.urls import path

from immis.web.challans import (
    checkpost,
    driver,
    eligible,
    gate,
    maps,
    office,
    offline,
    owner,
    phone,
    posts,
    public,
    settlee,
)

urlpatterns = [
    path("settlee/challans/", settlee.settlee_challans, name="settlee_challans"),
    path("eligibility/", eligible.may_load, name="may_load"),
    path("own/challans/", owner.owner_passes, name="owner_passes"),
    path("settlee/destinations", settlee.destinations, name="challan_destinations"),
    path("settlee/leases/<str:code>/challans/new/", settlee.challan_new, name="challan_new"),
    path("settlee/leases/<str:code>/gate/", settlee.challan_gate, name="challan_gate"),
    path("challans/<str:number>.pdf", settlee.challan_pdf, name="challan_pdf"),
    path("challans/<str:number>/", settlee.challan, name="challan"),
    path("challans/<str:number>/way.geojson", maps.challan_way, name="challan_way"),
    path("challans/<str:number>/cancel", settlee.challan_cancel, name="challan_cancel"),
    path("p/<str:token>.pdf", driver.driver_pdf, name="driver_pdf"),
    path("p/<str:token>/slip/", driver.driver_slip, name="driver_slip"),
    path("p/<str:token>", driver.driver_pass, name="driver_pass"),
    path("verify", public.verify, name="verify"),
    path("verify/app/<str:lang>/", offline.pass_checker, name="pass_checker"),
    path("verify/worker.js", offline.pass_worker, name="pass_worker"),
    path("verify/app.json", offline.pass_manifest, name="pass_manifest"),
    path("checkpost/", checkpost.checkpost, name="checkpost"),
    path("checkpost/log/", gate.gate_log, name="gate_log"),
    path("checkpost/log/worker.js", gate.gate_worker, name="gate_worker"),
    path("checkpost/phone.json", phone.checkpost_phone, name="checkpost_phone"),
    path("checkpost/checks/<id:pk>/", checkpost.checkpost_scan, name="checkpost_scan"),
    path("office/checkposts/", posts.office_checkposts, name="office_checkposts"),
    path("office/challans/", office.office_challans, name="office_challans"),
]
