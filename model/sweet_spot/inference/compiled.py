"""The sampler's compiled model: machine code that is kept on disk, given the arrays of a panel.

The code depends on what is asked and on the program, not on what was said, by whom, or how many
they are, so that a new statement finds it. It is kept in the user's own cache, as numba keeps its
own, and is as much to be trusted as that: whoever can write there can run programs as the user.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweet_spot.argument.prior import normal_block
from sweet_spot.argument.spec import Argument
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.given import given
from sweet_spot.inference.kept_code import Code, Free, Machine, read_code, write_code
from sweet_spot.inference.panel import UNCERTAIN, Layout
from sweet_spot.inference.store import cache_dir, source_digest

if TYPE_CHECKING:
    import pymc as pm

CODE = "code"
"""Folder of machine code in the cache."""
LOGP = """
def called(dim, x_, gradient_, logp_, user_):
    try:
        x = carray(x_, (dim,))
        gradient = carray(gradient_, (dim,))
        logp = carray(logp_, (1,))
        {arrays}
        logp[0] = found[0][()]
        for i in range(dim):
            gradient[i] = found[1][i]
        if not np.all(np.isfinite(gradient)):
            return 3
        if not np.isfinite(logp[0]):
            return 4
    except Exception:
        return 1
    return 0
"""
EXPAND = """
def called(dim, size, x_, out_, user_):
    try:
        x = carray(x_, (dim,))
        out = carray(out_, (size,))
        {arrays}
        for i in range(size):
            out[i] = found[0][i]
    except Exception:
        return -2
    return 0
"""
"""The two functions that nutpie calls; what they return tells it what was wrong."""


@dataclass(frozen=True)
class Function:
    """A function that was loaded; nutpie asks where."""

    address: int


@dataclass(frozen=True)
class Given:
    """An array that is given to the code; nutpie asks for its name and number of dims."""

    name: str
    ndim: int


def compiled_sampler(
    argument: Argument,
    fitted: Layout,
    constants: ErrorConstants,
    build: Callable[[], pm.Model],
    cache: Path | None = None,
) -> Any:
    """Nutpie's compiled model, with machine code from the cache where it is there.

    Where code cannot be kept it is compiled as nutpie does, with a warning.

    Parameters
    ----------
    build
        Makes the PyMC model of the layout; called only when there is no code.
    """
    import nutpie

    try:
        return _sampler(argument, fitted, constants, build, cache or cache_dir())
    except Exception as error:
        warnings.warn(f"machine code of the model cannot be kept ({error!r})", stacklevel=2)
        return nutpie.compile_pymc_model(build())


def _sampler(
    argument: Argument,
    fitted: Layout,
    constants: ErrorConstants,
    build: Callable[[], pm.Model],
    cache: Path,
) -> Any:
    arrays = given(fitted, constants) if fitted.observed.size else {}
    path = cache / CODE / f"{_key(argument, fitted, constants, arrays)[:32]}.bin"
    code = read_code(path)
    if code is None:
        code = _made(build(), arrays)
        write_code(code, path)
    coords: dict[str, Sequence[str]] = dict(argument.coords)
    coords |= {"score": normal_block(argument).labels}
    coords |= {dim: labels.tolist() for dim, labels in fitted.coords.items()}
    return _nutpie_model(code, arrays, coords)


def _key(
    argument: Argument, fitted: Layout, constants: ErrorConstants, arrays: Mapping[str, np.ndarray]
) -> str:
    """Digest of all that the code depends on: program, machine, argument, targets, constants."""
    from sweet_spot.inference.machine_code import machine

    held = {name: value for name, value in asdict(constants).items() if name not in UNCERTAIN}
    kinds = [(name, array.dtype.str, array.ndim) for name, array in arrays.items()]
    of = [
        source_digest(), machine(), argument.digest, argument.structure.name, held, kinds,
        [repr(target) for target in fitted.targets],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


def _made(model: pm.Model, arrays: Mapping[str, np.ndarray]) -> Code:
    from numba.core import types

    from sweet_spot.inference.machine_code import (
        NUMBER,
        WORDS,
        c_function,
        compiled,
        graph_function,
    )

    free = _free(model)
    inputs, log_density, expanded = _graphs(model, free)
    given_arrays = [np.zeros(0, np.int64), *(_as_data(array) for array in arrays.values())]
    dim = types.uint64
    functions = {
        "logp": (LOGP, log_density, types.int64(dim, NUMBER, NUMBER, NUMBER, WORDS)),
        "expand": (EXPAND, expanded, types.int64(dim, dim, NUMBER, NUMBER, WORDS)),
    }
    code = {
        name: Machine(
            *compiled(c_function(graph_function(inputs, outputs), given_arrays, head), signature)
        )
        for name, (head, outputs, signature) in functions.items()
    }
    return Code(code["logp"], code["expand"], free)


def _free(model: pm.Model) -> list[Free]:
    start, out = model.initial_point(), []
    for variable in model.free_RVs:
        value = model.rvs_to_values[variable]
        at, own = np.asarray(start[value.name], float), model.named_vars_to_dims
        dims = tuple(own.get(variable.name) or ())
        lost = len(model.coords[dims[-1]]) - at.shape[-1] if dims else 0
        alike = at.size and (at == at.flat[0]).all()
        first = at.ravel()[:1] if alike else at.ravel()
        out.append(Free(variable.name, value.name, dims, lost, first.tolist()))
    return out


def _graphs(model: pm.Model, free: Sequence[Free]) -> tuple[list[Any], list[Any], list[Any]]:
    """Inputs; log density and its gradient; the unconstrained point with what is constrained.

    The point is one vector, of which `bounds` tell where each variable begins; so no length is part
    of the code but those of the argument's own dims.
    """
    import pytensor.tensor as pt
    from pytensor.gradient import grad
    from pytensor.graph.replace import clone_replace
    from pytensor.graph.rewriting.utils import rewrite_graph

    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    logp: Any = rewrite_graph(model.logp(), include=["canonicalize", "stabilize"])
    slopes: Any = grad(logp, values)
    gradient = pt.concatenate([one.ravel() for one in slopes])
    point, bounds = pt.vector("point"), pt.lvector("bounds")
    data = {of: of.type(name=of.name) for of in model.data_vars}
    replaced: dict[Any, Any] = dict(data)
    coords = {dim: list(labels or ()) for dim, labels in model.coords.items()}
    for k, (value, of) in enumerate(zip(values, free, strict=True)):
        part = point[bounds[k] : bounds[k + 1]] if value.ndim else point[bounds[k]]
        replaced[value] = part.reshape(of.shapes(coords)[1]) if value.ndim > 1 else part
    constrained = [v for v in model.unobserved_value_vars if v not in values]
    whole: Any = clone_replace([logp, gradient, *constrained], replaced)
    logp, gradient, *more = whole
    expanded = pt.concatenate([point, *(one.ravel() for one in more)])
    return [point, bounds, *data.values()], [logp, gradient], [expanded]


def _as_data(array: np.ndarray) -> np.ndarray:
    """As PyMC makes it when it becomes data: integers are short."""
    whole = array.dtype.kind in "iu"
    return np.ascontiguousarray(array, np.int32 if whole else np.float64).reshape(array.shape)


def _nutpie_model(
    code: Code, arrays: Mapping[str, np.ndarray], coords: Mapping[str, Sequence[str]]
) -> Any:
    import pandas as pd
    from nutpie.compile_pymc import CompiledPyMCModel, make_user_data

    shapes = {free.value: free.shapes(coords)[1] for free in code.free}
    moved = [free for free in code.free if free.value != free.name]
    sizes = [int(np.prod(shape)) for shape in shapes.values()]
    bounds = np.cumsum([0, *sizes])
    shapes |= {free.name: free.shapes(coords)[0] for free in moved}
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes.values())]).tolist()
    data = {"bounds": bounds.astype(np.int64)} | {n: _as_data(a) for n, a in arrays.items()}
    keys = {Given(name, array.ndim): name for name, array in data.items()}
    for array in data.values():
        array.flags.writeable = False
    used = {dim for free in code.free for dim in free.dims}
    start = np.concatenate([np.resize(f.start, n) for f, n in zip(code.free, sizes, strict=True)])
    return CompiledPyMCModel(
        dims={free.name: free.dims for free in code.free if free.dims},
        reparameterized_names=[free.value for free in moved],
        compiled_logp_func=_loaded(code.logp),
        compiled_expand_func=_loaded(code.expand),
        initial_point_func=_initial(start), shared_data=data, shared_var_keys=keys,
        user_data=make_user_data(keys, data), n_expanded=ends[-1],
        shape_info=(list(shapes), [*map(slice, ends[:-1], ends[1:])], list(shapes.values())),
        logp_func=None, expand_func=None, _n_dim=int(bounds[-1]), _shapes=shapes,
        _coords={dim: pd.Index(coords[dim]) for dim in coords if dim in used},
    )  # fmt: skip


def _loaded(of: Machine) -> Function:
    from sweet_spot.inference.machine_code import address

    return Function(address(of.name, of.needs, of.code))


def _initial(start: np.ndarray) -> Callable[[Any], np.ndarray]:
    """Chains set out from within one of the start, as PyMC and nutpie have it."""

    def initial(seed: Any = None) -> np.ndarray:
        return start + np.random.default_rng(seed).uniform(-1.0, 1.0, start.size)

    return initial
