"""The table of scenarios is many what-ifs; its figure shows the table."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers import figures_whatif, section_whatif
from sweet_spot.answers.numbers import TIMES
from sweet_spot.answers.scenarios import OUTSIDE, scenario_table
from sweet_spot.answers.whatif import whatif
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.errors import InvalidWhatIf

Scenarios = tuple[Scenario, ...]


def artist(figure, gid: str):
    found = figure.findobj(lambda x: x.get_gid() == gid)
    assert found, gid
    return found[0]


def test_each_row_is_the_what_if_of_its_scenario(tree: xr.DataTree, scenarios: Scenarios) -> None:
    table = scenario_table(tree, scenarios)
    for scenario in scenarios:
        alone = whatif(tree, scenario=scenario).data.sel(gate="usable", drop=True)
        row = table.data.sel(scenario=scenario.id)
        for name in ("whatif", "change", "mcse", "mcse_change", "today"):
            np.testing.assert_array_equal(row[name], alone[name].transpose(*row[name].dims))


def test_rows_are_grouped_and_best_first(tree: xr.DataTree, scenarios: Scenarios) -> None:
    table = scenario_table(tree, reversed(scenarios))
    assert [s.id for s in table.scenarios] == ["pause", "late", "share", "trust"]
    assert list(table.table["scenario"]) == ["pause", "late", "share", "trust"]
    assert table.table["moves"][1] == OUTSIDE
    assert "'A pause in the zone' gains most" in table.text
    assert "'Too much trust' costs most" in table.text
    content = json.loads(json.dumps(table.to_json(), allow_nan=False))
    assert [row["scenario"] for row in content["rows"]] == ["pause", "late", "share", "trust"]
    assert content["today"]["any"] == float(
        table.data["today"].sel(world="posterior", factor="any")
    )


def test_the_printed_table_names_what_is_moved(tree: xr.DataTree, scenarios: Scenarios) -> None:
    lines = section_whatif.scenarios(scenario_table(tree, scenarios)).splitlines()
    assert len(lines) == 2 + 1 + len(scenarios)
    assert "| today |" in lines[2]
    (share,) = [line for line in lines if "More investment" in line]
    for part in (r"investment\[safety\_progress\] = 50 %", "at least 20 %", "(A 5.2)", "levers"):
        assert part in share
    (late,) = [line for line in lines if "too late" in line]
    assert f"| nothing | **0.72** | {OUTSIDE} |" in late
    (trust,) = [line for line in lines if "trust" in line]
    assert f"odds of process\\_failure {TIMES} 2; countermeasure\\_gain at most 0.05 dex" in trust


def test_the_report_gives_every_reason(answers: Any, scenarios: Scenarios, pages, golden) -> None:
    text = (pages / "report.md").read_text("utf-8")
    for scenario in scenarios:
        assert all(entry.why in text for entry in scenario.moves)
        assert scenario.meaning in text
    assert "intervention on posterior draws" in text
    assert (pages / "figures" / "scenarios.png").exists()


def test_dumbbells_are_the_table(answers: Any) -> None:
    table = scenario_table(answers.tree, answers.about.scenarios)
    figure = figures_whatif.scenarios_figure(table, answers.stamp)
    data = table.data.sel(world="posterior", factor="any")
    for group in ("waystation", "lever", "worry"):
        own = [s.id for s in table.scenarios if s.group == group]
        shown = artist(figure, f"whatif {group}").get_offsets()[:, 0]
        np.testing.assert_array_equal(shown, data["whatif"].sel(scenario=own))
        today = artist(figure, f"today {group}").get_xdata()
        np.testing.assert_array_equal(today, np.full(len(own), data["today"]))
    texts = " ".join(t.get_text() for axes in figure.axes for t in axes.texts)
    assert OUTSIDE in texts
    assert "today 0.72" in texts


@pytest.mark.parametrize("asked", [{"set": {"years_bought": 2}}, {"given": "scheming > 0.1"}])
def test_the_figure_of_one_what_if_is_its_table(tree: xr.DataTree, asked) -> None:
    found = whatif(tree, **asked)
    figure = figures_whatif.whatif_figure(found, "fit abc")
    for gate in found.data["gate"].values:
        cells = found.data.sel(world="posterior", gate=gate)
        np.testing.assert_array_equal(
            artist(figure, f"whatif {gate}").get_offsets()[:, 0], cells["whatif"]
        )
        np.testing.assert_array_equal(artist(figure, f"today {gate}").get_xdata(), cells["today"])
    kind = "learned (conditioning)" if "given" in asked else "made so (intervention)"
    assert kind in figure.get_suptitle()
    assert any(found.title in text.get_text() for text in figure.texts)


def test_no_scenario_no_table(tree: xr.DataTree, answers: Any) -> None:
    with pytest.raises(InvalidWhatIf, match=r"write one in scenarios\.yaml"):
        scenario_table(tree, ())
    assert section_whatif.scenarios_section(replace(answers.about, scenarios=())) is None
