from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "immis.ledger"
    label = "ledger"
