"""The pages and the API as a WSGI application."""

from django.core.wsgi import get_wsgi_application
from django.db import connection

from immis import setup_django
from immis.core.turns import in_turns
from immis.private import require_private_data
from immis.rules.catalogue import load_all
from immis.rules.policy import book

require_private_data()
setup_django()
application = get_wsgi_application()
if connection.vendor == "sqlite":
    application = in_turns(application)
book(), load_all()  # the law is read before the first question, not with it
