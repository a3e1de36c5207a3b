"""Addresses of the inbox."""

from django.urls import path

from immis.web.messaging import inbox

urlpatterns = [
    path("messages/", inbox.inbox, name="messages"),
    path("messages/<id:message_id>/", inbox.message, name="message"),
]
