"""Records of resolved forecasts: what their file may hold, and what it does to statements."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.gather import COLUMNS, Evidence, digest, gather
from sweet_spot.evidence.skill import Skill, read_skill, with_skill

HEADER = "person,questions,log_imprecision_mean,log_imprecision_sd,lean_mean,lean_sd"
ADA = "forecasts:Ada Example,30,-0.5,0.2,0.3,0.1"
BOB = "Bob Example,4,0.8,0.4,-0.2,0.3"
CHANCE: Mapping[str, Any] = {
    "question": "schemers", "kind": "probability", "levels": None, "values": None, "value": 0.3,
    "unit": "probability",
}  # fmt: skip
DATED = {**CHANCE, "question": "year"}
TOTAL = {**CHANCE, "question": "total", "role": "check"}
SAID: tuple[Mapping[str, Any], ...] = (
    {"id": "ada-year"},
    {"id": "ada-schemers", **CHANCE},
    {"id": "ada-soon", **DATED, "event": "< 2030", "date": "2025-03"},
    {"id": "bob-late", "expert": "Bob Example", **DATED, "event": "> 2040"},
    {"id": "bob-total", "expert": "Bob Example", **TOTAL},
    {"id": "cleo-total", "expert": "Cleo Example", **TOTAL},
    {"id": "cleo-year", "expert": "Cleo Example"},
)


@pytest.fixture
def folder(toy: Any) -> Path:
    """Sound statements of three people, quantiles and probabilities of either side."""
    toy.say(*SAID)
    return Path(toy.folder)


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "skill.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def column(evidence: Evidence, name: str) -> dict[str, Any]:
    table = evidence.statements
    return dict(zip(table["statement"].values.tolist(), table[name].values.tolist(), strict=True))


def test_rows_are_read_by_the_name_of_the_expert(tmp_path: Path) -> None:
    """With or without the dataset in front; a lean that is empty or not known is none."""
    write(tmp_path, ADA, "Bob Example,4,0.8,0.4,,nan", "set/Cleo,1,0,0,0,0")
    found = read_skill(tmp_path)
    assert list(found) == ["Ada Example", "Bob Example", "Cleo"]
    assert found["Ada Example"] == Skill(
        person="forecasts:Ada Example", questions=30, log_imprecision_mean=-0.5,
        log_imprecision_sd=0.2, lean_mean=0.3, lean_sd=0.1,
    )  # fmt: skip
    assert (found["Bob Example"].lean_mean, found["Bob Example"].lean_sd) == (0.0, 0.0)


def test_no_file_is_no_record(tmp_path: Path) -> None:
    assert read_skill(tmp_path) == {}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",30,-0.5,0.2,0.3,0.1", "person"),
        ("Dan,0,-0.5,0.2,0.3,0.1", "questions"),
        ("Dan,few,-0.5,0.2,0.3,0.1", "questions"),
        ("Dan,30,3.5,0.2,0.3,0.1", "log_imprecision_mean"),
        ("Dan,30,nan,0.2,0.3,0.1", "log_imprecision_mean"),
        ("Dan,30,,0.2,0.3,0.1", "log_imprecision_mean"),
        ("Dan,30,0.5,-0.2,0.3,0.1", "log_imprecision_sd"),
        ("Dan,30,0.5,inf,0.3,0.1", "log_imprecision_sd"),
        ("Dan,30,0.5,0.2,-4,0.1", "lean_mean"),
        ("Dan,30,0.5,0.2,0.3,-1", "lean_sd"),
        ("Dan,30", "log_imprecision_mean"),
    ],
)
def test_errors_name_file_line_field_and_remedy(tmp_path: Path, row: str, field: str) -> None:
    path = write(tmp_path, ADA, row)
    with pytest.raises(InvalidRecord) as caught:
        read_skill(tmp_path)
    assert str(caught.value).startswith(f"{path}, line 3, {field}: ")
    assert "sweet-spot learn" in str(caught.value)


def test_unknown_columns_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, f"{ADA},1", header=f"{HEADER},weight")
    with pytest.raises(InvalidRecord) as caught:
        read_skill(tmp_path)
    assert str(caught.value).startswith(f"{path}, line 2, weight: ")


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "Ada Example,30", header="person,questions")
    with pytest.raises(InvalidRecord) as caught:
        read_skill(tmp_path)
    assert str(caught.value).startswith(f"{path}, line 2, log_imprecision_mean: ")


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, BOB, f"{ADA},1")
    with pytest.raises(InvalidRecord) as caught:
        read_skill(tmp_path)
    assert str(caught.value).startswith(f"{path}, line 3, ")


def test_a_person_stands_once(tmp_path: Path) -> None:
    """Also where two datasets have a person of that name."""
    path = write(tmp_path, ADA, BOB, "others:Ada Example,3,0,0.1,0,0")
    with pytest.raises(InvalidRecord) as caught:
        read_skill(tmp_path)
    assert str(caught.value) == f"{path}, line 4, person: 'Ada Example' stands twice; keep one"


def test_without_records_every_person_is_as_any(folder: Path) -> None:
    """And a file about others, or about nobody, changes no number and no digest."""
    plain = gather(folder)
    assert set(column(plain, "imprecision").values()) == {1.0}
    assert set(column(plain, "lean").values()) == {0.0}
    for rows in ((), ("Zoe Example,3,-0.5,0.2,0.3,0.1",)):
        write(folder, *rows)
        other = gather(folder)
        xr.testing.assert_identical(other.statements, plain.statements)
        assert digest(other) == digest(plain)
    assert with_skill(plain.statements, {}) is plain.statements


def test_yes_is_above_or_below_the_threshold(folder: Path) -> None:
    """By the statement's own event, else the question's; quantiles have no yes."""
    assert column(gather(folder), "yes") == {
        "ada-year": 0, "ada-schemers": 1, "ada-soon": -1, "bob-late": 1, "bob-total": -1,
        "cleo-total": -1, "cleo-year": 0,
    }  # fmt: skip


def test_records_become_factors_and_leans(folder: Path) -> None:
    """The factor on all that a person says; the lean on probabilities alone, towards yes: up where
    yes is above the threshold, down where it is below."""
    plain = gather(folder)
    write(folder, ADA, BOB)
    found = gather(folder)
    ada, bob = np.exp(-0.5), np.exp(0.8)
    assert column(found, "imprecision") == pytest.approx(
        {"ada-year": ada, "ada-schemers": ada, "ada-soon": ada, "bob-late": bob, "bob-total": bob,
         "cleo-total": 1.0, "cleo-year": 1.0}
    )  # fmt: skip
    assert column(found, "lean") == {
        "ada-year": 0.0, "ada-schemers": 0.3, "ada-soon": -0.3, "bob-late": -0.2, "bob-total": 0.2,
        "cleo-total": 0.0, "cleo-year": 0.0,
    }  # fmt: skip
    assert digest(found) != digest(plain)
    others = [name for name in COLUMNS if name not in ("imprecision", "lean")]
    xr.testing.assert_identical(found.statements[others], plain.statements[others])
    for name in ("imprecision", "lean"):
        assert found.statements[name].dtype == np.dtype(COLUMNS[name])
