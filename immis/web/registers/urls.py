"""Declared registers: lists, forms, entries, duties, figures, imports, and what anybody may see."""

from django.urls import path

from immis.web.registers import imports, office, public

urlpatterns = [
    path("registers/", office.index, name="registers"),
    path("registers/<slug:name>/", office.entries, name="register"),
    path("registers/<slug:name>/new/<slug:act>/", office.new, name="register_new"),
    path("registers/<slug:name>/import/", imports.take_in, name="register_import"),
    path("registers/<slug:name>/duties/", office.duties, name="register_duties"),
    path("registers/<slug:name>/figures/", office.figures, name="register_figures"),
    path("registers/<slug:name>/public/", public.entries, name="register_public"),
    path("entries/<slug:number>/", office.entry, name="entry"),
    path("entries/<slug:number>/acts/<slug:act>/", office.change, name="entry_act"),
    path("entries/<slug:number>/files/<slug:field>", office.file, name="entry_file"),
]
