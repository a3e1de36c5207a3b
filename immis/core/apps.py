from django.apps import AppConfig

from immis.core.transactions import install

install()  # before the services of any app are imported


class CoreConfig(AppConfig):
    name = "immis.core"
    label = "core"

    def ready(self) -> None:
        from immis.core.acts import discover
        from immis.core.limits import watch

        watch()
        discover()
