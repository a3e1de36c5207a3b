from django.apps import AppConfig


class ChallansConfig(AppConfig):
    name = "immis.challans"
    label = "challans"
