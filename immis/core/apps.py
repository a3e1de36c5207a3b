from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "immis.core"
    label = "core"
