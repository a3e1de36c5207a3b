"""Addresses of registration and PAN cards, of offices, people and charges, of the own data."""

from django.urls import path

from immis.web.registry import (
    bidder,
    bidder_pan,
    my_data,
    office_charges,
    office_imports,
    office_looks,
    office_offices,
    office_pans,
    office_people,
    settlee_people,
)

urlpatterns = [
    path("bidder/", bidder.bidder_home, name="bidder_home"),
    path("bidder/pan", bidder_pan.pan_card, name="pan_card"),
    path("bidder/registration.pdf", bidder.registration_form, name="bidder_registration"),
    path("bidder/signature-text.txt", bidder.signature_text, name="signature_text"),
    path("office/pans/", office_pans.index, name="office_pans"),
    path("office/pans/<id:pk>/", office_pans.detail, name="office_pan"),
    path("office/offices/", office_offices.index, name="office_offices"),
    path("office/offices/import/", office_imports.take_in, name="people_import"),
    path("office/offices/import/<id:pk>/", office_imports.progress, name="people_import_progress"),
    path("office/offices/<slug:code>/", office_offices.detail, name="office_office"),
    path("office/people/", office_people.index, name="office_people"),
    path("office/people/new/", office_people.new, name="office_person_new"),
    path("office/people/<str:username>/", office_people.detail, name="office_person"),
    path("office/people/<str:username>/acts/", office_people.acts_done, name="office_person_acts"),
    path("office/charges/<id:pk>/", office_charges.charge, name="office_charge"),
    path("office/handovers/", office_charges.handovers, name="handovers"),
    path("office/handovers/<slug:number>/", office_charges.handover, name="handover"),
    path("office/handovers/<slug:number>/report.pdf", office_charges.handover_paper, name="handover_paper"),
    path("office/looks/", office_looks.index, name="office_looks"),
    path("office/data-requests/", my_data.requests, name="data_requests"),
    path("office/data-requests/<slug:number>/", my_data.answer_one, name="data_request"),
    path("account/charges/", office_charges.own, name="own_charges"),
    path("account/data/", my_data.mine, name="my_data"),
    path("account/data/file", my_data.take_along, name="my_data_file"),
    path("retention/", my_data.retention, name="retention"),
    path("settlee/people/", settlee_people.index, name="settlee_people"),
    path("settlee/people/<id:pk>/", settlee_people.detail, name="settlee_person"),
    path("office/pans/<id:pk>/card", office_pans.card, name="office_pan_card"),
]
