"""The next question: which forecast would be expected to tell most about a usable sweet spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.answers.greedy import Candidates, Pick, pick_best
from sweet_spot.answers.numbers import error, number, plural, probability, records, share, words
from sweet_spot.answers.verdict import verdict
from sweet_spot.argument.quantities import parse
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnknownExpert, UnusableFit
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.hypothetical import EXACT, statements, unasked
from sweet_spot.evidence.records import Question
from sweet_spot.inference.information import blocked, corrected, one_answer
from sweet_spot.inference.keep import constants_of
from sweet_spot.inference.preposterior import new_statements

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
BUDGET = 5
TYPICAL = "a typical expert"
"""A person like those in the files, in no cluster, whose optimism nobody knows."""
BITS = np.log(2)


@dataclass(frozen=True)
class NextQuestion:
    """What hearing one more forecast would be expected to tell about usable, any factor.

    Attributes
    ----------
    data
        Dim `question`, the most telling first: `information` (bits, mutual information of the
        answer and the event), `information_error` (standard error), `share` of the event's
        entropy; `swing` (expected |P(usable | answer) - P(usable)|), `swing_error`, `floor` (what
        the swing of an irrelevant question comes to by chance); `average` of P(usable | answer);
        `statements` and `related` (live evidence on this question, and on its quantity); labels
        `quantity`, `event`, `topic`, `fidelity`, `unit`, `wording`. Dim `pick`: `picked`, and of
        the set so far `total`, `gain` (bits), `total_swing`, `total_average`, each with its
        `_error`; `effective`, draws left in play. `today`: P(usable).
    text
        The answer in a few sentences.
    expert
        Who is asked.
    answered
        Questions left out because this person has answered them: a new answer would take the place
        of the old one.
    fitted
        Whether the draws are of the posterior, or else of the prior.
    """

    data: xr.Dataset
    text: str
    expert: str
    answered: tuple[str, ...]
    fitted: bool

    @property
    def table(self) -> pd.DataFrame:
        """One row for each question, the most telling first."""
        return self.data.drop_dims("pick").drop_vars("today").to_dataframe()

    @property
    def plan(self) -> pd.DataFrame:
        """One row for each question of the set, in the order in which it was picked."""
        return self.data.drop_dims("question").drop_vars("today").to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What the command prints for programs."""
        return {
            "schema": SCHEMA, "text": self.text, "expert": self.expert,
            "usable": float(self.data["today"]), "answered": list(self.answered),
            "questions": records(self.table.reset_index()),
            "plan": records(self.plan.reset_index()),
        }  # fmt: skip


def next_question(
    tree: xr.DataTree,
    argument: Argument,
    evidence: Evidence,
    questions: Sequence[Question] | None = None,
    *,
    expert: str | None = None,
    budget: int = BUDGET,
) -> NextQuestion:
    """Which questions to put next, from the draws of a saved fit.

    Parameters
    ----------
    evidence
        The data that the fit was made from; which statements are live is taken from the fit.
    questions
        The catalogue of questions; by default those that somebody has answered. Quantities that
        can be asked about and are not in it, as they are, come on top; quantities that are gates,
        or part of whose mass sits on one value, serve checks only and are left out.
    expert
        Who is asked, by name as in the data; by default a typical expert.
    budget
        How many questions to pick, one after the other, each given those before it.

    Raises
    ------
    UnknownExpert
        Nobody of this name has said anything.
    UnusableFit
        The fit was made from other statements.
    """
    evidence = as_fitted(tree, evidence)
    who, cluster, people = _reporter(evidence, expert)
    every = list(questions if questions is not None else evidence.questions)
    every += unasked(every, argument)
    answered = _answered(evidence, who)
    asked = [q for q in every if q.id not in answered and not parse(q.quantity).has_atom]
    draws = tree["posterior" if "posterior" in tree else "prior"].to_dataset()
    seed = int(tree.attrs["setting_seed"])
    laws = new_statements(
        argument, draws, evidence, statements(asked, who, cluster, people), constants_of(tree), seed
    )
    event = draws["usable"].max("factor").transpose("chain", "draw").to_numpy()
    held = blocked(laws, event)
    at = {name: k for k, name in enumerate(laws.question)}
    alone = np.array([one_answer(held, at[q.id]) for q in asked])
    order = np.argsort(-corrected(alone[:, :, 0].swapaxes(0, 1))[0][:, 0], kind="stable")
    asked, alone = [asked[k] for k in order], alone[order]
    found = Candidates(held, [at[q.id] for q in asked], alone[:, :, 0])
    data = _dataset(asked, alone, pick_best(found, budget, seed), evidence, float(event.mean()))
    fitted = "posterior" in tree
    text = _text(data, who, fitted, event.size, tree)
    return NextQuestion(data, text, who, tuple(sorted(answered & {q.id for q in every})), fitted)


def as_fitted(tree: xr.DataTree, evidence: Evidence) -> Evidence:
    """The evidence with those statements live that were so in the fit; raises UnusableFit."""
    said, observed = tree["constant_data"].to_dataset(), tree["observed_data"]["stated"]
    table = evidence.statements
    same = np.array_equal(said["statement"], table["statement"]) and np.array_equal(
        observed.to_numpy().astype(np.float32), table["observed"].to_numpy().astype(np.float32)
    )
    if not same:
        raise UnusableFit(
            "the fit was made from other statements than those in the data folder; name its folder"
            " with --data, or run `sweet-spot report` again"
        )
    return replace(evidence, statements=table.assign(live=table["live"].copy(data=said["live"])))


def _reporter(evidence: Evidence, expert: str | None) -> tuple[str, str | None, int]:
    """Name, cluster if it is a named one, and how many people the name stands for."""
    if expert is None:
        return TYPICAL, None, 1
    table = evidence.statements
    names = table["expert"].to_numpy()
    if expert not in names:
        raise UnknownExpert(
            f"{expert!r} has said nothing in the data{near(expert, np.unique(names).tolist())};"
            " write the name as in the data, or leave --expert out"
        )
    own = table.isel(statement=np.flatnonzero(names == expert))
    cluster = str(own["cluster"].values[0])
    return expert, None if cluster == expert else cluster, int(np.median(own["people"]))


def _answered(evidence: Evidence, who: str) -> set[str]:
    """Questions on which this person has a live statement that serves as evidence."""
    said = evidence.statements
    own = (said["expert"] == who) & (said["live"] == 1) & (said["evidence"] == 1)
    return set(said["question"].to_numpy()[own.to_numpy()].tolist())


def _dataset(
    asked: Sequence[Question], alone: np.ndarray, picks: Sequence[Pick], evidence: Evidence,
    today: float,
) -> xr.Dataset:  # fmt: skip
    value, off = corrected(alone[:, :, 0].swapaxes(0, 1))
    whole = float(special.entr(today) + special.entr(1 - today))
    columns: dict[str, Any] = {
        "information": value[:, 0] / BITS, "information_error": off[:, 0] / BITS,
        "share": value[:, 0] / whole if whole else value[:, 0] * np.nan,
        "swing": alone[:, 0, 0, 1], "swing_error": off[:, 1],
        "floor": alone[:, 0, 1:, 1].mean(axis=1), "average": alone[:, 0, 0, 2],
    }  # fmt: skip
    columns |= {name: [_label(q, name) for q in asked] for name in LABELS}
    columns |= _voices(asked, evidence)
    columns = {name: ("question", values) for name, values in columns.items()}
    columns["picked"] = ("pick", [asked[p.candidate].id for p in picks])
    for i, (name, unit) in enumerate((("", BITS), ("_swing", 1.0), ("_average", 1.0))):
        columns[f"total{name}"] = ("pick", [p.total[0][i] / unit for p in picks])
        columns[f"total{name}_error"] = ("pick", [p.total[1][i] / unit for p in picks])
    columns["gain"] = ("pick", [p.gain[0] / BITS for p in picks])
    columns["gain_error"] = ("pick", [p.gain[1] / BITS for p in picks])
    columns["effective"] = ("pick", [p.effective for p in picks])
    coords = {"question": [q.id for q in asked], "pick": np.arange(1, len(picks) + 1)}
    return xr.Dataset(columns | {"today": today}, coords=coords)


LABELS = ("quantity", "event", "topic", "fidelity", "unit", "wording")


def _label(question: Question, name: str) -> str:
    return str(getattr(question, name) or "")


def _voices(asked: Sequence[Question], evidence: Evidence) -> Mapping[str, list[int]]:
    """Live evidence on each question, and on its quantity, however it was asked about."""
    said = evidence.statements
    serving = np.flatnonzero((said["live"] * said["evidence"]).to_numpy())
    question = said["question"].to_numpy()[serving].tolist()
    about = [str(evidence.targets[i].quantity) for i in said["target"].to_numpy()[serving]]
    return {
        "statements": [question.count(q.id) for q in asked],
        "related": [about.count(str(parse(q.quantity))) for q in asked],
    }


def title(question: str, quantity: str) -> str:
    """How a question is called: by its id, or by its quantity where it is nobody's yet."""
    if not question.startswith(EXACT):
        return words(question)
    name, _, coords = quantity.rstrip("]").partition("[")
    return words(name + (f": {coords}" if coords else ""))


def _text(data: xr.Dataset, who: str, fitted: bool, draws: int, tree: xr.DataTree) -> str:
    world = "posterior" if fitted else "prior"
    today = probability(float(data["today"]))
    if not data.sizes["question"]:
        return f"There is no question left for {who}."
    best = data.isel(question=0)
    known = data.isel(question=np.flatnonzero(data["statements"].to_numpy() > 0))
    parts = [
        f"Of {plural(data.sizes['question'], 'question')}, put to {who}, the one expected to tell"
        f" most about P(usable for at least one factor) = {today} ({world} mean) is"
        f" {_told(best)}."
    ]
    if known.sizes["question"] and int(best["statements"]) == 0:
        parts.append(f"Of those with evidence already it is {_told(known.isel(question=0))}.")
    if data.sizes["pick"] > 1:
        last = data.isel(pick=-1)
        parts.append(
            f"The {data.sizes['pick']} picked one after the other would tell"
            f" {_bits(last['total'], last['total_error'])} together, with an expected move of"
            f" {probability(float(last['total_swing']))}."
        )
    parts.append(
        f"From {draws} {world} draws given {tree.attrs['statements_evidence']} evidence statements."
        f" {verdict(tree).text}"
    )
    return " ".join(parts)


def _told(row: xr.Dataset) -> str:
    name = title(str(row["question"].values), str(row["quantity"].values))
    said = int(row["statements"])
    heard = f"{plural(said, 'statement')} so far" if said else "no statement so far"
    return (
        f"{name}: {_bits(row['information'], row['information_error'])},"
        f" {share(float(row['share']))} of what is unknown, an expected move of"
        f" {probability(float(row['swing']))} up or down (error {error(float(row['swing_error']))};"
        f" chance alone {probability(float(row['floor']))}); {heard}"
    )


def _bits(value: xr.DataArray, off: xr.DataArray) -> str:
    return f"{number(float(value), 'bits')} bits (standard error {error(float(off))})"
