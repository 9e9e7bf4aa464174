"""The ASGI application: routes, and what becomes of errors."""

from collections.abc import Awaitable, Callable, Collection

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder.http.guard import App, Guard
from rejoinder.http.limits import Limits
from rejoinder.http.refusals import Refused
from rejoinder.http.serving import Serving, failed


def application(serving: Serving, *, hosts: Collection[str], limits: Limits) -> App:
    """The application. `hosts`: the names that it answers to, beside those of this machine."""
    routes = [
        Route("/agent", _answered(serving.agent), methods=["POST"]),
        Route("/agent/health", _answered(serving.health), methods=["GET"]),
        Route("/health", _answered(serving.health), methods=["GET"]),
        Route("/openapi.json", _answered(serving.openapi), methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_here})
    app.router.redirect_slashes = False
    return Guard(app, hosts=hosts, send_seconds=limits.send_seconds)


_Endpoint = Callable[[Request], Awaitable[Response]]


def _answered(endpoint: _Endpoint) -> _Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return _refusal(refused)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            return _refusal(failed(error))

    return answer


async def _not_here(request: Request, error: Exception) -> Response:
    """No such path, or not with that method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    if error.status_code == 405:
        refused = Refused(405, "method_not_allowed", "Not with that method.", "`POST /agent` asks a question.")
    else:
        refused = Refused(404, "not_found", "There is nothing here.", "`POST /agent` asks a question.")
    response = _refusal(refused)
    response.headers.update(error.headers or {})
    return response


def _refusal(refused: Refused) -> Response:
    body = orjson.dumps(refused.wire())
    return Response(body, status_code=refused.status, headers=refused.headers, media_type="application/json")
