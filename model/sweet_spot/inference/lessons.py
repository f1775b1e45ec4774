"""What panels with known answers teach the error model from: plain arrays, thinned by a rule.

Centre and spread of a set of quantiles are those of the main model (MODEL.md section 5): least
squares on the working scale. Everything on a quantile question is then counted from the median of
its centres in units of s0, the median of its stated spreads. A probability is its probit.

A panel is a set of questions linked by people who answered several of them, a domain a dataset.
Where a group is only part of a panel, its questions ask about one outcome (waves of an item,
thresholds on one count): one of them is drawn, since their shared error is one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri

from sweet_spot.errors import MissingData
from sweet_spot.inference.resolved import BINARY, Floats, Ints, Resolved, Stated, Strings

CLIP = 0.005
"""Probabilities are taken to lie between this and one less it, as far as their probit goes."""
THINNEST = 0.1
"""A stated spread is at least this share of the question's median one; zero widths are slips."""
FARTHEST = 50.0
"""A centre farther than this many median spreads from the median centre is a slip of units, and is
left out: with five degrees of freedom such an error has a chance below one in 10 million."""


@dataclass(frozen=True)
class Thinning:
    """At most so many people and questions of each panel, drawn by the seed."""

    most_people: int = 40
    most_questions: int = 80
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Answered:
    """Questions of one kind, and what was said on them.

    `name`, `panel` index and `outcome` per question; `question` and `person` index, `centre` and
    `spread` per statement. Quantiles: in units of s0 around the median centre. Yes/no: `outcome` is
    0 or 1, `centre` a probit, `spread` one.
    """

    name: Strings
    panel: Ints
    outcome: Floats
    question: Ints
    person: Ints
    centre: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Lessons:
    """Everything the error model learns from.

    `domain` and `panel` are names, `panel_domain` an index; `person` is "dataset:id" and
    `person_panel` an index. `left_out` says for each dataset how many statements were not used, by
    reason.
    """

    domain: Strings
    panel: Strings
    panel_domain: Ints
    person: Strings
    person_panel: Ints
    quantile: Answered
    binary: Answered
    left_out: dict[str, dict[str, int]]


@dataclass(frozen=True, eq=False)
class _Said:
    """One question of one dataset: its panel and kind, who said what, and the answer."""

    name: str
    panel: str
    kind: str
    outcome: float
    person: Strings
    centre: Floats
    spread: Floats


def lessons(datasets: Sequence[Resolved], thinning: Thinning | None = None) -> Lessons:
    """The panels of some datasets, ready to learn from.

    Raises
    ------
    MissingData
        No dataset has a question with a known answer.
    """
    thinning = thinning or Thinning()
    left_out: dict[str, dict[str, int]] = {of.name: {} for of in datasets}
    said = [
        one for of in datasets for one in _questions(of, thinning, left_out[of.name])
        if one.person.size
    ]  # fmt: skip
    if not said:
        raise MissingData("no question has a known answer, so there is nothing to learn from")
    panel = np.unique([one.panel for one in said])
    domain, panel_domain = np.unique([_before(name) for name in panel], return_inverse=True)
    spoke, where = (
        np.concatenate([one.person for one in said]),
        [one.panel for one in said for _ in one.person],
    )
    person, first = np.unique(spoke, return_index=True)
    return Lessons(
        domain, panel, panel_domain, person, np.searchsorted(panel, np.array(where)[first]),
        _answered([one for one in said if one.kind != BINARY], panel, person),
        _answered([one for one in said if one.kind == BINARY], panel, person),
        left_out,
    )  # fmt: skip


def _before(name: str) -> str:
    return name.rpartition("/")[0]


def _answered(said: Sequence[_Said], panel: Strings, person: Strings) -> Answered:
    def joined(arrays: Sequence[np.ndarray], dtype: type) -> np.ndarray:
        return np.concatenate([np.empty(0, dtype), *arrays]).astype(dtype)

    sizes = [one.person.size for one in said]
    who = joined([np.searchsorted(person, one.person) for one in said], int)
    return Answered(
        np.array([one.name for one in said], dtype=np.str_),
        np.searchsorted(panel, np.array([one.panel for one in said], dtype=np.str_)),
        np.array([one.outcome for one in said], dtype=float),
        np.repeat(np.arange(len(said)), sizes),
        who,
        joined([one.centre for one in said], float),
        joined([one.spread for one in said], float),
    )


def _questions(of: Resolved, thinning: Thinning, left_out: dict[str, int]) -> list[_Said]:
    """The questions of a dataset that are learned from, with the people who were drawn."""
    rng = np.random.default_rng([thinning.seed, zlib.crc32(of.name.encode())])
    panel = _panels(of)
    out = []
    for each in np.unique(panel[np.isfinite(of.outcome)]):
        asked = np.flatnonzero((panel == each) & np.isfinite(of.outcome))
        one_each = _one_per_outcome(of.group, asked, panel == each, rng)
        kept = np.sort(_some(one_each, thinning.most_questions, rng))
        people = np.concatenate([of.stated[q].experts for q in kept])
        drawn = _drawn(people, thinning.most_people, rng)
        _count(left_out, "of questions on an outcome already asked about", of, asked, one_each)
        _count(left_out, "of questions not drawn", of, one_each, kept)
        _add(left_out, "of people not drawn", int((~np.isin(people, drawn)).sum()))
        name = f"{of.name}/{_panel_name(of, kept, each)}"
        out += [_said(of, q, name, drawn, left_out) for q in kept]
    return out


def _panels(of: Resolved) -> Ints:
    """Which panel each question belongs to: the connected parts of who answered what."""
    asked, people = of.question.size, of.expert.size
    links = coo_array(
        (np.ones(of.question_idx.size), (of.question_idx, asked + of.expert_idx)),
        shape=(asked + people, asked + people),
    )
    part: Ints = connected_components(links, directed=False)[1][:asked].astype(np.int64)
    return part


def _panel_name(of: Resolved, questions: Ints, number: int) -> str:
    """The group's name where the panel is one, else its number."""
    groups = np.unique(of.group[questions])
    return str(groups[0]) if groups.size == 1 else f"panel {number + 1}"


def _one_per_outcome(
    group: Strings, asked: Ints, in_panel: np.ndarray, rng: np.random.Generator
) -> Ints:
    """One question of each group, or all where the panel is one group."""
    if np.unique(group[in_panel]).size == 1:
        return asked
    return np.array([rng.choice(asked[group[asked] == name]) for name in np.unique(group[asked])])


def _some(of: Ints, most: int, rng: np.random.Generator) -> Ints:
    return of if of.size <= most else rng.choice(of, most, replace=False)


def _drawn(people: Ints, most: int, rng: np.random.Generator) -> Ints:
    """The people who are kept; the chance of each goes with how many statements they made."""
    who, answers = np.unique(people, return_counts=True)
    if who.size <= most:
        return who
    return rng.choice(who, most, replace=False, p=answers / answers.sum())


def _count(left_out: dict[str, int], reason: str, of: Resolved, before: Ints, after: Ints) -> None:
    gone = np.setdiff1d(before, after)
    _add(left_out, reason, sum(of.stated[q].experts.size for q in gone))


def _add(left_out: dict[str, int], reason: str, number: int) -> None:
    if number:
        left_out[reason] = left_out.get(reason, 0) + number


def _said(of: Resolved, q: int, panel: str, drawn: Ints, left_out: dict[str, int]) -> _Said:
    """What was said on one question, in its own units; scale and origin are those of everyone."""
    stated, kind, outcome = of.stated[q], str(of.kind[q]), float(of.outcome[q])
    if kind == BINARY:
        centre = ndtri(stated.values.clip(CLIP, 1 - CLIP))
        spread, usable = np.ones(centre.size), np.ones(centre.size, dtype=bool)
    else:
        centre, spread = fitted(stated)
        known = np.isfinite(centre)
        unit = np.median(spread[spread > 0]) if (spread > 0).any() else np.nan
        origin = np.median(centre[known]) if known.any() else np.nan
        centre, outcome = (centre - origin) / unit, (outcome - origin) / unit
        spread = np.maximum(spread / unit, THINNEST)
        usable = np.abs(centre) <= FARTHEST  # not where NaN
        _add(left_out, "centres too far off to be meant", int((np.abs(centre) > FARTHEST).sum()))
        _add(left_out, "without two different quantiles", int((~np.isfinite(centre)).sum()))
    kept = usable & np.isin(stated.experts, drawn)
    names = np.char.add(f"{of.name}:", of.expert[stated.experts[kept]])
    return _Said(
        f"{of.name}:{of.question[q]}", panel, kind, outcome, names, centre[kept], spread[kept]
    )


def fitted(stated: Stated) -> tuple[Floats, Floats]:
    """Centre and spread of each person's quantiles, by least squares on their probits.

    Both NaN where a person gave fewer than two.
    """
    score = ndtri(stated.levels)
    there = np.isfinite(stated.values)
    count = there.sum(axis=1)
    value = np.where(there, stated.values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, mean = there @ score / count, value.sum(axis=1) / count
        away = np.where(there, score - middle[:, None], 0.0)
        slope = (away * value).sum(axis=1) / np.square(away).sum(axis=1)
    slope = np.where(count > 1, slope, np.nan)
    return mean - slope * middle, slope
