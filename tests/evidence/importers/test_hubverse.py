"""hubverse: task columns of any hub, every output type, one statement that counts a task."""

import pytest

from sweet_spot.evidence.importers import hubverse

HEAD = "origin_date,target,horizon,output_type,output_type_id,value\n"


def rows(kind, points, task="2026-01-05,cases,1"):
    return "".join(f"{task},{kind},{at},{value}\n" for at, value in points.items())


def test_the_sample(shared):
    path = shared / "formats" / "hubverse" / "2022-12-05-simple_hub-baseline_head.csv"
    (said,) = hubverse.read(path, {})
    assert said.forecaster == "simple_hub-baseline_head"
    assert said.question == "inc covid hosp[horizon=-6,location=20]"
    assert (len(said.levels), said.date) == (23, "2022-12-12")
    assert dict(zip(said.levels, said.values, strict=True))[0.5] == 45
    assert hubverse.read(path, {"model": "ours"})[0].forecaster == "ours"


def test_quantiles_in_any_order_by_task(outside):
    later = rows("quantile", {0.5: 7}, "2026-01-12,cases,1")
    first, second = outside("hubverse", HEAD + rows("quantile", {0.9: 3, 0.1: 1}) + later)
    assert (first.levels, first.values) == ((0.1, 0.9), (1, 3))
    assert first.question == second.question == "cases[horizon=1]"
    assert (first.date, second.date) == ("2026-01-05", "2026-01-12")


def test_one_output_of_a_task_counts(outside):
    both = rows("mean", {"NA": 4}) + rows("quantile", {0.5: 3}) + rows("median", {"NA": 3})
    mean, quantile, median = outside("hubverse", HEAD + both)
    assert (mean.kind, mean.values, mean.role) == ("mean", (4,), "excluded")
    assert (quantile.kind, quantile.role) == ("quantile", None)
    assert median.reason == "the same forecast as the quantile of this task"


def test_probabilities(outside):
    (cdf,) = outside("hubverse", HEAD + rows("cdf", {10: 0.2, 20: 0.9}))
    assert (cdf.kind, cdf.events, cdf.values) == ("probability", ("< 10", "< 20"), (0.2, 0.9))
    named = outside("hubverse", HEAD + rows("cdf", {"low": 0.2, "high": 1}))
    assert [s.question for s in named] == [f"cases[horizon=1][up to {w}]" for w in ("low", "high")]
    pmf = outside("hubverse", HEAD + rows("pmf", {"low": 0.2, "high": 0.8}))
    assert [s.question for s in pmf] == ["cases[horizon=1][low]", "cases[horizon=1][high]"]


def test_samples_are_summarised(outside):
    (said,) = outside("hubverse", HEAD + rows("sample", {i: 100 - i for i in range(101)}))
    assert said.levels == (0.05, 0.25, 0.5, 0.75, 0.95)
    assert said.values == pytest.approx((5, 25, 50, 75, 95))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (rows("quantile", {0.1: 2, 0.9: 1}), "fall at 0.9"),
        (rows("quantile", {"0.1": 2, "0.10": 3}), "0.1 stands twice"),
        (rows("quantile", {1: 2}), "a level is not inside 0 to 1"),
        (rows("quantile", {"x": 2}), "output_type_id is 'x', not a number"),
        (rows("quantile", {0.1: "1e308"}), "beyond 1e+100"),
        (rows("cdf", {1: 1.2}), "1.2 is no probability"),
        (rows("pmf", {"x": -1}), "-1 is no probability"),
        (rows("sample", {1: 1}), "1 samples of"),
        (rows("mean", {1: 1, 2: 1}), "a second mean"),
        (rows("guess", {1: 1}), "the output_type 'guess' is not known"),
        ("yesterday,cases,1,mean,NA,1\n", "origin_date is 'yesterday', not a date"),
    ],
)
def test_what_is_wrong_is_named(refused, text, message):
    assert message in refused("hubverse", HEAD + text)
