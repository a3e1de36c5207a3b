"""All addresses, one list for each part of the web layer."""

from django.urls import include, path

from immis.web.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("immis.web.urls.shell")),
    path("", include("immis.web.urls.auctions")),
    path("", include("immis.web.urls.leases")),
    path("", include("immis.web.urls.money")),
    path("", include("immis.web.urls.challans")),
    path("", include("immis.web.urls.tracking")),
    path("", include("immis.web.urls.enforcement")),
    path("", include("immis.web.urls.questions")),
    path("", include("immis.web.urls.registers")),
]

handler400 = "immis.web.public.errors.bad_request"
handler403 = "immis.web.public.errors.forbidden"
handler404 = "immis.web.public.errors.not_found"
handler500 = "immis.web.public.errors.server_error"
