"""The pages and the API as a WSGI application."""

from django.core.wsgi import get_wsgi_application
from django.db import connection

from immis import setup_django
from immis.core.access.turns import in_turns
from immis.private import require_private_data
from immis.rules.catalogue import load_all
from immis.rules.policy import book
from immis.rules.posts import chart

require_private_data()
setup_django()
application = get_wsgi_application()
if connection.vendor == "sqlite":
    application = in_turns(application)
book(), chart(), load_all()  # law and posts are read before the first question, not with it
