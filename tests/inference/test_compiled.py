"""Machine code of the model: what it computes, for panels of any size, and that it is kept."""

import ctypes
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import nutpie
import pymc as pm
import pytest
from scipy import special

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import compiled as module
from sweet_spot.inference.compiled import CODE, compiled_sampler
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.given import given
from sweet_spot.inference.kept_code import read_code
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import Layout, layout, swapped

C = ErrorConstants()
FAST = {"mode": "FAST_COMPILE"}
Records = Sequence[Mapping[str, Any]]
EvidenceFrom = Callable[..., Evidence]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def sampler(argument: Argument, evidence: Evidence, cache: Path) -> Any:
    def build() -> pm.Model:
        return build_model(argument, evidence, C, derived=False)

    return compiled_sampler(argument, layout(argument, evidence, C), C, build, cache)


def no_model() -> NoReturn:
    raise AssertionError("the model was built again")


def density(sampler: Any, point: np.ndarray) -> tuple[float, np.ndarray]:
    """What nutpie would be told at a point."""
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
    gradient, logp = np.empty(point.size), np.empty(1)
    failed = kind(sampler.compiled_logp_func.address)(
        point.size, *(a.ctypes.data for a in (point, gradient, logp, sampler.user_data))
    )
    assert failed == 0
    return float(logp[0]), gradient


def expanded(sampler: Any, point: np.ndarray) -> dict[str, np.ndarray]:
    """Every variable at a point, by name, as nutpie would keep it."""
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_uint64] * 2, *[ctypes.c_void_p] * 3)
    out = np.empty(sampler.n_expanded)
    failed = kind(sampler.compiled_expand_func.address)(
        point.size, out.size, *(a.ctypes.data for a in (point, out, sampler.user_data))
    )
    assert failed == 0
    return {
        name: out[where].reshape(shape)
        for name, where, shape in zip(*sampler.shape_info, strict=True)
    }


def check(sampler: Any, model: pm.Model) -> None:
    """Density and gradient are PyMC's at points near and far, to the rounding of their sums."""
    logp, slope = model.compile_logp(**FAST), model.compile_dlogp(**FAST)
    rng = np.random.default_rng(4)
    for spread in (0.1, 0.5, 1.0, 2.0):
        point = rng.normal(0.0, spread, sampler.n_dim)
        named = expanded(sampler, point)
        values = {v.name: named[v.name] for v in model.value_vars}
        found, gradient = density(sampler, point)
        np.testing.assert_allclose(found, logp(values), rtol=1e-10)
        wanted = slope(values)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-10 * abs(wanted).max())


def test_density_and_gradient_are_those_of_the_model(
    argument: Argument, evidence: Evidence, sampler: Any
) -> None:
    check(sampler, build_model(argument, evidence, C, derived=False))


@pytest.mark.parametrize("which", ["one more, by somebody new", "some fewer"])
def test_other_statements_need_no_other_code(
    argument: Argument,
    all_statements: Records,
    evidence_from: EvidenceFrom,
    sampler: Any,
    cache: Path,
    which: str,
) -> None:
    """Other numbers of statements, experts, questions or clusters; the same things are asked."""
    del sampler  # it left the code
    new = {k: v for k, v in all_statements[0].items() if k != "cluster"}
    new |= {"id": "new", "expert": "Zoe"}
    drop = ("dan-gap", "ann-date")
    some = {
        "one more, by somebody new": [*all_statements, new],
        "some fewer": [s for s in all_statements if s["id"] not in drop],
    }[which]
    other = evidence_from(some)
    fitted = layout(argument, other, C)
    assert fitted.targets == layout(argument, evidence_from(all_statements), C).targets
    again = compiled_sampler(argument, fitted, C, no_model, cache)
    check(again, build_model(argument, other, C, derived=False))
    assert len(list((cache / CODE).iterdir())) == 1


def test_variables_are_what_their_transforms_say(sampler: Any) -> None:
    """Against SciPy, at a random point."""
    point = np.random.default_rng(5).normal(size=sampler.n_dim)
    found = expanded(sampler, point)
    np.testing.assert_allclose(found["loading"], np.logaddexp(0, found["loading_softplus__"]))
    np.testing.assert_allclose(found["omega"], special.expit(found["omega_logodds__"]))
    free = found["work_share_simplex__"]
    last = -free.sum(axis=-1, keepdims=True)
    wanted = special.softmax(np.concatenate([free, last], axis=-1), axis=-1)
    np.testing.assert_allclose(found["work_share"], wanted)


def test_chains_set_out_near_the_start_of_pymc(
    argument: Argument, evidence: Evidence, sampler: Any
) -> None:
    start = build_model(argument, evidence, C, derived=False).initial_point()
    at = np.concatenate([np.ravel(start[name]) for name in sampler.shapes if name in start])
    several = np.array([sampler.initial_point_func(seed) for seed in range(200)])
    assert np.abs(several - at).max() <= 1
    # a mean of 200 uniform numbers on (-1, 1), of which the worst of some hundred: below 5 sd
    assert np.abs(several.mean(axis=0) - at).max() < 5 * (1 / 3 / 200) ** 0.5


SECOND = """
import sys
from pathlib import Path
import numpy as np, nutpie
sys.path.insert(0, {tests!r})
from conftest import assemble, records
from sweet_spot.argument.spec import load_argument
from sweet_spot.inference.compiled import compiled_sampler
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import layout
def no_model():
    raise AssertionError("the model was built again")
argument, c = load_argument(), ErrorConstants()
fitted = layout(argument, assemble(*records()), c)
sampler = compiled_sampler(argument, fitted, c, no_model, Path({cache!r}))
assert "pymc" not in sys.modules
drawn = nutpie.sample(sampler, draws=50, tune=50, chains=1, seed=3, progress_bar=False)
np.savez({out!r}, **{{n: v.to_numpy() for n, v in drawn["posterior"].data_vars.items()}})
"""


def test_another_process_loads_the_code_and_draws_the_same(
    sampler: Any, cache: Path, tmp_path: Path
) -> None:
    """Bit for bit; it neither builds the model nor imports PyMC."""
    out = tmp_path / "draws.npz"
    code = SECOND.format(tests=str(Path(__file__).parent), cache=str(cache), out=str(out))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    drawn = nutpie.sample(sampler, draws=50, tune=50, chains=1, seed=3, progress_bar=False)
    with np.load(out) as theirs:
        assert set(theirs) == set(drawn["posterior"].data_vars)
        for name in theirs:
            np.testing.assert_array_equal(theirs[name], drawn["posterior"][name].to_numpy())


def test_data_can_be_swapped(argument: Argument, evidence: Evidence, sampler: Any) -> None:
    """A model with other data has the density of a model that was built with them."""
    wide, fitted = replace(C, tau=1.7), layout(argument, evidence, C)
    data = swapped(replace(fitted, live=fitted.live * (np.arange(fitted.live.size) > 2)), wide)
    model = build_model(argument, evidence, C, derived=False)
    with model:
        pm.set_data({name: data[name] for name in ("live", "tau")})
    check(sampler.with_data(**data), model)


def test_the_key_is_what_the_code_depends_on(argument: Argument, evidence: Evidence) -> None:
    def key(of: Layout, constants: ErrorConstants) -> str:
        return module._key(argument, of, constants, given(of, constants))

    fitted = layout(argument, evidence, C)
    own = key(fitted, C)
    assert key(replace(fitted, observed=fitted.observed + 1), replace(C, tau=2.0)) == own
    assert key(fitted, replace(C, nu_error=4.0)) != own
    assert key(replace(fitted, targets=fitted.targets[::-1]), C) != own


def test_damaged_code_is_made_again(sampler: Any, cache: Path, tmp_path: Path) -> None:
    del sampler
    (whole,) = (cache / CODE).iterdir()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(whole.read_bytes()[:-1] + b"?")
    assert read_code(whole) is not None
    assert read_code(damaged) is None
    damaged.write_bytes(b"{")
    assert read_code(damaged) is None


def test_where_code_cannot_be_kept_nutpie_compiles(
    argument: Argument, evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> NoReturn:
        raise AttributeError("numba has changed")

    monkeypatch.setattr(module, "_made", fails)
    monkeypatch.setattr(nutpie, "compile_pymc_model", lambda model: model)
    with pytest.warns(UserWarning, match="numba has changed"):
        found = compiled_sampler(argument, layout(argument, evidence, C), C, lambda: 1, tmp_path)  # type: ignore[arg-type, return-value]
    assert found == 1
