"""The API under ``/api/v1/``: the same services as the pages, described by OpenAPI."""

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from immis import __version__
from immis.core.errors import NotFound, NotPermitted, Refusal, TooMany
from immis.rules.policy import LANGUAGES
from immis.web.shell import wording

api = NinjaAPI(title="IMMIS", version=__version__, urls_namespace="api", docs_url=None)


def _both(finding: object) -> dict[str, str]:
    words = {}
    for lang in LANGUAGES:
        with translation.override(lang):
            words[lang] = wording.say(finding)
    return words


def _words(english: str, hindi: str) -> dict[str, str]:
    return {"en": english, "hi": hindi}


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    found = [
        {"code": finding.code, "message": _both(finding), "facts": {k: str(v) for k, v in finding.facts.items()}}
        for finding in refusal.findings
    ]
    if not isinstance(refusal, TooMany):
        return api.create_response(request, {"findings": found}, status=409)
    answer = api.create_response(request, {"findings": found}, status=429)
    answer["Retry-After"] = str(refusal.again_in_s)
    return answer


@api.exception_handler(NotPermitted)
def _not_permitted(request: HttpRequest, error: NotPermitted) -> HttpResponse:
    status = 403 if request.actor.user_id else 401  # type: ignore[attr-defined]
    message = _words("This is not open to your post.", "यह आपके पद के लिए नहीं खुला है।")
    return api.create_response(request, {"error": "not-permitted", "message": message}, status=status)


@api.exception_handler(NotFound)
def _not_found(request: HttpRequest, error: NotFound) -> HttpResponse:
    message = _words("There is no such record.", "ऐसा कोई अभिलेख नहीं है।")
    return api.create_response(request, {"error": "not-found", "message": message}, status=404)


@api.exception_handler(ValidationError)
def _bad_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [{"field": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in error.errors]
    message = _words("The request lacks a field or holds a wrong one.", "अनुरोध में कोई क्षेत्र नहीं है या गलत है।")
    return api.create_response(request, {"error": "bad-input", "message": message, "fields": fields}, status=422)


@api.exception_handler(DataError)
def _unfit(request: HttpRequest, error: DataError) -> HttpResponse:
    message = _words("The records cannot hold what was sent.", "भेजी गई जानकारी अभिलेख में नहीं रखी जा सकती।")
    return api.create_response(request, {"error": "bad-input", "message": message}, status=422)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    message = _words(str(error), "अनुरोध पढ़ा नहीं जा सका।")
    return api.create_response(request, {"error": "bad-request", "message": message}, status=error.status_code)


from immis.web.api import auctions, challans, leases, registers, registry  # noqa: E402

for router in (registry.router, auctions.router, leases.router, challans.router, registers.router):
    api.add_router("", router)
