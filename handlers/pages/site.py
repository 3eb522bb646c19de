"""The site: templates, static files, the security headers of every page, and the patience with slow requests."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FileSystemLoader, StrictUndefined

PAGES = Path(__file__).parent
STATIC = PAGES / "static"

# Nothing from elsewhere, nothing inline, no framing (OWASP ASVS 5, chapter 3).
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
}
# A body is looked at so often, in seconds, and must have brought so many bytes each time; a bad line brings far more.
LOOK_SECONDS = 20.0
LEAST_BYTES = 10_000
# The bytes of any request; each door has a far lower limit of its own, but a form has places that no door counts.
MOST_BYTES = 64 * 1024**2
# A static file's address carries its content's hash, so it may be kept for a year.
FOREVER = "public, max-age=31536000, immutable"

templates = Environment(
    loader=FileSystemLoader(PAGES / "templates"), autoescape=True, undefined=StrictUndefined, enable_async=False
)


def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return f"/static/{name}?v={_digest(name)}"


def _digest(name: str) -> str:
    if name not in _digests:
        _digests[name] = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return _digests[name]


_digests: dict[str, str] = {}
templates.globals["asset"] = asset


class TooSlow(ConnectionError):
    """The body of a request comes so slowly, or goes on so long, that nobody waits for the rest."""


async def security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer, also on those that an error leads to."""
    response.headers.update(HEADERS)


@web.middleware
async def patience(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give up a body that drips or never ends, so that nobody holds connections for nothing; a cut line is no error."""
    # A small body is there with its head, and costs nothing here.
    watch = None if request.content.is_eof() else asyncio.create_task(_watch(request))
    try:
        return await handler(request)
    except TooSlow:
        return _hang_up(request, 408)
    except web.RequestPayloadError:
        # Packed or cut into pieces in another way than it says.
        return _hang_up(request, 400)
    except ConnectionResetError:
        # Whoever wrote is gone; the answer reaches nobody.
        return web.Response(status=400)
    finally:
        if watch:
            watch.cancel()


def _hang_up(request: web.Request, status: int) -> web.Response:
    """Refuse a request whose body cannot be read to its end, and close the line after it."""
    refused = web.Response(status=status)
    refused.force_close()
    # Else the library would go on reading, and log as an error that it cannot.
    request.content.feed_eof()
    return refused


async def _watch(request: web.Request) -> None:
    """Break the reading of a body that has brought too little since it was last looked at, or too much in all."""
    seen = 0
    while not request.content.is_eof():
        await asyncio.sleep(LOOK_SECONDS)
        if not seen + LEAST_BYTES <= request.content.total_bytes <= MOST_BYTES:
            break
        seen = request.content.total_bytes
    if not request.content.is_eof():
        request.content.set_exception(TooSlow())


async def static(request: web.Request) -> web.StreamResponse:
    """One of the site's own files."""
    name = request.match_info["name"]
    if name not in STATIC_FILES:
        raise web.HTTPNotFound
    return web.FileResponse(STATIC / name, headers={"Cache-Control": FOREVER})


# Named once at the start, so that no request can name another file.
STATIC_FILES = frozenset(path.name for path in STATIC.iterdir() if path.is_file())


def same_origin(request: web.Request, public_url: str | None) -> bool:
    """Whether a request that changes something comes from our own pages, or from a program that names no origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        # Browsers that leave the origin out still say where a request comes from; programs say neither.
        return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    own = {f"{request.scheme}://{request.host}"}
    return origin in own | ({public_url} if public_url else set())


def application() -> web.Application:
    """The outer application: headers for every page, the static files, health, and the way to the chat."""
    app = web.Application(middlewares=[patience])
    app.on_response_prepare.append(security_headers)
    app.router.add_get("/static/{name}", static)
    app.router.add_get("/", _to_the_chat)
    return app


async def _to_the_chat(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/chat/")
