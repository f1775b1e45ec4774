"""Plain pages beside Panel: HTML from templates that escape every text, forms, no inline scripts.

Forms are server-rendered because fifty people on two cores need nothing more than a form and a
commit each, and because such pages work by keyboard, with a screen reader and without JavaScript.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from tornado.web import HTTPError, RequestHandler

from sweet_spot.errors import SweetSpotError
from sweet_spot.page.forecast_forms import clean_fields
from sweet_spot.page.headers import FIXED

HERE = Path(__file__).resolve().parent
LARGEST_FORM = 65_536
"""Bytes of a request's body."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline and nothing from elsewhere: a script that came in with an answer would not run."""
FORGERY: Mapping[str, Any] = {
    "xsrf_cookie_name": "sweet_spot_xsrf",  # other servers on this host have their own `_xsrf`
    "xsrf_cookie_kwargs": {"httponly": True, "samesite": "Lax"},
}
"""How Tornado keeps the mark by which a form of ours is known."""
ASSETS: Mapping[str, str] = {"forms.css": "text/css", "forms.js": "text/javascript"}

REASONS: Mapping[int, str] = {403: "Not open to you", 404: "Not found", 409: "Not done"}
"""What heads a page that refuses something, where HTTP's own phrase means nothing to people."""

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def today() -> dt.date:
    """The day that stands in a statement made now."""
    return dt.date.today()


class Plain(RequestHandler):
    """What all plain pages share: headers, size, forgery checks, errors as pages."""

    def set_default_headers(self) -> None:
        """The headers of every response, errors too."""
        for name, value in FIXED.items():
            self.set_header(name, value)
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuses what is too large, and forms that are not from a page of ours."""
        self.settings.update(FORGERY)
        if len(self.request.body) > LARGEST_FORM:
            raise HTTPError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.request.method == "POST":
            self.check_xsrf_cookie()

    def fields(self) -> dict[str, str]:
        """The fields of the form that was sent; raises InvalidAnswer."""
        return clean_fields(self.sent())

    def sent(self) -> list[tuple[str, str]]:
        """All names and values of the form that was sent, as they came."""
        return [
            (name, value.decode("utf-8", "replace"))
            for name, values in self.request.body_arguments.items()
            for value in values
        ]

    def nonce(self) -> str:
        """The mark of the form that was sent, by which a repetition is known."""
        return self.get_body_argument("nonce", "")[:64]

    def show(self, template: str, status: int = 200, **values: Any) -> None:
        """Answers with a page."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        token = self.xsrf_token.decode()  # also sets the cookie
        values |= {"xsrf": token, "nonce": secrets.token_hex(16), **self.always()}
        self.finish(_templates.get_template(template).render(values))

    def always(self) -> dict[str, Any]:
        """What every page of a kind is told."""
        return {"network": False, "home": "/", "views": ()}

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error as a page; of ours its message, of others only the kind."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        reason = REASONS.get(status_code, HTTPStatus(status_code).phrase)
        told = kwargs.get("told") or str(getattr(error, "log_message", "") or reason)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        told = told[:1].upper() + told[1:]
        page = _templates.get_template("refused.html")
        self.finish(page.render({"told": told, "reason": reason, **self.always()}))

    def _handle_request_exception(self, e: BaseException) -> None:
        """An error of ours is something that the person can mend, and no failure of the server."""
        if isinstance(e, SweetSpotError) and not self._finished:
            self.send_error(HTTPStatus.CONFLICT, told=str(e))
        else:
            super()._handle_request_exception(e)


class Asset(Plain):
    """The style sheet and the script of the forms: two files by name, and no others."""

    def get(self, name: str) -> None:
        """Sends a file."""
        if name not in ASSETS:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", f"{ASSETS[name]}; charset=utf-8")
        self.finish((HERE / "static" / name).read_bytes())


class NotFound(Plain):
    """Every other address."""

    def prepare(self) -> None:
        """There is nothing here, whatever is sent."""
        raise HTTPError(HTTPStatus.NOT_FOUND)


def rendered(template: str, **values: Any) -> str:
    """A template as text, every value escaped."""
    return _templates.get_template(template).render(values)


def svg(text: str) -> Markup:
    """A figure of forecast_svg.py, which has escaped its texts."""
    return Markup(text)
