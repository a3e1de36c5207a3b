from django.apps import AppConfig


class WeighbridgesConfig(AppConfig):
    name = "immis.weighbridges"
    label = "weighbridges"
