from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "immis.web"
    label = "web"
