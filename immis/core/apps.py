from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from immis import ordering
from immis.core import transactions
from immis.core.written import marks

transactions.install()  # before the services of any app are imported
ordering.install()
marks.install()


class CoreConfig(AppConfig):
    name = "immis.core"
    label = "core"

    def ready(self) -> None:
        from immis.core.limits import watch

        watch()
        autodiscover_modules("nouns")  # of all domains, before anything is declared beside one
        autodiscover_modules("acts", "events", "readiness")
