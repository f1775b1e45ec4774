"""The history over recorded answers: steps, gaps, segments, figure. The draws are made up here."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.credences import gates_of
from sweet_spot.answers.figure_history import history_figure
from sweet_spot.answers.history import History, from_rows, history, recorded
from sweet_spot.answers.history_steps import Plan, fill, plan
from sweet_spot.answers.numbers import monte_carlo_error
from sweet_spot.answers.pages import markdown
from sweet_spot.answers.record import add_row, read_record
from sweet_spot.answers.render import reported
from sweet_spot.answers.section_history import history_section
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence, gather

AT = {"gate": "usable", "factor": "any"}


def count(evidence: Evidence) -> int:
    return int((evidence.statements["live"] * evidence.statements["evidence"]).sum())


def test_each_live_set_is_drawn_once_and_then_never_again(
    folder: Path, steps: Plan, sampler: Any
) -> None:
    said: list[tuple[int, int]] = []
    history(folder, progress=lambda *told: said.append(told[:2]))
    sizes = [len(live) for live in dict.fromkeys(step.live for step in steps.steps)]
    assert sampler.asked == [0, *sizes]
    assert sampler.streams == 1
    assert said == [(k, len(sizes)) for k in range(len(sizes) + 1)]
    before = steps.record.read_bytes()
    history(folder)
    history(folder, every="year")  # the ends of years are ends of months
    assert sampler.asked == [0, *sizes]
    assert steps.record.read_bytes() == before


def test_interrupted_it_goes_on_where_it_was(folder: Path, steps: Plan, sampler: Any) -> None:
    sizes = [len(live) for live in dict.fromkeys(step.live for step in steps.steps)]
    sampler.breaks = sizes[2]
    with pytest.raises(KeyboardInterrupt):
        history(folder)
    assert [row.statements for row in read_record(steps.record)] == [0, *sizes[:2]]
    sampler.breaks, sampler.asked = -1, []
    history(folder)
    # what came before is drawn again, for the shares of the step after it
    assert sampler.asked == [*sizes[1:]]


def test_steps_have_the_credences_of_their_draws(
    steps: Plan, found: History, drawn_with: Callable[[int], xr.Dataset]
) -> None:
    for step in steps.steps:
        expected = gates_of(drawn_with(len(step.live)))
        here = found.data.sel(step=step.label)
        for name, value in (
            ("credence", expected.mean(("chain", "draw"))),
            ("mcse", monte_carlo_error(expected)),
        ):
            wanted = value.sel(gate=here["gate"], factor=here["factor"])
            np.testing.assert_allclose(here[name], wanted.transpose("gate", "factor"), atol=5.1e-6)
    assert float(found.data["prior"].sel(AT)) == pytest.approx(
        float(gates_of(drawn_with(0)).mean(("chain", "draw")).sel(AT)), abs=5.1e-6
    )
    carried = [step.label for step in steps.steps if step.carried]
    assert found.data["step"].values[found.data["carried"].values == 1].tolist() == carried


def test_moves_add_up_from_the_prior(found: History) -> None:
    moved = float(found.data["moved"].sum())
    last = float(found.headline.isel(step=-1))
    assert float(found.data["prior"].sel(AT)) + moved == pytest.approx(last, abs=1e-9)
    assert not found.data["moved"].values[found.data["carried"].values == 1].any()


def test_changes_turn_each_live_set_into_the_next(steps: Plan, found: History) -> None:
    live: set[str] = set()
    for step in steps.steps:
        live |= set(found.named(step.label, came=True))
        live -= {text.split(" (")[0] for text in found.named(step.label, came=False)}
        assert live == step.live
    whys = found.changes["why"].values[found.changes["came"].values == 0]
    assert all("since" in why for why in whys)


def test_a_failed_fit_is_a_gap_with_its_reason(folder: Path, steps: Plan, sampler: Any) -> None:
    sizes = [len(live) for live in dict.fromkeys(step.live for step in steps.steps)]
    sampler.fails = {sizes[1]}
    found = history(folder)
    (failed,) = found.failed
    assert "divergences 3, demanded at most 0" in failed
    gone = found.data["statements"].values == sizes[1]
    assert (np.isnan(found.headline.values) == gone).all()
    assert failed in found.text
    assert "no answer" in found.text
    sampler.asked = []
    history(folder)
    assert sampler.asked == []  # the same seed would fail again


def test_a_cut_begins_from_what_came_before(folder: Path, found: History) -> None:
    whole = found.data
    change = whole["step"].values[whole["carried"].values == 0][2]
    since = dt.date.fromisoformat(str(change))
    cut = history(folder, since=since, until=since)
    assert cut.data["step"].values.tolist() == [change]
    assert float(cut.headline[0]) == float(found.headline.sel(step=change))
    assert np.isnan(float(cut.data["moved"][0]))
    assert cut.named(str(change), came=True) == found.named(str(change), came=True)


def test_another_model_begins_a_segment_and_the_old_answers_stay(
    steps: Plan, found: History, sampler: Any
) -> None:
    made = replace(steps.made, segment="feedfeedfeed", source="feedfeedfeed", version="9.9.9")
    later = replace(steps, made=made)
    sampler.asked = []
    fill(later)
    assert sampler.asked[0] == 0  # nothing of the old one is taken for the new
    assert len(sampler.asked) == len(steps.dated) + 1
    rows = [replace(row, computed="2099-01-01T00:00:00Z") if row.made == made else row
            for row in read_record(steps.record)]  # fmt: skip
    both = from_rows(later, rows)
    assert [s.made.segment for s in both.segments] == [steps.made.segment, "feedfeedfeed"]
    assert "equations, likelihood or sampler" in both.text
    assert both.past.sizes["answer"] == len(steps.dated)
    figure = history_figure(both)
    (mark,) = figure.axes[0].findobj(lambda artist: artist.get_gid() == "new segment")
    assert mark.get_linestyle() == "--"
    (old,) = figure.axes[0].findobj(
        lambda artist: artist.get_gid() == f"segment {steps.made.segment}"
    )
    assert np.asarray(old.get_ydata()).tolist() == both.past["credence"].values.tolist()


def test_figure_shows_the_table(found: History) -> None:
    figure = history_figure(found)
    above, below = figure.axes
    lines = {line.get_gid(): np.asarray(line.get_ydata()) for line in above.lines}
    for factor in ("any", "all"):
        expected = found.data["credence"].sel(gate="usable", factor=factor).values
        np.testing.assert_array_equal(lines[f"usable {factor}"], expected)
        prior = float(found.data["prior"].sel(gate="usable", factor=factor))
        assert set(lines[f"prior {factor}"].tolist()) == {prior}
    ticks = {line.get_gid(): len(np.asarray(line.get_xdata())) for line in below.lines}
    came = sum(n for name, n in ticks.items() if name and name.startswith("came "))
    went = sum(n for name, n in ticks.items() if name and name.startswith("went "))
    assert (came, went) == (
        int(found.changes["came"].sum()),
        int((1 - found.changes["came"]).sum()),
    )
    assert went
    assert not figure.findobj(lambda artist: artist.get_gid() == "new segment")


def test_table_and_json_hold_every_step(found: History) -> None:
    table = found.table
    assert table["any"].to_numpy().tolist() == found.headline.values.tolist()
    assert table.index.tolist() == found.data["step"].values.tolist()
    content = json.loads(json.dumps(found.to_json()))
    assert [s["credence"]["usable"]["any"] for s in content["steps"]] == table["any"].tolist()
    assert [", ".join(s["came"]) for s in content["steps"]] == table["came"].tolist()


def test_a_report_shows_what_is_recorded_and_draws_nothing(
    folder: Path, steps: Plan, found: History, sampler: Any, tree: xr.DataTree,
    argument: Argument, evidence: Evidence,
) -> None:  # fmt: skip
    asked = list(sampler.asked)
    shown = recorded(folder)
    assert shown is not None
    xr.testing.assert_identical(shown.data, found.data)
    about = reported(tree, argument, evidence, history=shown)
    told = history_section(about)
    assert told is not None
    text = markdown(about, [told])
    assert "## History: the credence as of past dates" in text
    assert "](figures/history.png)" in text
    for step in shown.largest:
        assert f"\n| {step if step != 'all' else 'all that is known'} |" in text
    assert sampler.asked == asked
    assert history_section(reported(tree, argument, evidence)) is None


def test_dates_that_the_record_lacks_are_said(folder: Path, steps: Plan, sampler: Any) -> None:
    assert recorded(folder) is None
    sampler.breaks = len(steps.steps[-1].live)
    with pytest.raises(KeyboardInterrupt):
        fill(steps)
    shown = recorded(folder)
    assert shown is not None
    assert np.isnan(float(shown.headline.isel(step=-1)))
    assert "not in the record: run `sweet-spot history`" in shown.text


def test_the_digest_is_of_the_live_evidence_alone(folder: Path, steps: Plan) -> None:
    """Statements that come later, and checks, leave recorded answers in use."""
    assert len({each.digest for each in steps.dated.values()}) == len(steps.dated)
    some = next(iter(steps.dated.values()))
    day = next(step.day for step in steps.steps if steps.dated[step.live] is some)
    asked = next(q.id for q in some.evidence.questions if q.unit == "year")
    path = folder / "elicitations" / "later.yaml"
    path.write_text(
        "schema: 1\nsource: {title: T, url: 'https://example.org', date: 2026-10}\nstatements:\n"
        "  - {id: later-check, expert: New, date: 2026-10-01, question: QUESTION,\n"
        "     kind: median, value: 2031, unit: year, role: check, verified: yes, location: l,\n"
        "     reason: r}\n".replace("QUESTION", asked),
        encoding="utf-8",
    )
    same = [{d.digest for d in each.dated.values()} for each in (plan(folder), steps)]
    assert same[0] == same[1]
    assert count(gather(folder, day, checked=True)) == count(some.evidence)


def test_an_answer_recorded_meanwhile_is_not_lost(steps: Plan, sampler: Any) -> None:
    fill(steps)
    rows = read_record(steps.record)
    steps.record.unlink()
    for row in rows[::-1]:
        add_row(steps.record, row)
    assert read_record(steps.record) == rows
