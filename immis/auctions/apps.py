from django.apps import AppConfig


class AuctionsConfig(AppConfig):
    name = "immis.auctions"
    label = "auctions"

    def ready(self) -> None:
        from immis.auctions.services.defaults import keep_end
        from immis.leases.services import tell_of_ends

        tell_of_ends(keep_end)
