"""What every response of the page's server carries, and how large a request may be."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

LARGEST_REQUEST = 1_000_000
"""Bytes of a request's body, and of one message over the socket."""
LARGEST_HEADERS = 32_768
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' blob:; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self'; connect-src 'self' blob:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
)
"""Nothing from elsewhere, no inline handler, no eval, no frame around us. Inline scripts run only
with the nonce of their response; blob: is how Panel loads a component's module."""
FIXED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a link may hold a person's token
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SHARING = re.compile("^access-control-allow-", re.IGNORECASE)
"""What would let other sites read an answer: Bokeh offers its pages for embedding, we do not."""
_SCRIPT = re.compile(rb"<script(?=[\s>])")


def limits() -> dict[str, Any]:
    """How much a browser may send, as Bokeh's server takes it."""
    http = {
        "max_body_size": LARGEST_REQUEST, "max_buffer_size": 4 * LARGEST_REQUEST,
        "max_header_size": LARGEST_HEADERS,
    }  # fmt: skip
    return {"websocket_max_message_size": LARGEST_REQUEST, "http_server_kwargs": http}


class Headers(OutputTransform):
    """Puts the headers on every response, and the nonce into the scripts of a page.

    A page is sent without the texts of data, but for a few in its frame, which are escaped; these
    come over the socket. So every script tag in a response is the frame's own.
    """

    def __init__(self, request: HTTPServerRequest) -> None:
        super().__init__(request)

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Adds to the headers; the page itself comes as one chunk."""
        del finishing
        if "Content-Security-Policy" in headers:  # a plain page: its own, stricter, without nonces
            return status_code, headers, chunk
        nonce = secrets.token_urlsafe(16)
        for name in [name for name in headers if SHARING.match(name)]:
            del headers[name]
        for name, value in FIXED.items():
            headers[name] = value
        headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
        if headers.get("Content-Type", "").startswith("text/html"):
            chunk = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), chunk)
            headers["Cache-Control"] = "no-store"
            if "Content-Length" in headers:
                headers["Content-Length"] = str(len(chunk))
        return status_code, headers, chunk
