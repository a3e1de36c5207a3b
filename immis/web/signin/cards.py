"""The card by which a party proves its PAN, as sign-up and the account ask for it."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.registry.selectors import working_districts
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.uploads import DocumentField


def _districts() -> list[tuple[str, str]]:
    """The districts that work; of several none is chosen for who hands the card in."""
    known = [(name, district_name(name, wording.lang())) for name in working_districts()]
    return [("", _("Choose the district")), *known] if len(known) > 1 else known


class CardForm(forms.Form):
    """The PAN card, and the district whose office looks at it."""

    district = forms.ChoiceField(label=gettext_lazy("District whose office looks at it"), choices=_districts)
    card = DocumentField(label=gettext_lazy("PAN card"))
