"""Export: what is written reads back as the same statements, and what is lost is counted."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sweet_spot
from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence.exporters import export
from sweet_spot.evidence.exporters.tidy import write_table
from sweet_spot.evidence.gather import digest, gather
from sweet_spot.evidence.importers import import_file
from sweet_spot.evidence.plain_yaml import Document
from sweet_spot.evidence.reading import (
    ElicitationRead,
    data_files,
    read_elicitations,
)
from sweet_spot.evidence.records import Ending, Source, Statement

MAP = """\
schema: 1
source: {title: A table, url: https://example.org, date: 2026-11}
questions: {"%s": {question: %s}}
"""
ENDING = """\
schema: 1
source: {title: t, url: u, date: 2025-07}
endings: [{statement: later, how: withdrawn, date: 2025-07, why: a slip}]
"""
NONE = {"levels": None, "values": None}


def by_id(paths):
    return {item.statement.id: item for item in read_elicitations(paths)}


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def bundled(checkout):
    return by_id(data_files(checkout / "data").elicitations)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_all_bundled_statements_come_back(checkout, bundled, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "elicitations").mkdir()
    (tmp_path / "questions.yaml").write_bytes((checkout / "data/questions.yaml").read_bytes())
    out = tmp_path / "elicitations" / f"all.{suffix}"
    done = export("tidy", out, data=checkout / "data")
    assert done.statements == len(bundled)
    assert done.rows == sum(len(item.statement.all_values()) for item in bundled.values())
    back = by_id([out])
    assert back.keys() == bundled.keys()
    for name, item in bundled.items():
        same = back[name]
        assert (same.statement, same.source, same.endings) == (
            item.statement, item.source, item.endings,
        )  # fmt: skip
    assert digest(gather(tmp_path)) == digest(gather(checkout / "data"))


@pytest.mark.parametrize("out", ["back.yaml", "back.csv"])
def test_import_with_a_map_gives_the_same_statements(checkout, bundled, tmp_path, out):
    export("tidy", tmp_path / "all.csv", data=checkout / "data")
    asked = sorted({item.statement.question for item in bundled.values()})
    lines = ["schema: 1", "source: {title: A table, url: u, date: 2026-11}", "questions:"]
    lines += [f"  {name}: {{question: {name}}}" for name in asked]
    (tmp_path / "map.yaml").write_text("\n".join(lines) + "\n")
    import_file("tidy", tmp_path / "all.csv", mapping=tmp_path / "map.yaml", out=tmp_path / out)
    back = by_id([tmp_path / out])
    assert back.keys() == bundled.keys()
    for name, item in bundled.items():
        dated = item.statement.model_copy(update={"date": item.date})
        assert (back[name].statement, back[name].endings) == (dated, item.endings)


def test_the_columns_say_what_was_said(toy, tmp_path):
    toy.say({}, {"id": "later", "date": "2025-05", "values": [2027, 2031, "never"]},
            source={"date": "2025-06"})  # fmt: skip
    toy.write("elicitations/end.yaml", ENDING)
    sweet_spot.export("tidy", tmp_path / "t.csv", data=toy.folder)
    rows = rows_of(tmp_path / "t.csv")
    assert [row["value"] for row in rows] == ["2027", "2030.5", "2050", "2027", "2031", ""]
    assert [row["bound"] for row in rows] == ["", "", "lower", "", "", "lower"]
    assert [row["stated"] for row in rows] == ["", "", ">2050", "", "", "never"]
    assert [row["level"] for row in rows] == ["0.1", "0.5", "0.9"] * 2
    assert {row["supersedes"] for row in rows[:3]} == {""}
    assert {(row["supersedes"], row["withdrawn_at"], row["withdrawn_why"]) for row in rows[3:]} == {
        ("first", "2025-07", "a slip")
    }
    assert {(row["source_file"], row["source_row"]) for row in rows[:3]} == {("one.yaml", "7")}
    assert all(len(row["source_sha256"]) == 64 for row in rows)


awkward = ["=1+1", "@SUM(A1)", "-2", '"', "a\r\nb", " x ", "\r", "a,b", "\x85\u2028", "\x1b[31m",
           "NA", "+49", "\0"]  # fmt: skip
texts = st.sampled_from(awkward) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12
)
names = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,8}", fullmatch=True)
numbers = st.floats(allow_nan=False, allow_infinity=False)
bounds = st.builds("{}{}{}".format, st.sampled_from("<>"), st.sampled_from(["", " "]),
                   st.sampled_from(["2100", "0.001", "1e-9", "007", "-3."]))  # fmt: skip
values = numbers | bounds | st.sampled_from(["never", "later", " never "])
days = st.sampled_from(["2024", "2024-02", "2024-02-29"])
optional = {
    "cluster": names, "people": st.integers(1, 10**6), "date": days, "condition": texts,
    "members": st.lists(texts, min_size=1, max_size=3), "wording": texts,
    "given": st.dictionaries(texts, numbers, min_size=1, max_size=2),
    "premises": st.lists(names, min_size=1, max_size=3),
    "includes": st.lists(names, min_size=2, max_size=2),
}  # fmt: skip


@st.composite
def statements(draw):
    kind = draw(st.sampled_from(["quantile", "probability", "median", "mean", "bound"]))
    many = draw(st.integers(1, 3)) if kind in ("quantile", "probability") else 1
    said = [draw(values) for _ in range(many)]
    marks = {}
    if kind == "quantile":
        marks = {"level": [draw(numbers) for _ in said]}
    elif kind == "probability":
        marks = {"event": [draw(st.sampled_from(["< 2030", ">= 0.5", ">1e3"])) for _ in said]}
    fields = {"value": said, **marks}
    fields = {f"{k}s": v for k, v in fields.items()} if many > 1 else {
        k: v[0] for k, v in fields.items()
    }  # fmt: skip
    own = {
        "id": draw(names), "expert": draw(texts), "question": draw(names), "kind": kind,
        "unit": draw(texts), "role": draw(st.sampled_from(["evidence", "check", "excluded"])),
        "reason": draw(texts), "verified": draw(st.sampled_from(["yes", "secondary"])),
        "location": draw(texts), **fields,
    }  # fmt: skip
    extra = draw(st.fixed_dictionaries({}, optional=optional))
    return Statement.model_validate({**own, **extra})


@settings(max_examples=150)
@given(
    said=st.lists(statements(), min_size=1, max_size=4, unique_by=lambda s: s.id),
    source=st.builds(Source, title=texts, url=texts, date=days, authors=texts | st.none()),
    suffix=st.sampled_from(["csv", "csv", "parquet"]),
    ends=st.lists(st.sampled_from(["withdrawn", "expired", "resolved"]), unique=True),
    why=texts,
)
def test_any_statements_come_back(tmp_path_factory, said, source, suffix, ends, why):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path_factory.mktemp("table") / f"t.{suffix}"
    endings = [Ending(statement=said[0].id, how=how, date="2025", why=why) for how in ends]
    file = ElicitationRead(
        Document(out, {}, {}, ()), source, tuple(enumerate(said)), (), tuple(enumerate(endings))
    )
    write_table([file], {}, out)
    back = by_id([out])
    assert {name: item.statement for name, item in back.items()} == {s.id: s for s in said}
    assert {item.source for item in back.values()} == {source}
    assert {end.how for end in back[said[0].id].endings} == set(ends)


def test_hubverse_reads_back_and_counts_what_it_cannot_hold(toy, tmp_path):
    chance = {**NONE, "kind": "probability", "unit": "percent"}
    toy.say(
        {"condition": "if all goes well"},
        {"id": "b", "expert": "Béa Example", "date": "2025-04-01"},
        {"id": "c", **chance, "question": "schemers", "value": 30},
        {"id": "d", **chance, "question": "speed", "unit": "probability", "values": [0.3, 0.4],
         "events": ["> 100", "> 50"], "role": "check"},
        {"id": "e", "expert": "Cy", "role": "excluded"},
        {"id": "f", "expert": "Dee", "given": {"years_bought": 1}},
    )  # fmt: skip
    done = export("hubverse", tmp_path / "hub", data=toy.folder)
    files = {path.name: path for path in (tmp_path / "hub").rglob("*.csv")}
    assert sorted(files) == [
        "2025-04-01-bea_example-stated.csv", "2025-04-30-ada_example-stated.csv",
    ]  # fmt: skip
    path = files["2025-04-30-ada_example-stated.csv"]
    assert path.parent.name == "ada_example-stated"
    got = [(r["target"], r["output_type"], r["output_type_id"], r["value"]) for r in rows_of(path)]
    assert got == [
        ("year", "quantile", "0.1", "2027"), ("year", "quantile", "0.5", "2030.5"),
        ("schemers", "pmf", "yes", "0.3"), ("schemers", "pmf", "no", "0.7"),
        ("speed", "cdf", "100", "0.7"), ("speed", "cdf", "50", "0.6"),
    ]  # fmt: skip
    assert done.rows == 8
    assert done.left["one-sided values"] == 2
    assert done.left["excluded statements"] == 1
    assert done.left["statements under a condition of their own on the model's quantities"] == 1
    assert done.left["probabilities of more than a threshold, written as the rest to one"] == 2
    names = (tmp_path / "hub" / "model-metadata" / "bea_example-stated.yml").read_text()
    assert 'team_name: "Béa Example"' in names
    (tmp_path / "map.yaml").write_text(MAP % ("schemers[yes]", "schemers"))
    asked = import_file("hubverse", path, mapping=tmp_path / "map.yaml")
    (chances,) = asked.file.statements
    assert (chances.value, chances.unit, chances.date) == (0.3, "probability", "2025-04-30")
    own = [s for s in import_file("hubverse", path).file.statements if s.question == "year"]
    assert [(s.levels, s.values, s.unit, s.condition) for s in own] == [
        ([0.1, 0.5], [2027, 2030.5], "year", "if all goes well")
    ]


def test_people_with_one_plain_name_have_files_of_their_own(toy, tmp_path):
    toy.say({"id": "a", "expert": "Ann O."}, {"id": "b", "expert": "ann-o"},
            {"id": "c", "expert": "李"}, {"id": "d", "expert": "王"})  # fmt: skip
    export("hubverse", tmp_path / "hub", data=toy.folder)
    folders = sorted(path.name for path in (tmp_path / "hub" / "model-output").iterdir())
    assert folders == ["ann_o-stated", "ann_o_2-stated", "person-stated", "person_2-stated"]


@pytest.mark.parametrize("name", ["tidy", "hubverse"])
def test_whole_or_not_at_all(toy, tmp_path, name):
    out = tmp_path / "there"
    out.mkdir()
    (out / "kept").write_text("")
    with pytest.raises(InvalidRecord, match="there: cannot be written"):
        export(name, out, data=toy.folder)
    with pytest.raises(InvalidRecord, match="cannot be written"):
        export(name, tmp_path / "no" / "where", data=toy.folder)
    toy.say({"values": [3, 2, 1]})
    with pytest.raises(InvalidRecord, match="run `sweet-spot check`"):
        export(name, tmp_path / "new", data=toy.folder)
    assert [path.name for path in out.iterdir()] == ["kept"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "elicitations", "questions.yaml", "there",
    ]  # fmt: skip


def test_an_unknown_format_and_a_missing_package(toy, tmp_path, monkeypatch):
    with pytest.raises(InvalidRecord, match=r"'tiddy' \(did you mean tidy\?\)"):
        export("tiddy", tmp_path / "x", data=toy.folder)
    monkeypatch.setattr("sweet_spot.evidence.exporters.tidy.import_module", _missing)
    with pytest.raises(MissingData, match="pyarrow; install ai-safety-sweet-spot"):
        export("tidy", tmp_path / "x.parquet", data=toy.folder)
    assert not (tmp_path / "x.parquet").exists()


def _missing(name):
    raise ImportError(name)
