"""What a map makes of imported answers, how it is written, and that no value changes."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.importers import import_file
from sweet_spot.evidence.importers.assemble import assemble
from sweet_spot.evidence.importers.common import Imported
from sweet_spot.evidence.importers.mapping import read_map
from sweet_spot.evidence.importers.writing import as_yaml, write_new
from sweet_spot.evidence.reading import read_elicitations

MAP = {
    "schema": 1,
    "source": {"title": "A table", "url": "https://example.org", "date": "2023-01"},
    "questions": {
        "year_at": {"question": "year", "role": "evidence", "reason": "asks just that"},
        "p_*": {"question": "year", "role": "check", "reason": "the same belief again"},
    },
}
TABLE = """\
forecaster,made_at,p_by_2030,year_at_10pct,year_at_50pct,year_at_90pct
Ada,2023-01-21,0.25,2028,2050.5,N/A
Ada B.,,0.5,,2040,
"""


@pytest.fixture
def mapped(tmp_path):
    """Imports the table under a map that differs from a sound one as told."""

    def run(out=None, **changes):
        (tmp_path / "table.csv").write_text(TABLE)
        content = {name: value for name, value in {**MAP, **changes}.items() if value is not None}
        (tmp_path / "map.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        return import_file(
            "timing-table", tmp_path / "table.csv", mapping=tmp_path / "map.yaml", out=out
        )

    return run


def test_statements_are_as_mapped_and_values_as_in_the_file(mapped):
    chance, quantiles, _, median = mapped().file.statements
    assert (quantiles.id, chance.id) == ("table-ada-year_at", "table-ada-p_by")
    assert (quantiles.levels, quantiles.values) == ([0.1, 0.5, 0.9], [2028, 2050.5, "never"])
    assert (chance.event, chance.value, chance.role) == ("< 2031", 0.25, "check")
    assert (median.id, median.level, median.value) == ("table-ada-b-year_at", 0.5, 2040)
    assert (quantiles.date, median.date) == ("2023-01-21", None)
    assert (quantiles.location, quantiles.reason) == ("table.csv, line 2", "asks just that")


def test_a_map_names_people_clusters_and_where(mapped):
    changes = {"people": {"Ada": "Ada Example"}, "cluster": "tables", "location": "the table"}
    found = mapped(**changes, date="2023-02", prefix="mine", verified="secondary").file.statements
    assert (found[0].expert, found[0].cluster, found[0].verified) == (
        *("Ada Example", "tables", "secondary"),
    )
    assert found[2].date == "2023-02"
    assert found[0].id == "mine-ada-p_by"
    assert found[0].location == "the table: table.csv, line 2"


def test_questions_that_are_not_mapped_are_told_unless_ignored(mapped):
    only = {"year_at": MAP["questions"]["year_at"]}
    (left,) = mapped(questions=only).unmapped
    assert (left.question, left.answers) == ("p_by", 2)
    assert mapped(questions=only, ignored=["p_by"]).unmapped == ()
    assert mapped(questions=only, ignored=["p*"]).unmapped == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"questions": {"x": MAP["questions"]["p_*"]}}, "outside questions are 'p_by', 'year_at'"),
        ({"source": None}, "source: field required; a map has schema, source"),
        ({"sauce": "x"}, r"map.yaml:\d+: sauce: there is no such field \(did you mean source"),
        ({"questions": {"p_by": {"rule": "check"}}}, r"map.yaml:\d+: questions.p_by.question"),
        ({"settings": {"bye": "end"}}, "has no setting 'bye' .did you mean by"),
        ({"settings": {"by": 3}}, "setting by is 3"),
        ({"pooled": "always"}, "pooled: input should be 'evidence'"),
    ],
)
def test_errors_of_a_map(mapped, changes, message):
    with pytest.raises(InvalidRecord, match=message):
        mapped(**changes)


@pytest.mark.parametrize(
    ("more", "message"),
    [({"unit": "years"}, "is in year, by the map in years"), ({"event": "> 1"}, "has|events")],
)
def test_a_map_may_not_contradict_the_file(mapped, more, message):
    questions = {
        name: {**entry, **more} if name == ("year_at" if "unit" in more else "p_*") else entry
        for name, entry in MAP["questions"].items()
    }
    with pytest.raises(InvalidRecord, match=message):
        mapped(questions=questions)


def answer(**changes):
    return Imported(**{"question": "q", "forecaster": "Ada", "kind": "median", "values": (3.0,),
                       "line": 2, "unit": "years", "date": "2025", **changes})  # fmt: skip


def roles(answers, **changes):
    path = Path("map.yaml")
    path.write_text(yaml.safe_dump({**MAP, "questions": {"q": {"question": "q", **changes}}}))
    return [said.role for said in assemble(Path("f"), answers, read_map(path)).file.statements]


def test_pooled_numbers_and_machines_are_excluded_unless_mapped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answers = [answer(), answer(is_aggregate=True), answer(is_bot=True), answer(role="excluded")]
    assert roles(answers, role="evidence", reason="w") == ["evidence", *["excluded"] * 3]
    assert roles([answer(role="check"), answer()]) == ["check", "excluded"]
    monkeypatch.setitem(MAP, "pooled", "evidence")
    assert roles(answers[1:3], role="evidence", reason="w") == ["evidence", "excluded"]


def test_without_a_map_the_ids_in_the_file_are_ours():
    found = assemble(Path("f.csv"), [answer(), answer(question="Not ours")], None)
    (said,) = found.file.statements
    assert (said.question, said.role, said.value) == ("q", "excluded", 3)
    assert (found.file.source.title, found.file.source.date) == ("f.csv", "2025")
    assert [item.question for item in found.unmapped] == ["Not ours"]
    with pytest.raises(InvalidRecord, match="no id has the form of ours"):
        assemble(Path("f.csv"), [answer(question="Not ours")], None)
    with pytest.raises(InvalidRecord, match="nothing says when"):
        assemble(Path("f.csv"), [answer(date="")], None)


def test_ends_that_the_file_says_are_endings(tmp_path):
    answers = [
        answer(withdrawn="2025-06", expires="2026"),
        answer(expires="2026-01-01"),
        answer(forecaster="Ben"),
    ]
    file = assemble(Path("f.csv"), answers, None).file
    assert [(end.statement, end.how, end.date) for end in file.endings] == [
        ("f-ada-q", "withdrawn", "2025-06"),
        ("f-ada-q-2", "expired", "2026-01-01"),
    ]
    write_new(file, tmp_path / "out.yaml")
    read = read_elicitations([tmp_path / "out.yaml"])
    assert [len(item.endings) for item in read] == [1, 1, 0]


def test_equal_answers_get_ids_of_their_own():
    names = ["a", "a", "a-2", "a", "é" * 500, "李", "李", ""]
    answers = [answer(forecaster=name or "x") for name in names]
    found = [said.id for said in assemble(Path("f.csv"), answers, None).file.statements]
    assert found[:4] == ["f-a-q", "f-a-q-2", "f-a-2-q", "f-a-q-3"]
    assert len(set(found)) == len(found)


def test_what_does_not_fit_our_records_is_refused_with_its_line():
    with pytest.raises(InvalidRecord, match=r"^f.csv:2: 'q', expert: .*at most 4000"):
        assemble(Path("f.csv"), [answer(forecaster="a" * 5000)], None)
    with pytest.raises(InvalidRecord, match="has no unit; add `unit:`"):
        assemble(Path("f.csv"), [answer(unit="")], None)


def test_the_written_file_is_sound_data(mapped, toy):
    out = toy.folder / "elicitations" / "imported.yaml"
    found = mapped(out=out, date="2023-01-21").file
    assert [said.statement for said in read_elicitations([out])] == found.statements
    # quantiles and probability are one belief stated twice, for whoever maps to tell apart
    assert {f.rule for f in toy.examine([out]).findings if f.severity == "error"} <= {"one-answer"}


def test_a_file_that_is_there_is_not_replaced(mapped, tmp_path):
    out = tmp_path / "out.yaml"
    out.write_text("mine")
    with pytest.raises(InvalidRecord, match="cannot be written: file exists"):
        mapped(out=out)
    assert out.read_text() == "mine"
    assert not list(tmp_path.glob(".out*"))
    with pytest.raises(InvalidRecord, match="cannot be written: no such file"):
        mapped(out=tmp_path / "nowhere" / "out.yaml")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60)
@given(texts=st.lists(TEXT, min_size=6, max_size=6), number=NUMBERS)
def test_whatever_is_written_reads_back_the_same(tmp_path_factory, texts, number):
    who, what, condition, reason, cluster, text = texts
    said = answer(
        forecaster=who, question="q", values=(number,), condition=condition, unit=what,
        reason=reason, cluster=cluster, text=text, role="check",
    )  # fmt: skip
    file = assemble(Path("f.csv"), [said], None).file
    out = tmp_path_factory.mktemp("written") / "file.yaml"
    write_new(file, out)
    assert [back.statement for back in read_elicitations([out])] == file.statements
    assert yaml.safe_load(as_yaml(file))["schema"] == 1
