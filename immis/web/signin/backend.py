"""Who a session belongs to."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AbstractUser

from immis.registry.people.persons import person_of


class Backend(AuthenticationBackend):
    """Signs in as allauth does; the person of a session is read as ``registry`` reads them."""

    def get_user(self, user_id: int) -> AbstractUser | None:
        """The person, None for one who is gone or may not log in."""
        person = person_of(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
