from django.apps import AppConfig


class DirectionsConfig(AppConfig):
    name = "immis.directions"
    label = "directions"
