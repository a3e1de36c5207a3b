from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "immis.messaging"
    label = "messaging"
