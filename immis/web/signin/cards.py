"""The card by which a party proves its PAN, as sign-up and the account ask for it."""

from django import forms
from django.utils.translation import gettext_lazy

from immis.registry.selectors import working_districts
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.uploads import DocumentField


def _districts() -> list[tuple[str, str]]:
    return [(name, district_name(name, wording.lang())) for name in working_districts()]


class CardForm(forms.Form):
    """The PAN card, and the district whose office looks at it."""

    district = forms.ChoiceField(label=gettext_lazy("District whose office looks at it"), choices=_districts)
    card = DocumentField(label=gettext_lazy("PAN card"))
