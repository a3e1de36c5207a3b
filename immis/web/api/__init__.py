"""The API under ``/api/v1/``: the same services as the pages, described by OpenAPI."""

from functools import cache, partial
from typing import Any

from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.params.models import ParamModel

from immis import __version__
from immis.core.clashes import refusal_of
from immis.core.errors import NotFound, NotPermitted, Refusal, TooMany
from immis.rules.writing.texts import text
from immis.web.api.answers import Unfit, finding_out

# there are two thousand shapes of bodies and answers: each is built when its address is first asked, not at the start
for shape in (Schema, *ParamModel.__subclasses__()):
    shape.model_config["defer_build"] = True
_make_shape = partial(Operation._create_response_model, None)  # type: ignore[arg-type]


@cache
def _answer_shape(answer: Any) -> Any:
    """The shape of an answer, made and described once: a refusal is the same at each call, and has five statuses."""
    made: Any = _make_shape(answer)
    if made is not None:
        made.model_json_schema = cache(made.model_json_schema)
    return made


Operation._create_response_model = lambda _call, answer: _answer_shape(answer)  # type: ignore[method-assign]


class _Api(NinjaAPI):
    """The API, which describes itself once: declarations do not change while it runs."""

    _described: Any = None

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        if path_prefix or path_params:
            return super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        self._described = self._described or super().get_openapi_schema()
        return self._described


api = _Api(title="IMMIS", version=__version__, urls_namespace="api", docs_url=None)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    results = [finding_out(finding) for finding in refusal.findings]
    if not isinstance(refusal, TooMany):
        return api.create_response(request, {"findings": results}, status=409)
    answer = api.create_response(request, {"findings": results}, status=429)
    answer["Retry-After"] = str(refusal.again_in_s)
    return answer


@api.exception_handler(Unfit)
def _cannot_be_taken(request: HttpRequest, unfit: Unfit) -> HttpResponse:
    fields = [{"field": name, "problem": words["en"], "message": words} for name, words in unfit.fields.items()]
    return api.create_response(request, {"findings": [], "fields": fields}, status=409)


@api.exception_handler(NotPermitted)
def _not_permitted(request: HttpRequest, error: NotPermitted) -> HttpResponse:
    status = 403 if request.actor.user_id else 401  # type: ignore[attr-defined]
    message = text("api/errors", "not-permitted")
    return api.create_response(request, {"error": "not-permitted", "message": message}, status=status)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = text("api/errors", "not-signed-in")
    return api.create_response(request, {"error": "not-signed-in", "message": message}, status=401)


@api.exception_handler(NotFound)
def _not_found(request: HttpRequest, error: NotFound) -> HttpResponse:
    message = text("api/errors", "not-found")
    return api.create_response(request, {"error": "not-found", "message": message}, status=404)


@api.exception_handler(ValidationError)
def _bad_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [{"field": ".".join(map(str, row["loc"])), "problem": row["msg"]} for row in error.errors]
    message = text("api/errors", "bad-input")
    return api.create_response(request, {"error": "bad-input", "message": message, "fields": fields}, status=422)


@api.exception_handler(DataError)
def _unfit(request: HttpRequest, error: DataError) -> HttpResponse:
    message = text("api/errors", "unfit")
    return api.create_response(request, {"error": "bad-input", "message": message}, status=422)


@api.exception_handler(IntegrityError)
def _not_kept(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    return _refused(request, refusal)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    message = text("api/errors", "bad-request") | {"en": str(error)}
    return api.create_response(request, {"error": "bad-request", "message": message}, status=error.status_code)


from immis.web.api import acts, auctions, challans, leases, registers, registry, things, weighbridges  # noqa: E402

for router in (
    registry.router,
    auctions.router,
    leases.router,
    challans.router,
    registers.router,
    acts.router,
    things.router,
    weighbridges.router,
):
    api.add_router("", router)
