from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "immis.tracking"
    label = "tracking"
