"""Where rules, rates and posts stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way("law", _("Rules and rates"), "officer.office", 100, record=("law_code", "law_topic")),
    Way("decisions", _("Decisions of rules"), "officer.office", 105, record=("decision",)),
    Way("law_trial", _("Try a draft figure"), "officer.office", 106),
    Way("office_posts", _("Posts and grants"), "officer.office", 110),
    Way("law", _("Rules and rates"), "party.firm", 90, record=("law_code", "law_topic")),
    Way("law", _("Rules and rates"), "public.law", 10, record=("law_code", "law_topic")),
)
