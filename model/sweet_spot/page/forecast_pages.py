"""The pages on which a person gives forecasts: choose, answer, see what it says, save a file."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from sweet_spot.errors import InvalidAnswer, SweetSpotError
from sweet_spot.evidence.importers.writing import as_yaml
from sweet_spot.evidence.records import ElicitationFile
from sweet_spot.page.forecast_file import (
    Said,
    cluster_in,
    contradictions_in,
    errors_in,
    file_name,
    own_file,
    save,
    statement_of,
    write_all,
)
from sweet_spot.page.forecast_forms import WAYS, clean_name
from sweet_spot.page.forecast_published import published
from sweet_spot.page.forecast_room import Recommended, Study, some_seeds
from sweet_spot.page.forecast_seeds import held, seed_view, tables
from sweet_spot.page.forecast_taking import Place, onward, take
from sweet_spot.page.forecast_view import answer_view, form_view
from sweet_spot.page.store import (
    Fields,
    Sheet,
    answers,
    new_sheet,
    put_working,
    sheet_of,
    working,
)
from sweet_spot.page.web import Plain, today

MOST_QUESTIONS = 60


class InStudy(Plain):
    """A page of the study."""

    def initialize(self, study: Study) -> None:
        """Tornado gives what the routes hold."""
        self.study = study

    def always(self) -> dict[str, Any]:
        """What every page of the study says at its head."""
        return {"network": False, "home": "/", "views": self.study.views}

    def prepare(self) -> None:
        """Refuses other names of this machine, behind which another site could stand."""
        if self.study.hosts and self.request.host not in self.study.hosts:
            raise HTTPError(HTTPStatus.FORBIDDEN)
        super().prepare()

    def sheet(self, token: str) -> Sheet:
        """The draft that a token in the address opens."""
        found = sheet_of(self.study.held, token)
        if found is None:
            raise HTTPError(HTTPStatus.NOT_FOUND, "There is no such draft on this machine.")
        return found

    def forms(self, sheet: Sheet) -> dict[str, Fields]:
        """What has been answered, in the order in which it is asked."""
        said = {a.question: a.fields for a in answers(self.study.held, sheet.id)}
        return {name: said[name] for name in sheet.questions if name in said}

    def file(self, sheet: Sheet) -> ElicitationFile:
        """The answers to questions about the model as a file; raises InvalidAnswer."""
        questions = self.study.catalogue.questions
        said = {n: f for n, f in self.forms(sheet).items() if n in questions}
        if not said:
            raise InvalidAnswer("There is no answer to a question about the model yet.")
        cluster = cluster_in(self.study.evidence, sheet.name)
        return own_file(said, questions, sheet.name, today(), cluster)


class Start(InStudy):
    """Who you are, and which questions."""

    def get(self) -> None:
        """The form."""
        self._page()

    async def post(self) -> None:
        """Recommends questions, or begins a draft."""
        if self.get_body_argument("step", "") == "recommend":
            await self._recommend()
            return
        try:
            name = clean_name(self.get_body_argument("name", ""))
            chosen = [q for q in self.get_body_arguments("question") if self._known(q)]
            if not 1 <= len(chosen) <= MOST_QUESTIONS:
                raise InvalidAnswer(f"questions: choose 1 to {MOST_QUESTIONS}")
        except InvalidAnswer as error:
            self._page(problems=[str(error)], status=422)
            return
        if self.get_body_argument("seeds", ""):
            chosen += some_seeds(self.study.catalogue)
        token = new_sheet(self.study.held, name, list(dict.fromkeys(chosen)))
        self.redirect(f"/forecast/{token}", status=HTTPStatus.SEE_OTHER)

    async def _recommend(self) -> None:
        name = " ".join(self.get_body_argument("name", "").split())
        try:
            found = await self.study.slowly(lambda: self.study.recommended(name))
        except SweetSpotError as error:
            self._page(problems=[f"Nothing can be recommended: {error}"], status=422)
            return
        self._page(recommended=found)

    def _known(self, name: str) -> bool:
        return name in self.study.catalogue.questions

    def _page(
        self,
        problems: list[str] | None = None,
        recommended: tuple[Recommended, ...] = (),
        status: int = 200,
    ) -> None:
        topics: dict[str, list[Any]] = {}
        for question in self.study.catalogue.questions.values():
            topics.setdefault(question.topic, []).append(question)
        chosen = {*self.get_body_arguments("question"), *(r.id for r in recommended)}
        self.show(
            "forecast_start.html", status, topics=topics, problems=problems or [],
            recommended=[(self.study.catalogue.questions[r.id], r.why) for r in recommended],
            chosen=chosen, name=self.get_body_argument("name", ""),
            seeds=len(self.study.catalogue.seeds),
        )  # fmt: skip


class Draft(InStudy):
    """All questions of a draft, what they say together, and the way out."""

    def get(self, token: str) -> None:
        """The list, and what the answers say together."""
        self._page(token)

    def post(self, token: str) -> None:
        """Saves the answers into a file that `check` accepts, and nothing else."""
        sheet, study = self.sheet(token), self.study
        name = file_name(f"{sheet.name}-{today().isoformat()}")
        if self.get_body_argument("step", "") == "calibration":
            pairs = [(sheet.name, a) for a in answers(study.held, sheet.id)]
            found = tables(pairs, study.catalogue.seeds)
            if not found:
                raise InvalidAnswer("No calibration question is answered yet.")
            folder = study.folder / f"calibration-{name}"
            write_all(folder, found)
            self._page(token, saved=str(folder))
            return
        file = self.file(sheet)
        problems = errors_in(file, study.catalogue.data, today())
        if problems:
            self._page(token, problems=problems)
            return
        self._page(token, saved=str(save(file, study.folder, name)))

    def _page(self, token: str, saved: str = "", problems: tuple[str, ...] = ()) -> None:
        sheet, catalogue = self.sheet(token), self.study.catalogue
        said = self.forms(sheet)
        asked = [
            (n, catalogue.questions[n].wording if n in catalogue.questions else
             catalogue.seeds[n].wording, n in said, n in catalogue.seeds)
            for n in sheet.questions if n in catalogue.questions or n in catalogue.seeds
        ]  # fmt: skip
        about = [n for n in said if n in catalogue.questions]
        seeds = [a for a in answers(self.study.held, sheet.id) if a.question in catalogue.seeds]
        self.show(
            "forecast.html", who=sheet.name, token=token, asked=asked, saved=saved,
            problems=problems, answered=len(about), seeds=len(seeds),
            calibrated=held(seeds, catalogue.seeds) if saved else "",
            contradictions=contradictions_in(self.file(sheet), catalogue.data) if about else (),
            folder=str(self.study.folder),
        )  # fmt: skip


class Question(InStudy):
    """One question of a draft."""

    def get(self, token: str, name: str) -> None:
        """The form, and once it is answered what the answer says."""
        sheet = self._asked(token, name)
        typed = working(self.study.held, sheet.id, name, 1)
        way = self.get_query_argument("how", "")
        fields = dict(typed or self.forms(sheet).get(name) or {})
        self._page(token, sheet, name, fields | ({"how": way} if way in WAYS else {}))

    def post(self, token: str, name: str) -> None:
        """Takes an answer."""
        sheet = self._asked(token, name)
        taken = take(self, self.study.held, Place(sheet.id, name), self.study.catalogue)
        if taken.problems:
            self._page(token, sheet, name, taken.fields, taken.problems, status=422)
        else:
            self.redirect(f"/forecast/{token}/q/{name}", status=HTTPStatus.SEE_OTHER)

    def _asked(self, token: str, name: str) -> Sheet:
        sheet = self.sheet(token)
        if name not in sheet.questions:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        return sheet

    def _page(
        self, token: str, sheet: Sheet, name: str, fields: Fields,
        problems: tuple[str, ...] = (), status: int = 200,
    ) -> None:  # fmt: skip
        catalogue, own = self.study.catalogue, self.forms(sheet).get(name)
        seed, question = catalogue.seeds.get(name), catalogue.questions.get(name)
        if question is None and seed is None:
            raise HTTPError(HTTPStatus.NOT_FOUND, "This question is no longer in the data folder.")
        answer = None
        if own is not None and question is not None:
            statement = statement_of(own, question, Said(sheet.name, today(), "x"))
            answer = answer_view(statement, question, published(question, self.study.evidence))
        form = form_view(question, fields, today()) if question else seed_view(seed, fields)  # type: ignore[arg-type]
        base = f"/forecast/{token}"
        self.show(
            "question.html", status, who=sheet.name, form=form, problems=problems, open=True,
            round=1, answered=own is not None, answer=answer, back=base, group=None,
            note_action="", action=f"{base}/q/{name}", keep=f"{base}/working/{name}",
            onward=onward(f"{base}/q/", sheet.questions, self.forms(sheet)),
        )  # fmt: skip


class Working(InStudy):
    """Keeps what is typed, so that a reload loses nothing."""

    def post(self, token: str, name: str) -> None:
        """Takes the fields as they stand."""
        sheet = self.sheet(token)
        if name not in sheet.questions:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        put_working(self.study.held, sheet.id, name, 1, self.fields())
        self.set_status(HTTPStatus.NO_CONTENT)


class Effect(InStudy):
    """What the answers do to P(usable), alone and with all others."""

    async def get(self, token: str) -> None:
        """A sentence, as JSON."""
        try:
            file = self.file(self.sheet(token))
        except InvalidAnswer as error:
            self.finish({"text": str(error)})
            return
        self.finish({"text": await self.study.slowly(lambda: self.study.effect(file))})


class Download(InStudy):
    """The file as it would be saved."""

    def get(self, token: str) -> None:
        """Sends it."""
        sheet = self.sheet(token)
        name = file_name(f"{sheet.name}-{today().isoformat()}")
        self.set_header("Content-Type", "application/yaml; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{name}.yaml"')
        self.finish(as_yaml(self.file(sheet)))


TOKEN, NAME = "([A-Za-z0-9_-]{40,100})", "([a-z0-9][a-z0-9_.-]{0,99})"


def routes(study: Study) -> list[tuple[str, type[Plain], dict[str, Study]]]:
    """The pages, as Tornado takes them."""
    given = {"study": study}
    return [
        (r"/forecast", Start, given),
        (rf"/forecast/{TOKEN}", Draft, given),
        (rf"/forecast/{TOKEN}/q/{NAME}", Question, given),
        (rf"/forecast/{TOKEN}/working/{NAME}", Working, given),
        (rf"/forecast/{TOKEN}/effect", Effect, given),
        (rf"/forecast/{TOKEN}/file", Download, given),
    ]
