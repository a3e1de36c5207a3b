from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "immis.enforcement"
    label = "enforcement"
