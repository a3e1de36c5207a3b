"""The addresses of the API, read when the first of them is asked for."""

from immis.web.api import api

urlpatterns = api.urls[0]
