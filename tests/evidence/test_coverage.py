"""Every record of the collection has its place, and every place its records."""

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.coverage import (
    SOURCE,
    TABLE,
    CoverageRecord,
    coverage_table,
    main,
    read_coverage,
)
from sweet_spot.evidence.reading import (
    SourcedStatement,
    data_files,
    read_elicitations,
    read_questions,
)
from sweet_spot.evidence.records import parse_value

Statements = Mapping[str, SourcedStatement]
Rows = Mapping[str, Mapping[str, str]]

RAISED = {"F0199"}
"""Second hand in the table; its notes say that the number was since read in the post itself, and
when that was posted."""

ROUNDED = {
    "clymer-slowdown-uneven-arrival": "0.5 is written 'half as much'",
    "greenblatt-plans-years-bought": "months are written as years, no time as 'none'",
    "ae-alignment-on-track": "71.3 % is written 71 %",
}
"""Statements made from numbers that their reason gives in other words."""

TWO_WORKS = {
    "https://github.com/Joshuaclymer/dark_compute",
    "https://github.com/augustg97/ai-futures-forecaster",
}
"""Repositories that hold two works by different people, with a file each."""


@pytest.fixture(scope="module")
def records(checkout: Path) -> Sequence[CoverageRecord]:
    return read_coverage(checkout / "data" / SOURCE)


@pytest.fixture(scope="module")
def said(checkout: Path) -> Statements:
    items = read_elicitations(data_files(checkout / "data").elicitations)
    return {item.statement.id: item for item in items}


@pytest.fixture(scope="module")
def rows(shared: Path) -> Rows:
    """The collected records by id; skips where the folder of the collection is not there."""
    tables = [shared / "evidence" / f"public-forecasts{n}.csv" for n in ("", "-2")]
    if not all(table.is_file() for table in tables):
        pytest.skip("the collection is not in the shared folder")
    found = [row for table in tables for row in _rows(table)]
    assert len({row["record_id"] for row in found}) == len(found)
    return {row["record_id"]: row for row in found}


def _rows(table: Path) -> Iterator[Mapping[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def reached(records: Sequence[CoverageRecord], rows: Rows) -> Mapping[str, list]:
    """The rows that each statement is made from."""
    found: defaultdict[str, list] = defaultdict(list)
    for record in records:
        if record.statement:
            found[record.statement].append(rows[record.record])
    return found


def test_the_table_is_made_from_the_records(
    records: Sequence[CoverageRecord], checkout: Path
) -> None:
    table = (checkout / "data" / TABLE).read_text(encoding="utf-8")
    assert table == coverage_table(records), "run python -m sweet_spot.evidence.coverage data"


def test_records_and_statements_meet(records: Sequence[CoverageRecord], said: Statements) -> None:
    for record in records:
        if record.statement:
            item = said[record.statement]
            assert (record.file, record.role) == (item.path.name, item.statement.role)
    assert {record.statement for record in records} - {None} == said.keys()


def test_one_file_for_one_source(said: Statements) -> None:
    files = {item.path.name: item.source for item in said.values()}
    assert len({(source.url, source.title) for source in files.values()}) == len(files)
    urls = Counter(source.url for source in files.values())
    assert {url for url, n in urls.items() if n > 1} == TWO_WORKS


def test_totals(said: Statements) -> None:
    used = [item.statement for item in said.values() if item.statement.role != "excluded"]
    assert len(used) >= 150
    assert len({statement.expert for statement in used}) >= 30
    evidence = [statement for statement in used if statement.role == "evidence"]
    assert len({statement.expert for statement in evidence}) >= 30


def test_every_collected_record_has_its_place_once(
    records: Sequence[CoverageRecord], rows: Rows
) -> None:
    assert Counter(record.record for record in records) == Counter(rows.keys())


def test_second_hand_records_make_second_hand_statements(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows
) -> None:
    for name, sources in reached(records, rows).items():
        second_hand = any(
            row["verified"] != "yes" and row["record_id"] not in RAISED for row in sources
        )
        marked = "secondary" if second_hand else "yes"  # the weaker mark wins
        assert said[name].statement.verified == marked, name


def test_dates_are_those_of_the_collection(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows
) -> None:
    for name, sources in reached(records, rows).items():
        for row in sources:
            if row["record_id"] not in RAISED:
                # ours may be narrower: a month where the collection has the year
                assert said[name].date.startswith(row["date"]), (name, row["record_id"])


def test_sources_are_those_of_the_collection(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows
) -> None:
    for name, sources in reached(records, rows).items():
        source = said[name].source
        for row in sources:
            assert row["source_url"] in f"{source.url} {source.note}", (name, row["record_id"])


def test_published_numbers_stand_in_the_statement_or_its_reason(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows
) -> None:
    missing = {}
    for name, sources in reached(records, rows).items():
        known = list(numbers_of(said[name]))
        for row in sources:
            value = float(row["value"])
            if not any(math.isclose(value, number, rel_tol=1e-9) for number in known):
                missing.setdefault(name, []).append((row["record_id"], value))
    assert missing.keys() == ROUNDED.keys(), missing


def numbers_of(item: SourcedStatement) -> Iterator[float]:
    """The values of a statement, and the numbers of its reason, percentages also as fractions."""
    statement = item.statement
    yield from (parse_value(v)[1] for v in statement.all_values() if v not in ("never", "later"))
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    text = f"{statement.reason} {statement.condition} {statement.wording}"
    for found in re.findall(r"\d[\d,]*\.?\d*", text):
        number = float(found.replace(",", ""))
        yield from (number, number / 100)
    yield from (words.index(w) + 1.0 for w in re.findall(r"[a-z]+", text.lower()) if w in words)


def test_levels_of_quantile_sets(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows
) -> None:
    changed = set()
    for name, sources in reached(records, rows).items():
        statement = said[name].statement
        if statement.kind != "quantile":
            continue
        pairs = {(float(row["level"]), float(row["value"])) for row in sources if row["level"]}
        ours = zip(statement.all_levels(), statement.all_values(), strict=True)
        if pairs != {(level, parse_value(value)[1]) for level, value in ours}:
            changed.add(name)
    # entered without its condition, and as quartiles of the distribution that was published
    assert changed == {"ai2027-takeoff-sc-sar-progress", "forethought-initial-speedup"}


RUN = 8


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of RUN words."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1)}


def test_texts_are_our_own(
    records: Sequence[CoverageRecord], said: Statements, rows: Rows, checkout: Path
) -> None:
    texts = [row[field] for row in rows.values() for field in ("quantity", "condition")]
    theirs = {run for text in texts for run in runs(text)}
    for name, item in said.items():
        statement = item.statement
        for text in (statement.wording, statement.condition, statement.reason):
            assert not runs(text or "") & theirs, name
    for record in records:
        assert not runs(record.reason) & theirs, record.record
    for question in read_questions(data_files(checkout / "data").questions):
        assert not runs(f"{question.wording} {question.fidelity_reason}") & theirs, question.id


GOOD = {"record": "F0001", "file": "a.yaml", "statement": "a", "role": "check", "reason": "so"}
NOWHERE = {"record": "F0002", "file": None, "statement": None, "role": "excluded", "reason": "no"}


def write(folder: Path, *records: dict, **changes) -> Path:
    path = folder / SOURCE
    path.write_text(yaml.safe_dump({"schema": 1, "records": list(records), **changes}))
    return path


def test_reads_what_is_sound(tmp_path: Path) -> None:
    first, second = read_coverage(write(tmp_path, GOOD, NOWHERE))
    assert (first.statement, second.statement) == ("a", None)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ([{**GOOD, "record": "G0001"}], "record"),
        ([{**GOOD, "role": "maybe"}], "role"),
        ([{**GOOD, "extra": 1}], "extra"),
        ([{**GOOD, "reason": ""}], "reason"),
        ([{**GOOD, "file": "../a.yaml"}], "file"),
        ([{**GOOD, "file": None}], "give both file and statement"),
        ([{**NOWHERE, "role": "check"}], "has a statement"),
        ([GOOD, dict(GOOD)], "each record stands once; repeated: F0001"),
        ([NOWHERE, GOOD], "in order of their ids"),
        ([], "records"),
    ],
)
def test_refuses_what_is_not(tmp_path: Path, wrong: list[dict], why: str) -> None:
    with pytest.raises(InvalidRecord, match=why):
        read_coverage(write(tmp_path, *wrong))


def test_refuses_other_versions_and_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match="schema"):
        read_coverage(write(tmp_path, GOOD, schema=2))
    (tmp_path / SOURCE).write_text("records: [")
    with pytest.raises(InvalidRecord, match="not YAML"):
        read_coverage(tmp_path / SOURCE)


def test_writes_the_table(tmp_path: Path) -> None:
    rows = [{"reason": "one | two\n<b>"}, {"record": "F0003"}]
    left_out = {**NOWHERE, "record": "F0004"}
    path = write(tmp_path, *({**GOOD, **row} for row in rows), left_out)
    main(str(tmp_path))
    table = (tmp_path / TABLE).read_text()
    assert table == coverage_table(read_coverage(path))
    assert "| check | 2 | 1 |" in table
    assert "| all | 3 | 1 |" in table
    assert r"| F0001 | check | a.yaml | a | one \| two \<b> |" in table
    assert "| F0004 | excluded |  |  | no |" in table
