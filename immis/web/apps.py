from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "immis.web"
    label = "web"

    def ready(self) -> None:
        from immis.web.signin import sessions  # noqa: F401  its receiver notes every sign-in, the first one too
