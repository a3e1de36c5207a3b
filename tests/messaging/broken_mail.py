"""A mail service that is away for one address."""

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        for message in email_messages:
            if "bidder@example.org" in message.to:
                raise ConnectionRefusedError("the mail service is away")
        return len(email_messages)
