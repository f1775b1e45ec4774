"""`check` reads scenarios.yaml: one finding for each mistake, none in what is bundled."""

import shutil
from pathlib import Path

import pytest

from sweet_spot.evidence.checks import examine

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "data"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN, tmp_path / "data")
    return tmp_path / "data"


def found(data: Path, **how) -> list[tuple[str, str, str]]:
    rows = [f for f in examine(data, **how).findings if f.rule == "scenario"]
    assert all(f.remedy and f.file == data / "scenarios.yaml" for f in rows)
    return [(f.statement, f.field, f.message) for f in rows]


def test_sound_scenarios_give_no_finding(data: Path) -> None:
    assert found(data) == []


def test_every_mistake_is_one_finding(data: Path) -> None:
    path = data / "scenarios.yaml"
    text = path.read_text("utf-8")
    assert "add: 2\n" in text
    path.write_text(text.replace("add: 2\n", "add: more\n") + "extra: 1\n", "utf-8")
    first, second = found(data)
    assert first[:2] == ("pause", "moves[0].add")
    assert second[1] == "extra"
    assert examine(data).count("error") == 2


def test_what_is_no_yaml_or_twice_is_said(data: Path) -> None:
    path = data / "scenarios.yaml"
    entry = path.read_text("utf-8").partition("scenarios:\n")[2]
    path.write_text(path.read_text("utf-8") + entry, "utf-8")
    assert {row[1:] for row in found(data)} == {("id", "it stands twice")}
    path.write_text("a: [", "utf-8")
    assert "cannot be read as YAML" in found(data)[0][2]


def test_other_files_are_checked_without_them(data: Path) -> None:
    (data / "scenarios.yaml").write_text("a: [", "utf-8")
    some = sorted((data / "elicitations").iterdir())[:1]
    assert found(data, paths=some) == []
