"""The address to which gateways report what became of SMS (NIC, and others that call)."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from immis import clock
from immis.adapters.sms.nic import read_report
from immis.messaging import services
from immis.messaging.gateways import sms_vendor
from immis.web.shell.views import page


@csrf_exempt
@require_POST
@page()
def report(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a report; 404 without the key of the settings, 400 for what names no SMS. The same report twice is one."""
    own = settings.SMS_REPORT_KEY
    if not own or not hmac.compare_digest(key.encode(), own.encode()):
        raise Http404
    told = read_report({name: str(value) for name, value in request.POST.items()})
    if told is None:
        return HttpResponse("needs an id and a status", status=400, content_type="text/plain")
    services.note_report(told, vendor=sms_vendor(), at=clock.now())
    return HttpResponse("kept", content_type="text/plain")
