"""Addresses of registration and of PAN cards."""

from django.urls import path

from immis.web.registry import (
    bank_accounts,
    bidder,
    bidder_pan,
    drivers,
    office_pans,
    places,
    rivers,
    sheets,
    things,
    vehicles,
)

urlpatterns = [
    path("bidder/", bidder.bidder_home, name="bidder_home"),
    path("bidder/pan", bidder_pan.pan_card, name="pan_card"),
    path("bidder/accounts/", bank_accounts.own, name="bank_accounts"),
    path("bidder/accounts/<id:pk>/", bank_accounts.own_detail, name="bank_account"),
    path("accounts/<id:pk>/proof", bank_accounts.proof, name="account_proof"),
    path("office/accounts/", bank_accounts.index, name="office_accounts"),
    path("office/accounts/<id:pk>/", bank_accounts.detail, name="office_account"),
    path("things/", things.index, name="things"),
    path("things/rivers/", rivers.index, name="rivers"),
    path("things/rivers/<slug:code>/", rivers.detail, name="river"),
    path("things/vehicles/", vehicles.index, name="vehicles"),
    path("things/vehicles/new", vehicles.new, name="vehicle_new"),
    path("things/vehicles/<slug:mark>/", vehicles.detail, name="vehicle"),
    path("things/drivers/", drivers.index, name="drivers"),
    path("things/drivers/new", drivers.new, name="driver_new"),
    path("things/drivers/<slug:licence_no>/", drivers.detail, name="driver"),
    path("things/places/", places.index, name="places"),
    path("things/places/new", places.new, name="place_new"),
    path("things/places/<slug:code>/", places.detail, name="place"),
    path("things/sheets/<slug:kind>/", sheets.index, name="sheets"),
    path("things/sheets/<slug:kind>/<id:pk>/", sheets.detail, name="sheet"),
    path("bidder/registration.pdf", bidder.registration_form, name="bidder_registration"),
    path("bidder/signature-text.txt", bidder.signature_text, name="signature_text"),
    path("office/pans/", office_pans.index, name="office_pans"),
    path("office/pans/<id:pk>/", office_pans.detail, name="office_pan"),
    path("office/pans/<id:pk>/card", office_pans.card, name="office_pan_card"),
]
