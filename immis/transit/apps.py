from django.apps import AppConfig


class TransitConfig(AppConfig):
    name = "immis.transit"
    label = "transit"
