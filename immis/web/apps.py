from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "immis.web"
    label = "web"

    def ready(self) -> None:
<<<<<<< HEAD
        from immis.web import sessions  # noqa: F401  its receiver notes every sign-in, the first one too
=======
        from immis.web import sessions  # noqa: F401  its receiver notes when a sign-in begins
>>>>>>> 61fc54e66df5038efa20aa467672d4682c01cc68
