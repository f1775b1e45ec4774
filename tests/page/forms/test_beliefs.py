"""What an answer comes to, against scipy on the working scale, and what it does to the answer."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sweet_spot.evidence.gather import assemble
from sweet_spot.evidence.reading import data_files, read_elicitations, read_questions
from sweet_spot.inference.reweight import reweigh, weighted_mean
from sweet_spot.page.forecast_belief import implied, reading
from sweet_spot.page.forecast_credence import draws_of, moved
from sweet_spot.page.forecast_file import Said, contradictions_in, own_file, statement_of
from sweet_spot.page.forecast_published import published
from sweet_spot.page.forecast_svg import Row, axis_of, curve_svg
from sweet_spot.page.workshop_group import average

DAY = dt.date(2026, 3, 1)
TYPED = {"value_0": "2027", "value_2": "2031", "value_4": "2050"}


@pytest.fixture
def asked(small_data: Path):
    return {q.id: q for q in read_questions(small_data / "questions.yaml")}


def read(asked, name: str, fields):
    return reading(statement_of(fields, asked[name], Said("Ada", DAY, "a")), asked[name])


def test_the_curve_is_the_line_through_the_normal_scores(asked) -> None:
    found = read(asked, "automation", TYPED)
    score, place = stats.norm.ppf([0.05, 0.5, 0.95]), np.log(np.array([2027, 2031, 2050]) - 2024)
    spread, centre = np.polyfit(score, place, 1)
    assert found.centre == pytest.approx(centre, rel=1e-12)
    assert found.spread == pytest.approx(spread, rel=1e-12)
    law = stats.lognorm(s=spread, scale=np.exp(centre), loc=2024)
    for value, level, fitted in found.achieved:
        assert fitted == pytest.approx(law.cdf(value), rel=1e-9)
        assert abs(level - fitted) < 0.1
    assert found.quantile(0.25) == pytest.approx(law.ppf(0.25), rel=1e-12)
    beyond, before = 100 * law.sf(2050), 100 * law.cdf(2028)
    told = " ".join(implied(found))
    assert f"You put {beyond:.1f} % beyond 2050." in told
    assert f"You put {before:.0f} % before 2028." in told


def test_shares_are_asked_and_told_in_per_cent(asked, checkout: Path) -> None:
    every = read_questions(checkout / "data" / "questions.yaml")
    question = next(q for q in every if q.unit == "share" and q.event is None)
    said = statement_of({"value_0": "10", "value_4": "60"}, question, Said("Ada", DAY, "a"))
    found = reading(said, question)
    assert found.quantile(0.05) == pytest.approx(10, rel=1e-9)
    assert found.quantile(0.95) == pytest.approx(60, rel=1e-9)
    assert "%" in dict(found.quantiles)[0.5]


def test_one_number_draws_no_curve(asked) -> None:
    found = read(asked, "automation", {"value_2": "2031"})
    assert not found.has_curve
    assert "fixes no curve" in implied(found)[0]
    assert "30 %" in implied(read(asked, "schemers", {"percent": "30"}))[0]


def test_a_poor_fit_is_said(asked) -> None:
    far = read(asked, "automation", {"value_0": "2027", "value_1": "2027.1", "value_2": "2027.2",
                                     "value_3": "2090", "value_4": "2100"})  # fmt: skip
    assert any("does not fit" in line for line in implied(far))
    assert not any("does not fit" in line for line in implied(read(asked, "automation", TYPED)))


def test_the_place_among_published_medians(asked, small_data: Path) -> None:
    from sweet_spot.evidence.gather import gather

    mine = read(asked, "danger", {"value_0": "0", "value_2": ".7", "value_4": "1.4"})
    found = published(asked["danger"], gather(small_data))
    assert "is above 2 of 3 published ones" in found.place(mine)
    assert sorted(found.centres) == [0.2, 0.6, 1.1]
    assert {row[0] for row in found.rows} == {"Olga", "Pavel", "Quinn"}
    nobody = published(asked["automation"], gather(small_data))
    assert nobody.place(read(asked, "automation", TYPED)).startswith("Nobody has published")


def test_the_dots_lie_where_they_were_stated(asked) -> None:
    found = read(asked, "automation", TYPED)
    axis = axis_of(found.quantity, "year", [np.log(3), np.log(26)])
    assert axis.x(np.log(3)) < axis.x(np.log(7)) < axis.x(np.log(26))
    middle = axis.x(np.log(3)) + (axis.x(np.log(26)) - axis.x(np.log(3))) / 2
    assert axis.x((np.log(3) + np.log(26)) / 2) == pytest.approx(middle)
    drawn = curve_svg(found)
    assert drawn.count('class="said"') == 3
    assert f"50 % below {dict(found.quantiles)[0.5]};" in drawn
    assert "style=" not in drawn


def test_the_average_of_quantiles_is_that_of_bells() -> None:
    """Against the mean of the three people's quantiles, level by level."""
    laws = [stats.norm(1.0, 0.4), stats.norm(2.0, 0.8), stats.norm(2.6, 0.3)]
    pooled = average([Row(law.mean(), law.std()) for law in laws])
    for level in (0.05, 0.5, 0.9):
        mean = np.mean([law.ppf(level) for law in laws])
        assert stats.norm(pooled.centre, pooled.spread).ppf(level) == pytest.approx(mean)
    assert average([Row(1, 1), Row(2, 1)]) is None


def test_what_contradicts_itself_is_found(asked, small_data: Path) -> None:
    """The weaker AI cannot come later than the stronger one."""
    late, soon = {"value_0": "2040", "value_2": "2050"}, {"value_0": "2027", "value_2": "2030"}
    wrong = own_file({"coder": late, "researcher": soon}, asked, "Ada", DAY)
    right = own_file({"coder": soon, "researcher": late}, asked, "Ada", DAY)
    assert contradictions_in(right, small_data) == ()
    (found,) = contradictions_in(wrong, small_data)
    assert "year_at_speedup(25)" in found


def test_what_it_does_is_what_weights_say(asked, small_data, small_tree) -> None:
    """Alone on silent draws is the likelihood of the own statement alone; with all others, that of
    all: against `reweigh` of the same draws to evidence that is gathered from files."""
    from sweet_spot.argument.spec import load_argument

    draws = draws_of(small_tree, load_argument())
    questions = list(asked.values())
    file = own_file({"danger": {"value_0": "1", "value_4": "2"}}, asked, "Ada", DAY)
    found = moved(draws, questions, file, small_data)
    before = read_elicitations(data_files(small_data).elicitations)
    of = draws.posterior.draws["usable"].max("factor").astype(float)
    others = reweigh(draws.posterior, assemble(questions, before))
    assert found.before.value == pytest.approx(float(weighted_mean(of, others)), abs=1e-12)
    assert found.prior.value == pytest.approx(float(of.mean()), abs=1e-12)
    assert found.alone.value > found.prior.value + 3 * found.alone.error  # danger far off helps
    assert found.together.value > found.before.value
    low = own_file({"danger": {"value_0": "-1", "value_2": "-.5", "value_4": "0"}}, asked, "A", DAY)
    assert moved(draws, questions, low, small_data).alone.value < found.prior.value
    assert "Your 1 statement alone" in found.text
    assert "Monte Carlo error" in found.text


def test_weights_that_are_not_to_be_trusted_are_refused_in_words(
    asked, small_data, small_tree, monkeypatch
) -> None:
    from sweet_spot.argument.spec import load_argument

    monkeypatch.setattr("sweet_spot.inference.reweight.LARGEST_K", -10.0)
    draws = draws_of(small_tree, load_argument())
    file = own_file({"danger": {"value_0": "1", "value_2": "1.5"}}, asked, "Ada", DAY)
    text = moved(draws, list(asked.values()), file, small_data).text
    assert text.count("the saved draws cannot tell (Pareto k") == 2
    assert "sweet-spot update" in text
