from django.apps import AppConfig


class AuctionsConfig(AppConfig):
    name = "immis.auctions"
    label = "auctions"
