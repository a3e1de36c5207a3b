"""Addresses of registration and of PAN cards."""

from django.urls import path

from immis.web.registry import bidder, bidder_pan, office_pans

urlpatterns = [
    path("bidder/", bidder.bidder_home, name="bidder_home"),
    path("bidder/pan", bidder_pan.pan_card, name="pan_card"),
    path("bidder/registration.pdf", bidder.registration_form, name="bidder_registration"),
    path("bidder/signature-text.txt", bidder.signature_text, name="signature_text"),
    path("office/pans/", office_pans.index, name="office_pans"),
    path("office/pans/<id:pk>/", office_pans.detail, name="office_pan"),
    path("office/pans/<id:pk>/card", office_pans.card, name="office_pan_card"),
]
