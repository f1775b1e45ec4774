"""Ours against each other method on the same questions: means, and errors in closed form."""

import numpy as np
import pytest

from sweet_spot.inference.backtest import Scored
from sweet_spot.inference.standings import RUNS, Paired, paired

SIZES = {"a": 60, "b": 25, "c": 40}
TOLERANCE = 4 / np.sqrt(2 * RUNS)
"""Of a bootstrap standard error, relative: four of its own Monte Carlo errors."""


def made() -> list[Scored]:
    """Three datasets of yes/no questions, one question a group, and one of quantities."""
    rng = np.random.default_rng(5)
    out = []
    for name, size in SIZES.items():
        values = {m: {"log": rng.gamma(2, 0.3, size), "brier": rng.random(size)}
                  for m in ("ours", "equal_weights", "median")}  # fmt: skip
        ids = tuple(f"{name}{k}" for k in range(size))
        out.append(Scored(name, "binary_prob", ids, ids, values))
    ratio = {m: {"wis_ratio": rng.normal(size=30)} for m in ("ours", "equal_weights")}
    ids = tuple(f"q{k}" for k in range(30))
    return [*out, Scored("quantities", "quantile", ids, ids, ratio)]


SCORES = {"binary_prob": "log", "quantile": "wis_ratio"}


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], Paired]:
    found = paired(made(), 3, SCORES, "ours", ("a", "c"))
    return {(row.dataset, row.than): row for row in found}


def off(names: str, than: str) -> list[np.ndarray]:
    return [
        each.values["ours"]["log"] - each.values[than]["log"]
        for each in made()
        if each.name in names
    ]


def test_every_pair_is_there_once(rows: dict[tuple[str, str], Paired]) -> None:
    others = ("equal_weights", "median")
    wanted = {(name, than) for name in ("a", "b", "c", "all", "a+c") for than in others}
    assert set(rows) == wanted | {("quantities", "equal_weights")}


def test_means_and_errors_are_those_of_the_differences(
    rows: dict[tuple[str, str], Paired],
) -> None:
    """Pooled, each dataset is drawn from for itself: variances of the sums add."""
    for label, names in {"a": "a", "b": "b", "a+c": "ac", "all": "abc"}.items():
        for than in ("equal_weights", "median"):
            row, parts = rows[label, than], off(names, than)
            total = sum(part.size for part in parts)
            assert row.n == total
            assert row.difference == pytest.approx(np.concatenate(parts).mean())
            se = np.sqrt(sum(part.size * part.var() for part in parts)) / total
            assert row.se == pytest.approx(se, rel=TOLERANCE)


def test_ratios_are_compared_as_logs(rows: dict[tuple[str, str], Paired]) -> None:
    own = made()[-1].values
    wanted = (own["ours"]["wis_ratio"] - own["equal_weights"]["wis_ratio"]).mean()
    assert rows["quantities", "equal_weights"].difference == pytest.approx(wanted)


def test_a_method_against_itself_is_not_there(rows: dict[tuple[str, str], Paired]) -> None:
    assert all(row.method == "ours" != row.than for row in rows.values())
    assert not paired(made(), 3, SCORES, "nobody")
