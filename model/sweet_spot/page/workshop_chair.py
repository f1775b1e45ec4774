"""The pages of the chair: questions, people and their links, progress, rounds, results.

The chair sees who has answered, never what: from the discussion on the group without names, as
everybody does. The names stand in the file that comes out at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from sweet_spot.errors import InvalidAnswer
from sweet_spot.page.store import meta, new_token, sheets
from sweet_spot.page.web import svg
from sweet_spot.page.workshop_results import write_results
from sweet_spot.page.workshop_room import InRoom
from sweet_spot.page.workshop_rounds import (
    OPEN_GROUP,
    PHASE_NAMES,
    PHASES,
    advance,
    arrange,
    asked,
    invite,
    progress,
)

MOST_PASTED = 20_000
"""Characters of names that are pasted at once."""


class Chair(InRoom):
    """All of the chair's work on one page."""

    def always(self) -> dict[str, Any]:
        """As for everybody; only that the chair's start is here."""
        return super().always() | {"home": "/chair"}

    def get(self) -> None:
        """How it stands."""
        self.be_chair()
        self._page()

    def post(self) -> None:
        """Does what one of the forms on the page asks for."""
        self.be_chair()
        steps: Mapping[str, Callable[[], dict[str, Any] | None]] = {
            "arrange": self._arrange, "invite": self._invite, "renew": self._renew,
            "advance": self._advance, "write": self._write,
        }  # fmt: skip
        name = self.get_body_argument("step", "")
        step = steps.get(name)
        if step is None:
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        try:
            if name in ("invite", "advance") and self._sends_questions():
                self._arrange()  # whichever button it was: nothing that was ticked is lost
            shown = step()
        except InvalidAnswer as error:
            self._page(status=422, problems=str(error).splitlines())
            return
        if shown is None:
            self.redirect("/chair", status=HTTPStatus.SEE_OTHER)
        else:
            self._page(**shown)

    def _sends_questions(self) -> bool:
        return self.room.phase == "setup" and "title" in self.request.body_arguments

    def _typed(self, taken: bool) -> dict[str, Any]:
        """What stands in the form: what is kept, or what was sent and could not be taken."""
        if taken or not self._sends_questions():
            title, chosen = meta(self.room.held, "title"), list(asked(self.room.held))
        else:
            title = self.get_body_argument("title")
            chosen = self.get_body_arguments("question")
        names = "" if taken else self.get_body_argument("names", "")
        return {"title": title, "chosen": chosen, "names": names}

    def _arrange(self) -> None:
        chosen = self.get_body_arguments("question")
        known = [
            n
            for n in chosen
            if n in self.room.catalogue.questions or n in self.room.catalogue.seeds
        ]
        arrange(self.room.held, self.get_body_argument("title", ""), known)

    def _invite(self) -> dict[str, Any]:
        text = self.get_body_argument("names", "")
        if len(text) > MOST_PASTED:
            raise InvalidAnswer("names: too many at once")
        made = invite(self.room.held, text.replace("\r", "").split("\n"))
        return {"links": {name: self._link(token) for name, token in made.items()}}

    def _renew(self) -> dict[str, Any]:
        """Another link for somebody whose link is lost or in wrong hands."""
        wanted = self.get_body_argument("sheet", "")
        person = next((s for s in sheets(self.room.held) if str(s.id) == wanted), None)
        if person is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        return {"links": {person.name: self._link(new_token(self.room.held, person.id))}}

    def _advance(self) -> dict[str, Any] | None:
        if advance(self.room.held, self.get_body_argument("seen", "")) != "closed":
            return None
        _, problems = write_results(self.room)
        return {"problems": problems} if problems else None

    def _write(self) -> dict[str, Any]:
        if self.room.phase != "closed":
            raise InvalidAnswer("the workshop is not closed yet")
        written, problems = write_results(self.room)
        return {"written": [str(path) for path in written], "problems": problems}

    def _link(self, token: str) -> str:
        return f"{self.room.base}/join/{token}"

    def _page(
        self,
        status: int = 200,
        problems: list[str] | None = None,
        links: Mapping[str, str] | None = None,
        written: list[str] | None = None,
    ) -> None:
        room, phase = self.room, self.room.phase
        groups = [
            (question.wording, room.group(name).text, svg(room.group(name).figure))
            for name, question in (room.asked() if phase in OPEN_GROUP else {}).items()
        ]
        self.show(
            "chair.html", status, problems=problems or [], links=links or {},
            people=progress(room.held), typed=self._typed(status == HTTPStatus.OK),
            topics=self._topics(), fixed=self._fixed(),
            seeds=list(room.catalogue.seeds.values()), groups=groups,
            written=written or self._there(), following=_following(phase),
        )  # fmt: skip

    def _there(self) -> list[str]:
        folder = self.room.folder / "results"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [str(path) for path in found if not path.name.startswith(".")]

    def _fixed(self) -> list[str]:
        """What is asked, in words, for a chair who can no longer change it."""
        questions, seeds = self.room.asked().values(), self.room.calibration().values()
        return [question.wording for question in questions] + [seed.wording for seed in seeds]

    def _topics(self) -> dict[str, list[Any]]:
        """The questions of the catalogue by topic; none once they are fixed."""
        found: dict[str, list[Any]] = {}
        if self.room.phase == "setup":
            for question in self.room.catalogue.questions.values():
                found.setdefault(question.topic, []).append(question)
        return found


def _following(phase: str) -> str:
    """What the next phase is called; empty at the end."""
    at = PHASES.index(phase)
    return PHASE_NAMES[PHASES[at + 1]] if at + 1 < len(PHASES) else ""
