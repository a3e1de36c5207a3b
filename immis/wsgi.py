"""The pages and the API as a WSGI application."""

from django.core.wsgi import get_wsgi_application

from immis import setup_django

setup_django()
application = get_wsgi_application()
