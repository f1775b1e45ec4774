"""Fits on disk: what names them, that they are written whole, and what is refused."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import sweet_spot
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.fit import fit
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.store import cached, digests, fits, load_fit, save

Statements = tuple[dict[str, Any], ...]
EvidenceFrom = Callable[..., Evidence]


@pytest.fixture(scope="module")
def tree(argument: Argument, evidence: Evidence) -> xr.DataTree:
    """A fit without sampling."""
    return fit(argument, evidence, Settings(draws=40, chains=2, prior_only=True))


def key(argument: Argument, evidence: Evidence, *settings: Any) -> str:
    return digests(argument, evidence, *(settings or (Settings(), ErrorConstants())))["digest_fit"]


def with_change(records: Statements, name: str, **changes: Any) -> list[dict[str, Any]]:
    return [{**r, **changes} if r["id"] == name else r for r in records]


def test_key_is_stable_and_order_does_not_matter(
    argument: Argument,
    evidence_from: EvidenceFrom,
    all_statements: Statements,
    all_questions: Statements,
) -> None:
    one = key(argument, evidence_from(all_statements))
    assert one == key(argument, evidence_from(all_statements))
    assert one == key(argument, evidence_from(all_statements[::-1], all_questions[::-1]))


@pytest.mark.parametrize(
    ("name", "changes", "live"),
    [
        ("ann-date", {"values": [2028, 2032, 2046]}, True),
        ("ann-date", {"cluster": None}, True),
        ("eve-gap", {"people": 31}, True),
        ("fay-usable", {"value": 0.5}, True),
        ("fay-usable", {"role": "evidence"}, True),
        ("dan-gap", {"role": "excluded"}, True),
        ("bob-date-earlier", {"value": 0.2}, False),
    ],
)
def test_a_change_in_a_statement_changes_the_key(
    argument: Argument, evidence: Evidence, evidence_from: EvidenceFrom, all_statements: Statements,
    name: str, changes: dict[str, Any], live: bool,
) -> None:  # fmt: skip
    """A superseded one counts too: it has a part in its question's scale."""
    changed = evidence_from(with_change(all_statements, name, **changes))
    before, after = (digests(argument, e, Settings()) for e in (evidence, changed))
    assert before["digest_fit"] != after["digest_fit"]
    assert before["digest_known"] != after["digest_known"]
    assert (before["digest_statements"] != after["digest_statements"]) == live


@pytest.mark.parametrize(
    "changes", [{"fidelity": "loose"}, {"direction": -1}, {"wording": "other"}]
)
def test_a_change_in_a_question_changes_the_key(
    argument: Argument, evidence: Evidence, evidence_from: EvidenceFrom,
    all_statements: Statements, all_questions: Statements, changes: dict[str, Any],
) -> None:  # fmt: skip
    changed = evidence_from(all_statements, with_change(all_questions, "date", **changes))
    assert key(argument, evidence) != key(argument, changed)


def test_argument_settings_and_constants_change_the_key(
    argument: Argument, evidence: Evidence
) -> None:
    others = Settings(seed=2), Settings(draws=7), Settings(prior_only=True)
    changed = ErrorConstants(tau_shared=0.6), ErrorConstants(omega=(2.0, 5.0)), learned_constants()
    keys = [
        key(argument, evidence),
        key(dataclasses.replace(argument, digest="other"), evidence),
        *(key(argument, evidence, other, ErrorConstants()) for other in others),
        *(key(argument, evidence, Settings(), constants) for constants in changed),
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("argument/structure.py", True),
        ("inference/error_model.py", True),
        ("inference/refit.py", True),
        ("evidence/beliefs.py", False),  # what it makes of statements is in their own digest
        ("cli/app.py", False),
    ],
)
def test_source_changes_the_key(
    argument: Argument, evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    file: str, counts: bool,
) -> None:  # fmt: skip
    """A comment is enough: whether it matters is not for a machine to say."""
    before = key(argument, evidence)
    copy = tmp_path / "sweet_spot"
    shutil.copytree(Path(sweet_spot.__file__).parent, copy)
    monkeypatch.setattr(sweet_spot, "__file__", str(copy / "__init__.py"))
    assert key(argument, evidence) == before
    with (copy / file).open("a", encoding="utf-8") as source:
        source.write("# a remark\n")
    assert (key(argument, evidence) != before) == counts


def test_round_trip(tree: xr.DataTree, tmp_path: Path) -> None:
    save(tree, tmp_path / "new" / "fit.nc")
    with load_fit(tmp_path / "new" / "fit.nc") as back:
        assert back.groups == tree.groups
        for path in tree.groups:
            xr.testing.assert_equal(back[path].to_dataset().load(), tree[path].to_dataset())
        assert set(back.attrs) == set(tree.attrs)


def broken(error: BaseException) -> Callable[..., None]:
    """A `to_netcdf` that dies with the file half written."""

    def to_netcdf(self: xr.DataTree, path: str, **options: Any) -> None:
        Path(path).write_bytes(b"half")
        raise error

    return to_netcdf


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit(1)])
def test_a_failed_save_leaves_nothing(
    tree: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(xr.DataTree, "to_netcdf", broken(error))
    with pytest.raises(type(error)):
        save(tree, tmp_path / "fit.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_keeps_the_fit_that_was_there(
    tree: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tree, tmp_path / "fit.nc")
    before = (tmp_path / "fit.nc").read_bytes()
    monkeypatch.setattr(xr.DataTree, "to_netcdf", broken(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        save(tree, tmp_path / "fit.nc")
    assert (tmp_path / "fit.nc").read_bytes() == before


KILLED = """
import os, signal, sys
from pathlib import Path
import xarray as xr
from sweet_spot.inference.store import save

real = xr.DataTree.to_netcdf
def to_netcdf(self, path, **options):
    real(self, path, **options)
    os.kill(os.getpid(), signal.SIGKILL)
xr.DataTree.to_netcdf = to_netcdf
save(xr.DataTree(xr.Dataset({"x": 1.0}, attrs={"digest_fit": "d"})), Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_process_leaves_no_fit(tree: xr.DataTree, tmp_path: Path) -> None:
    """No exception runs: the temporary file stays, but none under the name, and work goes on."""
    path = tmp_path / "k.nc"
    run = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert not path.exists()
    made, _, found = cached("k", lambda: tree, tmp_path)
    with made:
        assert not found


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_nothing_is_kept_of_a_fit_that_was_not_made(tmp_path: Path, error: BaseException) -> None:
    def make() -> xr.DataTree:
        raise error

    with pytest.raises(type(error)):
        cached("k", make, tmp_path / "cache")
    assert not list(tmp_path.rglob("*.nc"))


def foreign(path: Path) -> None:
    xr.Dataset({"x": ("i", np.arange(3.0))}).to_netcdf(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not netCDF"),
    "cut": cut,
    "first half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "foreign": foreign,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_not_a_fit_is_refused(
    tree: xr.DataTree, tmp_path: Path, damage: Callable[[Path], Any]
) -> None:
    """The message names the file and the remedy; the cache makes the fit again."""
    path = tmp_path / "k.nc"
    save(tree, path)
    damage(path)
    with pytest.raises(UnusableFit, match=r"k\.nc.*sweet-spot report"):
        load_fit(path)
    again, where, found = cached("k", lambda: tree, tmp_path)
    with again:
        assert (where, found) == (path, False)
        np.testing.assert_array_equal(again["prior/scheming"], tree["prior/scheming"])


def test_cached_makes_a_fit_once(tree: xr.DataTree, tmp_path: Path) -> None:
    calls = []

    def make() -> xr.DataTree:
        calls.append(1)
        return tree

    results = [cached("a" * 64, make, tmp_path / "cache") for _ in range(3)]
    for kept, _, _ in results:
        kept.close()
    assert [found for _, _, found in results] == [False, True, True]
    assert {path for _, path, _ in results} == {tmp_path / "cache" / ("a" * 32 + ".nc")}
    assert len(calls) == 1
    cached("b" * 64, make, tmp_path / "cache")[0].close()
    assert len(calls) == 2


ALONE = """
import sys, warnings
warnings.simplefilter("error")
import xarray as xr
with xr.open_datatree(sys.argv[1]) as tree:
    tree.load()
    print(float(tree["prior/usable"].mean()), tree["prior/hardness"].dims)
assert not [name for name in sys.modules if name.startswith(("sweet_spot", "pymc", "arviz"))]
"""


def test_xarray_alone_opens_it(tree: xr.DataTree, tmp_path: Path) -> None:
    save(tree, tmp_path / "fit.nc")
    command = [sys.executable, "-c", ALONE, str(tmp_path / "fit.nc")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    usable = float(tree["prior/usable"].mean())
    assert run.stdout.strip() == f"{usable} ('chain', 'draw', 'factor')"


def alike(argument: Argument, evidence: Evidence) -> dict[str, str]:
    named = digests(argument, evidence, Settings(seed=7))
    return {name: named[name] for name in ("digest_argument", "digest_statements")}


def test_fits_newest_first(
    argument: Argument, evidence: Evidence, evidence_from: EvidenceFrom, all_statements: Statements,
    tree: xr.DataTree, tmp_path: Path,
) -> None:  # fmt: skip
    """Not prior-only ones, nor what is no fit, nor what is being written."""
    wanted = alike(argument, evidence)
    assert not list(fits(wanted, tmp_path / "nowhere"))
    (tmp_path / "x.nc").write_text("text")
    foreign(tmp_path / "y.nc")
    save(tree, tmp_path / "prior.nc")
    full = tree.copy(deep=True)
    full.attrs["setting_prior_only"] = 0
    for when, name in ((1e9, "old.nc"), (1.1e9, "new.nc"), (1.2e9, ".writing-now.nc")):
        save(full, tmp_path / name)
        os.utime(tmp_path / name, (when, when))
    assert list(fits(wanted, tmp_path)) == [tmp_path / "new.nc", tmp_path / "old.nc"]
    other = alike(argument, evidence_from(with_change(all_statements, "dan-gap", value=15)))
    assert not list(fits(other, tmp_path))
