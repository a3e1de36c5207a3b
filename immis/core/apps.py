from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "immis.core"
    label = "core"

    def ready(self) -> None:
        from immis.core.limits import watch

        watch()
