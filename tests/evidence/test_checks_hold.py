"""Checking never raises, is quick, loads nothing heavy and changes nothing."""

import subprocess
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sweet_spot.evidence.checks import examine


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"schema: 1\nsource: {title: [], url: {}, date: 2025-13}\nstatements: [null, 1, {id: 2}]")
@example(b"statements: {a: 1}")
@example(b"? [a]\n: b")
def test_check_never_raises(toy, content):
    toy.write("elicitations/one.yaml", content)
    assert toy.examine().files == 2
    toy.write("questions.yaml", content)
    assert toy.examine().count("error") >= 1


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["never", ">2050", "< 2030", "2025-02-30", "probability", "year", "check"])
)  # fmt: skip
FIELDS = ["id", "expert", "date", "question", "kind", "levels", "level", "values", "value", "unit",
          "event", "events", "given", "role", "verified", "people", "cluster", "extra"]  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(FIELDS),
        SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=5), SCALARS),
        max_size=4,
    )
)
def test_check_never_raises_on_strange_statements(toy, changes):
    toy.say(changes)
    for finding in toy.examine().findings:
        assert len(str(finding)) < 2000


def test_bundled_data_break_no_rule_quickly(checkout):
    started = time.perf_counter()
    report = examine(checkout / "data")
    assert time.perf_counter() - started < 1
    assert [str(f) for f in report.findings if f.severity == "error"] == []
    assert report.statements > 150


def test_checking_loads_neither_pymc_nor_xarray(toy):
    code = (
        "import sys, sweet_spot.evidence.checks as c; c.check(sys.argv[1]);"
        "print([m for m in ('pymc', 'pytensor', 'arviz', 'xarray', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(toy.folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_reading_changes_no_file(toy):
    files = sorted(Path(toy.folder).rglob("*.yaml"))
    before = [file.read_bytes() for file in files]
    toy.examine()
    assert [file.read_bytes() for file in files] == before
