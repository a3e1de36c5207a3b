from django.apps import AppConfig


class HoldsConfig(AppConfig):
    name = "immis.holds"
    label = "holds"
