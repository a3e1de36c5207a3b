"""Addresses of questions over a month."""

from django.urls import path

from immis.web.analytics import office

urlpatterns = [
    path("office/questions/", office.index, name="office_questions"),
    path("office/questions/ask/", office.ask, name="office_questions_ask"),
]
