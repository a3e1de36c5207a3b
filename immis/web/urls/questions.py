"""Addresses of questions over a month."""

from django.urls import path

from immis.web.office import questions

urlpatterns = [
    path("office/questions/", questions.index, name="office_questions"),
    path("office/questions/ask/", questions.ask, name="office_questions_ask"),
]
