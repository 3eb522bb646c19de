"""The site: templates, static files and the security headers of every page."""

from __future__ import annotations

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


@web.middleware
async def security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the security headers on every answer, errors as well."""
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        refused.headers.update(HEADERS)
        raise
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


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
        return True
    own = {f"{request.scheme}://{request.host}"}
    return origin in own | ({public_url} if public_url else set())


def application() -> web.Application:
    """The outer application: headers for every page, the static files, health, and the way to the chat."""
    app = web.Application(middlewares=[security_headers])
    app.router.add_get("/static/{name}", static)
    app.router.add_get("/", _to_the_chat)
    return app


async def _to_the_chat(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/chat/")
