"""The record of past answers: whole, in order, nothing lost, nothing told wrong."""

import csv
import random
from dataclasses import replace
from pathlib import Path

import pytest

from sweet_spot.answers.record import (
    Made,
    Row,
    add_row,
    in_order,
    made_by,
    read_record,
    segments,
    text_of,
)
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import InvalidRecord
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Settings

NEW = Made("bbbb", "0.2.0", "arg1", "src2", "con1")
OLD = Made("cccc", "0.1.0", "arg1", "src1", "con1")
"""The newer one comes first by its name: the order has to be that of time."""


def row(as_of: str, evidence: str, made: Made = OLD, day: str = "2026-01-05", **changes) -> Row:
    credences = {"usable[any]": (2 / 3, 0.0071234), "usable[all]": (0.25, 0.005)}
    made_at = f"{day}T10:00:00Z"
    return replace(Row(as_of, evidence, 3, 2, "", credences, Settings(), made, made_at), **changes)


ROWS = (
    row("prior", "", statements=0, experts=0),
    row("2025-01-31", "e1"),
    row("2025-02-28", "e2", failed="divergences 3, demanded at most 0", credences={}),
    row("all", "e3"),
    row("all", "e4", day="2026-02-01"),
    row("prior", "", NEW, "2026-03-01"),
    row("2025-01-31", "e1", NEW, "2026-03-01"),
    row("all", "e3", NEW, "2026-03-02"),
)


def test_rows_come_back_to_five_decimals_in_order(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    shuffled = list(ROWS)
    random.Random(3).shuffle(shuffled)
    for each in shuffled:
        add_row(path, each)
    found = read_record(path)
    assert [(r.made, r.as_of, r.evidence, r.computed) for r in found] == [
        (r.made, r.as_of, r.evidence, r.computed) for r in ROWS
    ]
    assert found[1].credences == {"usable[any]": (0.66667, 0.00712), "usable[all]": (0.25, 0.005)}
    assert [r.failed for r in found] == [r.failed for r in ROWS]
    assert found[2].credences == {}
    assert {r.settings for r in found} == {Settings()}
    assert not list(tmp_path.glob(".*"))  # nothing half written is left


def test_a_mean_over_the_draws_is_told_exactly(tmp_path: Path) -> None:
    """Of 6,000 draws and of longer runs' up to 24,000: the count can be read back."""
    for draws in (6000, 12000, 18000, 24000):
        counts = random.Random(1).sample(range(draws), 200)
        written = text_of(
            row("all", f"e{n}", credences={"usable[any]": (n / draws, 0.007)}) for n in counts
        )
        (tmp_path / "r.csv").write_text(written)
        read = {r.evidence: r.credences["usable[any]"][0] for r in read_record(tmp_path / "r.csv")}
        assert {name: round(value * draws) for name, value in read.items()} == {
            f"e{n}": n for n in counts
        }


def test_the_text_depends_on_the_rows_alone_and_a_new_row_is_one_new_line() -> None:
    before = text_of(ROWS[:-1])
    assert before == text_of(ROWS[-2::-1])
    after = text_of(ROWS).splitlines()
    assert [line for line in after if line not in before.splitlines()] == [after[-1]]
    assert "\r" not in before
    assert len(list(csv.reader(after))) == len(ROWS) + 1


def test_an_answer_that_is_there_is_left(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    add_row(path, ROWS[1])
    first = path.read_bytes()
    add_row(path, replace(ROWS[1], credences={"usable[any]": (0.1, 0.1)}))
    assert path.read_bytes() == first
    add_row(path, replace(ROWS[1], settings=Settings(seed=2)))
    assert len(read_record(path)) == 2


def test_segments_are_marked_with_what_changed() -> None:
    old, new = segments(ROWS)
    assert (old.made, new.made) == (OLD, NEW)
    assert old.changed == ()
    assert new.changed == ("version 0.1.0 to 0.2.0", "equations, likelihood or sampler")
    assert new.since == "2026-03-01T10:00:00Z"
    assert (*old.rows, *new.rows) == in_order(ROWS)


@pytest.mark.parametrize(
    "line",
    ["<<<<<<< ours", "all,cccc,e9,three,2,0.5,0.01", "2025-01-31", "all,cccc,e9,3,2,,,,,,4,1500"],
)
def test_a_foreign_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "history.csv"
    path.write_text(text_of(ROWS[:2]) + line + "\n", encoding="utf-8")
    with pytest.raises(InvalidRecord, match=r"history.csv, line 4: .*restore it from git"):
        read_record(path)


def test_no_file_has_no_rows(tmp_path: Path) -> None:
    assert read_record(tmp_path / "history.csv") == ()


def test_a_segment_is_the_argument_the_source_and_the_constants(
    argument: Argument, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {
        made_by(argument, learned_constants(), version).segment for version in ("0.1.0", "0.2.0")
    }
    assert len(names) == 1  # a version alone changes no answer
    names.add(made_by(argument, ErrorConstants(tau_shared=1.0), "0.1.0").segment)
    names.add(made_by(replace(argument, digest="f" * 64), learned_constants(), "0.1.0").segment)
    monkeypatch.setattr("sweet_spot.answers.record.source_digest", lambda: "e" * 64)
    names.add(made_by(argument, learned_constants(), "0.1.0").segment)
    assert len(names) == 4


def test_the_bundled_record_is_as_it_was_written(checkout: Path) -> None:
    """It may be of an older model: then `sweet-spot history` adds a segment."""
    path = checkout / "data" / "history.csv"
    rows = read_record(path)
    assert rows
    assert text_of(rows) == path.read_text(encoding="utf-8")
