"""What a record says about how it was made, and what a change of a source does to it."""

import datetime as dt
import hashlib
import re
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import sweet_spot
from sweet_spot.inference import provenance, store
from sweet_spot.inference.calibration import CODE

PACKAGE = Path(sweet_spot.__file__).parent


def sha256(*names: str, named: bool = True) -> str:
    """By hand: name and content of each file, one after the other."""
    parts = [(name.encode() if named else b"") + (PACKAGE / name).read_bytes() for name in names]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_digests_are_those_of_the_files() -> None:
    found = provenance.sources()
    assert found["argument"] == sha256("argument/argument.yaml", named=False)
    assert found["learned"] == sha256("inference/learned.yaml", named=False)
    equations = ("argument/axis.py", "argument/rivals.py", "argument/structure.py")
    assert provenance.needed("argument/structure.py") == equations
    assert found["equations"] == sha256(*equations)
    assert found["model"] == store.source_digest()
    assert found["argument"] == sweet_spot.load_argument().digest
    assert set(provenance.behind()) == set(found)


def test_needed_files_are_all_that_is_imported() -> None:
    """By regular expressions instead of the syntax tree, from `import a, b` lines on."""
    left, found = {*CODE, "inference/backtest.py"}, set()
    while left:
        name = left.pop()
        found.add(name)
        text = (PACKAGE / name).read_text(encoding="utf-8")
        line = r"^\s*from sweet_spot\.(argument|inference)(?:\.(\w+))? import ([\w, ]+)"
        for room, module, names in re.findall(line, text, re.MULTILINE):
            several = [module] if module else re.split(r",\s*", names)
            left |= {f"{room}/{each}.py" for each in several} - found - {"inference/provenance.py"}
    assert set(provenance.needed(*CODE, "inference/backtest.py")) == found
    assert {"inference/peers.py", "inference/pools.py", "inference/refit.py"} <= found


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("argument/argument.yaml", {"argument"}),
        ("argument/structure.py", {"equations", "model", "code"}),
        ("inference/error_model.py", {"model", "code"}),
        ("inference/simulated.py", {"code"}),
        ("inference/learned.yaml", {"learned"}),
        ("inference/peers.py", set()),
        ("answers/report.py", set()),
    ],
)
def test_a_changed_file_changes_its_digests_and_no_other(
    file: str, changed: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = provenance.made(*CODE)
    copy = tmp_path / "sweet_spot"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / file).open("a", encoding="utf-8") as text:
        text.write("# a comment\n")
    monkeypatch.setattr(sweet_spot, "__file__", str(copy / "__init__.py"))
    after = provenance.made(*CODE)
    assert {name for name in before if before[name] != after[name]} == {f"sha_{n}" for n in changed}


def test_a_record_says_day_and_versions() -> None:
    said = provenance.made(*CODE)
    assert said["version_pymc"] == version("pymc")
    assert said["version_ai_safety_sweet_spot"] == sweet_spot.__version__
    age = dt.datetime.now(dt.UTC).date() - dt.date.fromisoformat(said["date"])
    assert age <= dt.timedelta(days=1)
    assert all(isinstance(value, str) for value in said.values())
