from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "immis.registry"
    label = "registry"
