from django.apps import AppConfig


class LeasesConfig(AppConfig):
    name = "immis.leases"
    label = "leases"
