"""VALIDATION.md is what its records make, of these very sources; and the check of that can fail."""

import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

import sweet_spot
from sweet_spot.answers.drawn import write_figures
from sweet_spot.answers.validation import FIGURES, Validation, validate
from sweet_spot.answers.validation_figures import differences
from sweet_spot.cli.app import main
from sweet_spot.inference.store import SOURCES

PACKAGE = Path(sweet_spot.__file__).parent
RUN_AGAIN = "run `sweet-spot validate --run --panels DIR`, or the commands on the page"


@pytest.fixture(scope="module")
def committed(checkout: Path) -> Validation:
    return validate(checkout / "docs" / "validation")


@pytest.fixture
def page(checkout: Path) -> str:
    return (checkout / "VALIDATION.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """Page, figures and records of the checkout, to be altered."""
    shutil.copy(checkout / "VALIDATION.md", tmp_path)
    for folder in ("docs/validation", FIGURES):
        shutil.copytree(checkout / folder, tmp_path / folder)
    return tmp_path


def test_the_page_is_what_the_records_make(committed: Validation, page: str) -> None:
    """Byte for byte, so that its claims are exactly the numbers."""
    assert page == committed.page, "run `sweet-spot validate`"


def test_no_record_is_of_other_sources(committed: Validation) -> None:
    assert not committed.stale, f"{[each.text for each in committed.stale]}: {RUN_AGAIN}"


def test_every_check_came_out_as_it_must(committed: Validation) -> None:
    assert not committed.failed, committed.text


def test_the_page_carries_the_sha_256_of_the_sources(page: str) -> None:
    """By hand, from the files."""
    shown = dict(
        re.findall(r"^\| (argument|equations|model|learned) \| `([0-9a-f]{64})`", page, re.M)
    )
    equations = ("argument/axis.py", "argument/rivals.py", "argument/structure.py")
    assert shown == {
        "argument": sha256(("argument/argument.yaml",), named=False),
        "equations": sha256(equations),
        "model": sha256(SOURCES),
        "learned": sha256(("inference/learned.yaml",), named=False),
    }


def sha256(names: tuple[str, ...], *, named: bool = True) -> str:
    parts = [(name.encode() if named else b"") + (PACKAGE / name).read_bytes() for name in names]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_figures_are_those_of_the_records(committed: Validation, checkout: Path, page: str) -> None:
    assert differences(committed, checkout / "VALIDATION.md") == []
    linked = set(re.findall(rf"\]\({FIGURES}/([\w-]+)\.png\)", page))
    assert linked == {path.stem for path in (checkout / FIGURES).iterdir()}
    assert linked == {drawing.name for drawing, _ in committed.drawings}


def test_a_figure_drawn_again_looks_the_same(
    committed: Validation, checkout: Path, tmp_path: Path
) -> None:
    """Type is drawn a little differently elsewhere: half a per cent of black and white."""
    (again,) = (drawing for drawing, _ in committed.drawings if drawing.name == "calibration-gates")
    (path,) = write_figures({again.name: again.make()}, tmp_path)
    there, drawn = imread(checkout / FIGURES / path.name), imread(path)
    assert there.shape == drawn.shape
    assert np.abs(there - drawn).mean() < 0.005


@pytest.mark.parametrize(
    ("file", "records"),
    [
        ("argument/argument.yaml", {"calibration", "control", "scale"}),
        ("argument/structure.py", {"calibration", "control", "scale"}),
        ("inference/error_model.py", {"calibration", "control", "scale"}),
        ("inference/learned.yaml", {"calibration", "control"}),
        ("inference/calibration.py", {"calibration", "control"}),
        ("inference/resolved_model.py", {"backtest"}),
    ],
)
def test_an_altered_source_is_seen(
    file: str, records: set[str], copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records become stale, and the page, which has other digests now, differs."""
    package = copy / "sweet_spot"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / file).open("a", encoding="utf-8") as text:
        text.write("# a comment\n")
    monkeypatch.setattr(sweet_spot, "__file__", str(package / "__init__.py"))
    found = validate(copy / "docs" / "validation")
    kept = {"calibration", "control", "backtest", *found.records.benchmarks}
    assert {each.record for each in found.stale} >= records & kept
    assert found.failed
    assert f"STALE: the record of the {min(records)}" in found.page
    assert differences(found, copy / "VALIDATION.md")


def test_an_altered_number_is_seen(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copy)
    assert code("validate", "--check") == 0
    text = Path("VALIDATION.md").read_text(encoding="utf-8")
    altered = re.sub(r"(tests failed, smallest p )\d", r"\g<1>9", text, count=1)
    assert altered != text
    Path("VALIDATION.md").write_text(altered, encoding="utf-8")
    capsys.readouterr()
    assert code("validate", "--check") == 3
    assert "is not what the records make" in capsys.readouterr().err


def test_an_altered_record_is_seen(copy: Path) -> None:
    """One rank of one run, moved to the other end."""
    path = copy / "docs" / "validation" / "calibration.nc"
    with xr.open_dataset(path) as held:
        data = held.load()
    data["rank"][0, 0] = data.attrs["kept"] - data["rank"][0, 0]
    path.unlink()
    data.to_netcdf(path)
    found = differences(validate(path.parent), copy / "VALIDATION.md")
    assert any(FIGURES in each for each in found)
    assert any("VALIDATION.md, line" in each for each in found)


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)
