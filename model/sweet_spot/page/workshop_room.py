"""What the pages of a workshop share: its file, its questions, who speaks, and where it listens."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.records import Question
from sweet_spot.page.forecast_published import Published, published
from sweet_spot.page.forecast_seeds import Seed
from sweet_spot.page.forecast_taking import Catalogue
from sweet_spot.page.store import Sheet, meta, same_token, sheet_of
from sweet_spot.page.web import Plain
from sweet_spot.page.workshop_group import Group, group_of
from sweet_spot.page.workshop_rounds import PHASE_NAMES, asked

PERSON, CHAIR = "sweet_spot_person", "sweet_spot_chair"
"""Names of the cookies that hold tokens."""


@dataclass(frozen=True)
class Room:
    """A workshop that is served.

    Attributes
    ----------
    base
        How its links begin: http://HOST:PORT.
    network
        Whether other machines can reach it.
    evidence
        What is published, which everybody may see from the discussion on.
    groups
        The groups of rounds that are over, which no longer change.
    kept
        What else was read once.
    """

    held: sqlite3.Connection
    folder: Path
    catalogue: Catalogue
    base: str
    network: bool
    evidence: Evidence
    groups: dict[tuple[str, tuple[int, ...]], Group] = field(default_factory=dict, repr=False)
    kept: dict[object, Any] = field(default_factory=dict, repr=False)

    @property
    def phase(self) -> str:
        """In which phase the workshop is."""
        return meta(self.held, "phase")

    def asked(self) -> dict[str, Question]:
        """The questions about the model, in their order."""
        return {
            name: self.catalogue.questions[name]
            for name in asked(self.held)
            if name in self.catalogue.questions
        }

    def calibration(self) -> dict[str, Seed]:
        """The seeds, in their order."""
        return {
            name: self.catalogue.seeds[name]
            for name in asked(self.held)
            if name in self.catalogue.seeds
        }

    def published(self, name: str) -> Published:
        """What others have published on a question."""
        if ("published", name) not in self.kept:
            found = published(self.catalogue.questions[name], self.evidence)
            self.kept["published", name] = found
        kept: Published = self.kept["published", name]
        return kept

    def group(self, name: str) -> Group:
        """The group on a question, of the rounds that are over."""
        rounds = (1, 2) if self.phase == "closed" else (1,)
        if (name, rounds) not in self.groups:
            self.groups[name, rounds] = group_of(self.held, self.catalogue.questions[name], rounds)
        return self.groups[name, rounds]


class InRoom(Plain):
    """A page of a workshop."""

    def initialize(self, room: Room) -> None:
        """Tornado gives what the routes hold."""
        self.room = room

    def always(self) -> dict[str, Any]:
        """What every page of the workshop says at its head."""
        phase = self.room.phase
        return {
            "network": self.room.network, "home": "/workshop", "phase": phase, "views": (),
            "phase_name": PHASE_NAMES[phase], "title": meta(self.room.held, "title"),
        }  # fmt: skip

    def person(self) -> Sheet:
        """Whose page it is, by the token in the cookie and by nothing else that is sent."""
        token = self.get_cookie(PERSON) or ""
        found = sheet_of(self.room.held, token) if token else None
        if found is None:
            raise HTTPError(
                HTTPStatus.FORBIDDEN,
                "Open the link that the chair gave you: it is yours alone and opens your form.",
            )
        return found

    def be_chair(self) -> None:
        """Refuses everybody but the chair."""
        kept = bytes.fromhex(meta(self.room.held, "chair"))
        if not same_token(self.get_cookie(CHAIR) or "", kept):
            raise HTTPError(
                HTTPStatus.FORBIDDEN, "Open the chair's link: it stands on the terminal."
            )

    def keep_token(self, name: str, token: str, to: str) -> None:
        """Puts a token into a cookie that no script can read, and out of the address bar."""
        self.set_cookie(name, token, httponly=True, samesite="Lax", path="/")
        self.redirect(to, status=HTTPStatus.SEE_OTHER)


class Join(InRoom):
    """A link, of a person or of the chair."""

    def get(self, token: str) -> None:
        """Opens whose link it is."""
        held = self.room.held
        if same_token(token, bytes.fromhex(meta(held, "chair"))):
            self.keep_token(CHAIR, token, "/chair")
        elif sheet_of(held, token) is not None:
            self.keep_token(PERSON, token, "/workshop")
        else:
            raise HTTPError(HTTPStatus.FORBIDDEN, "This link opens nothing: ask for another.")
