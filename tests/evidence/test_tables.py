"""Tables as elicitation files: read as YAML is, checked by the same rules, hostile ones refused."""

import time

import pytest

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence import tables
from sweet_spot.evidence.add import add
from sweet_spot.evidence.coherence import coherence
from sweet_spot.evidence.reading import data_files, read_elicitations
from sweet_spot.evidence.table_columns import NEEDED, published, value_cells
from sweet_spot.evidence.withdraw import withdraw

HEAD = (*NEEDED, "level", "made_at", "bound", "stated", "event", "given", "members")
SOUND = {
    "forecast_id": "ada", "question_id": "year", "forecaster": "Ada Example", "kind": "median",
    "value": "2030", "unit": "year", "role": "evidence", "reason": "asks that", "verified": "yes",
    "location": "table", "source_title": "A table", "source_url": "https://example.org",
    "source_date": "2025-04-03", "made_at": "2025-04",
}  # fmt: skip
SET = ({"level": "0.1", "value": "2027"}, {"level": "0.5", "value": "2031"},
       {"level": "0.9", "value": "2050", "bound": "lower"})  # fmt: skip


def csv(*rows, head=HEAD):
    """A table of rows that differ from a sound one as told."""
    lines = [",".join(head)]
    for row in rows:
        cells = {**SOUND, **row}
        lines.append(",".join('"' + cells.get(c, "").replace('"', '""') + '"' for c in head))
    return "\n".join(lines) + "\n"


def quantiles(*rows):
    return [{"kind": "quantile", **row} for row in rows]


@pytest.fixture
def table(toy):
    """Writes the one elicitation file of a folder, as a table."""
    (toy.folder / "elicitations" / "one.yaml").unlink()

    def write(content):
        toy.write("elicitations/table.csv", content)
        return toy

    return write


def findings(toy):
    found = toy.examine().findings
    return [(f.rule, f.line, f.statement, f.field) for f in found if f.rule != "unused-question"]


def test_rows_of_one_statement_read_as_the_same_in_yaml(table):
    toy = table(csv(*quantiles(*SET)))
    (item,) = read_elicitations(data_files(toy.folder).elicitations)
    said = item.statement
    assert (said.levels, said.values) == ([0.1, 0.5, 0.9], [2027, 2031, ">2050"])
    assert (said.expert, said.date, item.source.title) == ("Ada Example", "2025-04", "A table")
    assert toy.broken() == []


def test_a_table_may_hold_several_sources_and_ends(table):
    head = (*HEAD, "withdrawn_at", "withdrawn_why")
    other = {"forecast_id": "ben", "forecaster": "Ben", "source_title": "Another", "value": "2040",
             "withdrawn_at": "2025-06", "withdrawn_why": "a slip"}  # fmt: skip
    toy = table(csv({}, other, head=head))
    first, second = read_elicitations(data_files(toy.folder).elicitations)
    assert (first.source.title, second.source.title) == ("A table", "Another")
    assert (first.endings, second.endings[0].why) == ((), "a slip")
    assert toy.broken() == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{}, {"forecast_id": "b", "question_id": "yeer"}],
         ("unknown-question", 3, "b", "question_id")),
        (quantiles(*SET[:2], {**SET[2], "value": "2029", "bound": ""}),
         ("quantiles-rise", 4, "ada", "value")),
        (quantiles(SET[0], {**SET[1], "level": "1.5"}), ("levels-inside", 3, "ada", "level")),
        (quantiles(SET[1], SET[0]), ("levels-rise", 2, "ada", "level")),
        ([{"made_at": "2025-13"}], ("bad-date", 2, "ada", "made_at")),
        ([{"value": "soon"}], ("bad-value", 2, "ada", "value")),
        ([{"value": ""}], ("value-or-values", 2, "ada", "value")),
        ([{"value": "1e999"}], ("not-finite", 2, "ada", "value")),
        ([{"value": "nan"}], ("bad-value", 2, "ada", "value")),
        ([{"bound": "left"}], ("bad-value", 2, "ada", "value")),
        ([{"bound": "upper", "stated": ">2030"}], ("bad-value", 2, "ada", "value")),
        ([{"role": "proof"}], ("unknown-choice", 2, "ada", "role")),
        ([{"forecast_id": ""}], ("missing-field", 2, "#1", "forecast_id")),
        ([{"given": "[" * 90_000}], ("wrong-type", 2, "ada", "given")),
        ([{"given": '{"hardness": 1, "hardness": 2}'}], ("wrong-type", 2, "ada", "given")),
        ([{"given": '{"hardness": NaN}'}], ("not-finite", 2, "ada", "given.hardness")),
        ([{"members": "Ben"}], ("wrong-type", 2, "ada", "members")),
        ([{"source_date": "soon"}], ("bad-date", 2, "", "source_date")),
        ([{"source_title": ""}], ("missing-field", 2, "", "source_title")),
        (quantiles(SET[0], {**SET[1], "forecaster": "Ben"}),
         ("rows-agree", 3, "ada", "forecaster")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_statement_and_column(table, rows, found):
    assert found in findings(table(csv(*rows)))


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (csv({}).replace("forecast_id", "id"), "not-table", 1),
        (csv({}) + "one,cell\n", "not-table", 3),
        (csv({}) + '"open', "not-table", 3),
        (csv({}) + "x" * 200_000 + "\n", "not-table", 3),
        ("a," * 5000 + "b\n", "not-table", 1),
        (csv({}).replace("made_at", "mode_at"), "unknown-field", 1),
        (csv({}).replace("made_at", "level"), "duplicate-key", 1),
        (csv({}).encode("utf-16"), "encoding", None),
        (csv({}).encode() + b"\xff", "encoding", 3),
        (csv(), "empty-file", None),
        ("", "empty-file", None),
        (b"PK\x03\x04\x00", "not-table", 1),
        (b"PAR1 and no more", "not-table", None),
    ],
)
def test_what_is_no_table_is_refused(table, content, rule, line):
    assert (rule, line) in [found[:2] for found in findings(table(content))]


def test_limits_are_said_and_kept(table, monkeypatch):
    toy = table(csv({}, {"forecast_id": "b", "forecaster": "Ben"}))
    monkeypatch.setattr(tables, "MAX_ROWS", 1)
    assert [found[:2] for found in findings(toy)] == [("too-large", 3)]
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    assert [found[:2] for found in findings(toy)] == [("too-large", None)]


def test_ledger_commands_take_tables(toy, tmp_path):
    big = tmp_path / "big.csv"
    big.write_text(csv({"forecaster": "Ben"}))
    assert add(big, toy.folder).statements == ("ada",)
    assert add(big, toy.folder).file is None
    big.write_text(csv({"forecaster": "Ben"}, {"forecast_id": "b", "forecaster": "Cy"}))
    grown = add(big, toy.folder)
    assert (grown.statements, grown.known) == (("b",), ("ada",))
    big.write_text(csv({"forecast_id": "c", "forecaster": "Dee", "source_url": "u"}))
    with pytest.raises(InvalidRecord, match="is there already and holds"):
        add(big, toy.folder)
    big.write_text(csv({"question_id": "nothing"}))
    with pytest.raises(InvalidRecord, match=r"big.csv:2: ada, question_id: there is no question"):
        add(big, toy.folder)
    assert withdraw("ada", "a slip", toy.folder).endings == ("ada",)
    assert coherence(toy.folder) == ()
    assert sorted(path.name for path in (toy.folder / "elicitations").iterdir()) == [
        "big.csv", "one.yaml", "withdrawn-ada.yaml",
    ]  # fmt: skip


def test_a_hidden_file_is_not_read(toy):
    toy.write("elicitations/.adding-x.csv", "no table")
    assert toy.broken() == []


@pytest.mark.parametrize("change", ["value", "question_id", "forecaster"])
def test_time_grows_with_the_rows_also_where_all_are_wrong(table, change):
    def seconds(many):
        rows = [{"forecast_id": f"s{k}", "forecaster": f"E{k}"} for k in range(many)]
        toy = table(csv(*({**row, change: row.get(change, "x") + f"{k}?"}
                          for k, row in enumerate(rows))))  # fmt: skip
        started = time.process_time()
        toy.examine()
        return time.process_time() - started

    seconds(100)
    assert seconds(8000) < 30 * max(seconds(1000), 0.05)  # 8 if linear, 64 if quadratic


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (("2030", "", ""), 2030), (("2100", "lower", ""), ">2100"), (("", "lower", ""), "never"),
        (("", "lower", "later"), "later"), (("0.01", "upper", "< 0.01"), "< 0.01"),
        (("", "", ">2100"), ">2100"), ((">2100", "", ""), ">2100"), (("", "", ""), None),
        (("2100.0", "lower", ">2100"), ">2100"),
    ],
)  # fmt: skip
def test_three_cells_are_one_published_value(cells, value):
    assert published(*cells) == value
    if value is not None and cells[2] == value:
        number, side, stated = value_cells(value)
        assert (side, stated) == ("upper" if value[0] == "<" else "lower", value)
        assert published(number, side, stated) == value
