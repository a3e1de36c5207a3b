"""What is no password, beyond Django's own checks: blanks, and one sign again and again."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_FEWEST_LETTERS = 10
_FEWEST_DIFFERENT = 5


class RealLetters:
    """At least ten signs that can be seen, five of them different."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError, worded for the reader."""
        seen = [sign for sign in password if sign.isprintable() and not sign.isspace()]
        if len(seen) < _FEWEST_LETTERS or len(set(seen)) < _FEWEST_DIFFERENT:
            raise ValidationError(self.get_help_text(), code="password_not_real")

    def get_help_text(self) -> str:
        return _("A password has at least ten letters, digits or signs besides blanks, five of them different.")
