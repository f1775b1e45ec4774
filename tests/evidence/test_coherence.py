"""Contradictions of one person, found in statements."""

import csv
import math

import pytest

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.coherence import coherence
from sweet_spot.evidence.importers import import_file
from sweet_spot.evidence.reading import data_files, read_elicitations

NONE = {"levels": None, "values": None}
ASKED = {"fidelity": "exact"}


def chance(name, value, event="< 2030", **changes):
    return {**NONE, "id": name, "kind": "probability", "question": "by", "value": value,
            "event": event, "unit": "probability", **changes}  # fmt: skip


@pytest.fixture
def data(toy):
    toy.ask(
        year=ASKED,
        speed={**ASKED, "quantity": "year_at_speedup(5)", "unit": "year", "id": "early"},
        gap={**ASKED, "via": None},
        invested={**ASKED, "id": "by", "quantity": "year_at_speedup(25)", "unit": "year"},
    )
    return toy


def kinds(toy):
    return [found.kind for found in coherence(toy.folder)]


def test_sound_statements_do_not_contradict(data):
    data.say({}, chance("b", 0.4))
    assert coherence(data.folder) == ()


def test_quantile_against_probability_by_date(data):
    data.say({}, chance("b", 0.6))  # half by 2030.5, yet 60 % by 2030
    (found,) = coherence(data.folder)
    assert (found.kind, found.expert) == ("levels", "Ada Example")
    assert found.statements == ("b", "first")
    assert found.terms == ("P(year_at_speedup(25) < 2030)", "P(year_at_speedup(25) < 2030.5)")
    assert found.repair.stated == pytest.approx((0.6, 0.5))
    assert found.repair.repaired[0] == pytest.approx(found.repair.repaired[1])
    assert "nearest 0.5505 (b)" in str(found)
    assert found.to_json()["change"] == pytest.approx(found.repair.change)


@pytest.mark.parametrize(
    "changes",
    [{"expert": "Ben Example"}, {"condition": "if all goes well"},
     {"given": {"years_bought": 1}}, {"value": "<0.6"}],
)  # fmt: skip
def test_what_is_not_comparable_is_not_compared(data, changes):
    data.say({}, {**chance("b", 0.6), **changes})
    assert coherence(data.folder) == ()


def test_loose_questions_are_not_compared_with_others(data):
    data.ask(invested={"id": "by", "quantity": "year_at_speedup(25)", "unit": "year"})
    data.say({}, chance("b", 0.6))
    assert coherence(data.folder) == ()


def test_an_excluded_answer_of_the_same_day_to_the_same_question(data):
    data.say({}, chance("b", 0.6, question="year", role="excluded"))
    assert kinds(data) == ["levels"]


def test_superseded_and_withdrawn_views_are_not_compared(data):
    newer = {"id": "new", "date": "2025-04-02", "values": [2025.5, 2029, 2040]}
    data.say({"date": "2025-04-01"}, newer, chance("b", 0.6), source={"date": "2025-04"})
    assert coherence(data.folder) == ()


def test_nested_events(data):
    data.say({**NONE, "kind": "median", "value": 2033, "id": "a", "question": "early"},
             chance("b", 0.6, "< 2032"))  # fmt: skip
    (found,) = coherence(data.folder)
    assert (found.kind, found.statements) == ("nested", ("b", "a"))
    data.say({**NONE, "kind": "median", "value": 2031, "id": "a", "question": "early"},
             chance("b", 0.6, "< 2032"))  # fmt: skip
    assert coherence(data.folder) == ()


def gap(values, **changes):
    return {"id": "g", "question": "gap", "unit": "years", "values": values, **changes}


def test_gap_that_contradicts_dates(data):
    early = {"id": "e", "question": "early", "values": [2026, 2027, 2028]}
    late = {"id": "l", "values": [2032, 2035, 2045]}
    data.say(early, late, gap([3, 8, 20]))
    assert coherence(data.folder) == ()
    data.say(early, late, gap([0.5, 1, 2]))  # at least 80 % within 2028..2032: no gap below 4
    (found,) = coherence(data.folder)
    assert found.kind == "gap"
    assert found.statements == ("e", "l", "g")
    assert found.terms[2] == "P(years_between_speedups(5, 25) > 2)"
    assert found.repair.stated[0] - found.repair.stated[1] > found.repair.stated[2]
    data.say(early, {**late, "values": [2028.5, 2029, 2030]}, gap([6, 8, 20]))
    assert kinds(data) == ["gap"]


def test_medians_alone_leave_any_gap(data):
    early = {**NONE, "kind": "median", "value": 2027, "id": "e", "question": "early"}
    late = {**NONE, "kind": "median", "value": 2037, "id": "l"}
    data.say(early, late, gap(None, levels=None, kind="median", value=1))
    assert coherence(data.folder) == ()


def test_premises_and_conditionals(data):
    parts = [chance(f"p{k}", p, f"< {2030 + k}", role="excluded", expert=f"Ada {k}")
             for k, p in enumerate((0.8, 50, 0.1))]  # fmt: skip
    parts[1]["unit"] = "percent"
    whole = chance("whole", 0.3, premises=["p0", "p1", "p2"])
    data.say(*parts, whole)
    (found,) = coherence(data.folder)
    assert (found.kind, found.statements) == ("premises", ("p0", "p1", "p2", "whole"))
    assert found.repair.stated == (0.8, 0.5, 0.1, 0.3)
    data.say(*parts, {**whole, "value": 0.04})
    assert coherence(data.folder) == ()
    data.say(*parts, {**whole, "premises": None, "includes": ["p0", "p1"]})
    assert kinds(data) == ["conditional"]
    data.say(*parts, {**whole, "premises": None, "includes": ["p0", "p2"]})
    assert coherence(data.folder) == ()


def test_some_files_and_faulty_ones(data):
    sound = data.say({}, name="one")
    data.say(chance("b", 0.6), name="two")
    assert len(coherence(data.folder)) == 1
    assert coherence(data.folder, [sound]) == ()
    data.say({"values": [3, 2, 1]}, name="two")
    with pytest.raises(InvalidRecord, match="in all: run `sweet-spot check`"):
        coherence(data.folder)


FRI = "person,Camp,ID,PU,Pc,PUc\nAda,C,Power cut,0.1,0.5,0.25\nBen,S,Power cut,0.1,0.5,0.2\n"
FRI_MAP = """\
schema: 1
source: {title: t, url: u, date: 2023-05}
questions: {"*": {question: total, role: excluded, reason: to be compared}}
"""


def test_a_table_of_conditionals_is_compared_as_it_is(data, tmp_path):
    (tmp_path / "fri.csv").write_text(FRI)
    (found,) = coherence(data.folder, [tmp_path / "fri.csv"])
    assert (found.kind, found.expert) == ("conditional", "Ada")
    assert found.repair.stated == (0.5, 0.25, 0.1)
    assert found.terms == (
        "P(the crux 'Power cut' resolves positively)",
        "P(AI causes an existential catastrophe by 2100, given that the crux 'Power cut' "
        "resolves positively)",
        "P(AI causes an existential catastrophe by 2100)",
    )
    assert found.product == pytest.approx(0.125)
    assert "the product is 0.125" in str(found)
    with_others = coherence(data.folder, [data.folder / "elicitations", tmp_path / "fri.csv"])
    assert with_others == (found,)


@pytest.mark.parametrize("way", ["directly", "imported", "imported with a map"])
def test_exactly_six_rows_of_the_published_conditionals(checkout, shared, tmp_path, way):
    table = shared / "formats" / "fri" / "FORECASTS.csv"
    with table.open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if "NA" not in (r["PU"], r["Pc"], r["PUc"])]
    above = {
        (r["person"], float(r["Pc"]), float(r["PUc"]), float(r["PU"]))
        for r in rows
        if float(r["Pc"]) * float(r["PUc"]) > float(r["PU"])
    }
    assert len(above) == 6
    path, mapping = tmp_path / "fri.yaml", tmp_path / "map.yaml"
    mapping.write_text(FRI_MAP.replace("total", "takeover_total"))
    if way == "directly":
        path = table
    else:
        import_file("fri", table, out=path, mapping=mapping if "map" in way else None)
    found = coherence(checkout / "data", [path])
    assert len(found) == 6
    assert {(c.expert, *c.repair.stated) for c in found} == above
    assert all(0 < c.repair.change < 4 for c in found)
    changes = [c.repair.change for c in found]
    assert changes == sorted(changes, reverse=True)


def test_a_part_that_is_excluded_is_no_answer_of_its_own(data):
    total = chance("whole", 0.2, premises=["p", "q"])
    parts = [chance(n, v, role="excluded") for n, v in (("p", 0.9), ("q", 0.01))]
    data.say(*parts, total)
    assert kinds(data) == ["premises"]
    data.say(*parts, {**total, "premises": None})
    assert kinds(data) == ["levels"]


def test_bundled_data_has_both_published_chains(checkout):
    (found,) = coherence(checkout / "data")
    assert (found.kind, found.expert) == ("premises", "Good Judgment superforecasters")
    assert len(found.statements) == 7
    assert found.product == pytest.approx(0.0021, abs=5e-5)
    assert found.repair.stated[-1] == 0.01
    said = {i.statement.id: i.statement
            for i in read_elicitations(data_files(checkout / "data").elicitations)}  # fmt: skip
    total = said["carlsmith-2021-total"]
    six = [said[name].value for name in total.premises]
    assert (len(six), total.value) == (6, 0.05)
    assert math.prod(six) == pytest.approx(0.0514, abs=5e-5)  # rounds to what he stated
