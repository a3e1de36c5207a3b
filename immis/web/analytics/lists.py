"""Where questions over months stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (Way("office_questions", _("Questions"), "officer.boards", 20, parts={"office_questions_ask": _("Ask")}),)
