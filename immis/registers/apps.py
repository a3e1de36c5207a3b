from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RegistersConfig(AppConfig):
    name = "immis.registers"

    def ready(self) -> None:
        autodiscover_modules("entries")  # what each domain adds to the acts of registers
