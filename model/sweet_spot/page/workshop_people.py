"""The pages of a participant: their own form, and once a round is over the group without names."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from sweet_spot.errors import InvalidAnswer
from sweet_spot.page.forecast_file import Said, statement_of
from sweet_spot.page.forecast_forms import WAYS, clean_text
from sweet_spot.page.forecast_seeds import seed_view
from sweet_spot.page.forecast_taking import Place, onward, take
from sweet_spot.page.forecast_view import answer_view, form_view
from sweet_spot.page.store import (
    Closed,
    Fields,
    Sheet,
    answers,
    notes,
    put_note,
    put_working,
    working,
)
from sweet_spot.page.web import svg, today
from sweet_spot.page.workshop_room import InRoom
from sweet_spot.page.workshop_rounds import NOTES_IN, OPEN_GROUP, ROUND_OF, asked, forms_of

LONGEST_NOTE = 2000


class Start(InRoom):
    """What there is to do now."""

    def get(self) -> None:
        """The questions, and which of them are answered."""
        person, room = self.person(), self.room
        said = forms_of(room.held, person.id)
        round_ = ROUND_OF.get(room.phase, 0)
        questions = [
            (name, question.wording, (name, round_) in said, (name, 1) in said)
            for name, question in room.asked().items()
        ]
        seeds = [
            (name, seed.wording, (name, 1) in said) for name, seed in room.calibration().items()
        ]
        self.show(
            "workshop.html", who=person.name, questions=questions, round=round_,
            seeds=seeds if room.phase == "round1" else [],
        )  # fmt: skip


class Phase(InRoom):
    """In which phase the workshop is, for the script that says when it moves on."""

    def get(self) -> None:
        """The name of the phase."""
        self.person()
        self.finish({"phase": self.room.phase})


class Question(InRoom):
    """One question: the form while a round is on, the group once the first is over."""

    def get(self, name: str) -> None:
        """The form with what stands in it."""
        person = self.person()
        self._known(name)
        way = self.get_query_argument("how", "")
        fields = dict(self._held(person, name))
        self._page(person, name, fields | ({"how": way} if way in WAYS else {}))

    def post(self, name: str) -> None:
        """Takes an answer; what was typed is kept, whether or not it can be taken."""
        person, room = self.person(), self.room
        self._known(name)
        phase = room.phase
        if phase not in ROUND_OF or (name in room.catalogue.seeds and phase != "round1"):
            raise Closed("This round is closed: your answer was not taken.")
        place = Place(person.id, name, ROUND_OF[phase], phase)
        taken = take(self, room.held, place, room.catalogue)
        if taken.problems:
            self._page(person, name, taken.fields, taken.problems, status=422)
        else:
            self.redirect(f"/workshop/q/{name}", status=HTTPStatus.SEE_OTHER)

    def _known(self, name: str) -> None:
        if name not in {**self.room.asked(), **self.room.calibration()}:
            raise HTTPError(HTTPStatus.NOT_FOUND)

    def _held(self, person: Sheet, name: str) -> Fields:
        """What stands in a form: what was typed last, or else the answer, of round 1 at first."""
        round_ = ROUND_OF.get(self.room.phase, 2)
        said = forms_of(self.room.held, person.id)
        typed = working(self.room.held, person.id, name, round_)
        return typed or said.get((name, round_)) or said.get((name, 1)) or {}

    def _page(
        self,
        person: Sheet,
        name: str,
        fields: Fields,
        problems: Sequence[str] = (),
        status: int = 200,
    ) -> None:
        room, said = self.room, forms_of(self.room.held, person.id)
        round_ = ROUND_OF.get(room.phase, 0)
        own = said.get((name, 2)) or said.get((name, 1))
        is_seed = name in room.catalogue.seeds
        form = (
            seed_view(room.catalogue.seeds[name], fields)
            if is_seed
            else form_view(room.catalogue.questions[name], fields, today())
        )
        self.show(
            "question.html", status, who=person.name, form=form, problems=problems,
            open=round_ > 0 and not (is_seed and round_ > 1), round=round_,
            answered=(name, round_) in said, answer=self._own(own, name), back="/workshop",
            action=f"/workshop/q/{name}", keep=f"/workshop/working/{name}", group=self._group(name),
            note_action=f"/workshop/note/{name}",
            onward=onward("/workshop/q/", asked(room.held), {n for n, r in said if r == round_}),
        )  # fmt: skip

    def _own(self, fields: Fields | None, name: str) -> dict[str, Any] | None:
        """What one's own answer comes to; others' published ones only from the discussion on."""
        if fields is None or name in self.room.catalogue.seeds:
            return None
        question = self.room.catalogue.questions[name]
        statement = statement_of(fields, question, Said("x", today(), "x"))
        seen = self.room.published(name) if self.room.phase in OPEN_GROUP else None
        return answer_view(statement, question, seen)

    def _group(self, name: str) -> dict[str, Any] | None:
        """The group without names, once the first round is over."""
        room = self.room
        if room.phase not in OPEN_GROUP or name in room.catalogue.seeds:
            return None
        found = room.group(name)
        reasons = {
            a.fields["reason"]
            for a in answers(room.held)
            if a.question == name
            and a.fields.get("reason")
            and (a.round == 1 or room.phase == "closed")
        }
        return {
            "figure": svg(found.figure), "text": found.text, "reasons": sorted(reasons),
            "notes": [note.text for note in notes(room.held, name)],
            "can_note": room.phase in NOTES_IN,
        }  # fmt: skip


class Working(InRoom):
    """Keeps what is typed, so that a reload loses nothing."""

    def post(self, name: str) -> None:
        """Takes the fields as they stand."""
        person, room = self.person(), self.room
        if name not in {**room.asked(), **room.calibration()}:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        round_ = ROUND_OF.get(room.phase)
        if round_ is None:
            raise Closed("This round is closed: nothing was kept.")
        put_working(room.held, person.id, name, round_, self.fields())
        self.set_status(HTTPStatus.NO_CONTENT)


class Noted(InRoom):
    """A note for the discussion."""

    def post(self, name: str) -> None:
        """Takes a note, which all will see without a name."""
        person = self.person()
        if name not in self.room.asked():
            raise HTTPError(HTTPStatus.NOT_FOUND)
        text = clean_text(self.get_body_argument("note", ""), LONGEST_NOTE, "note")
        if not text:
            raise InvalidAnswer("note: is empty")
        put_note(self.room.held, person.id, name, text, NOTES_IN)
        self.redirect(f"/workshop/q/{name}#notes", status=HTTPStatus.SEE_OTHER)
