"""Everything that follows from draws of the free variables, in NumPy: nothing here compiles.

The sampler draws the free variables alone; latents, derived quantities, gates, log likelihood and
predictions are computed from these with the same equations that the graph uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from sweet_spot.argument.prior import in_block, normal_block, place
from sweet_spot.argument.spec import Argument, Latent
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, NUMPY, equations
from sweet_spot.argument.worlds import evaluate
from sweet_spot.inference.bounds import CROWD_DIMS, scores_of
from sweet_spot.inference.error_model import (
    ErrorConstants,
    expected,
    log_density,
    simulate,
)
from sweet_spot.inference.panel import GROUP_DIMS, Layout, group_dims

SAMPLE = ("chain", "draw")
STANDARDISED = "standardised: to be multiplied by its scale in the error_ attributes of the fit"
"""Written beside free variables of the error model, whose names are those of docs/MODEL.md."""


IN_MODEL = (
    "shared_topic", "shared_question", "loading", "disposition_field", "omega", "mapping",
    "question_scale_score", "disposition_cluster", "disposition_expert", *CROWD_DIMS,
)  # fmt: skip
"""The free variables of the error model in the order in which the model has them."""


def prior_draws(
    argument: Argument,
    asked: Layout | None,
    constants: ErrorConstants,
    chains: int,
    draws: int,
    seed: int,
) -> xr.Dataset:
    """Draws of every free variable from its prior, dims (chain, draw, *own), without PyMC.

    Those of the error model are there where something was `asked`; a test holds all of them to
    what PyMC draws from the model.
    """
    rng, size = np.random.default_rng(seed), (chains, draws)
    coords: dict[str, list[str]] = {d: list(labels) for d, labels in argument.coords.items()}
    coords["score"] = list(normal_block(argument).labels)
    scores = rng.standard_normal((*size, len(coords["score"])))
    out: dict[str, Any] = {"latent_score": ((*SAMPLE, "score"), scores)}
    for name, latent in argument.latents.items():
        if not in_block(latent):
            out[name] = ((*SAMPLE, *latent.dims), _alone(latent, size, rng))
    if asked is not None and asked.observed.size:
        coords |= {dim: labels.tolist() for dim, labels in asked.coords.items()}
        own = group_dims(coords)
        for name in IN_MODEL:
            if name in CROWD_DIMS and name not in own:
                continue
            dims = (own[name],) if name in own else ()
            shape = (*size, *(len(coords[dim]) for dim in dims))
            out[name] = ((*SAMPLE, *dims), standard(name, shape, constants, rng))
    used = {dim for dims, _ in out.values() for dim in dims}
    return xr.Dataset(out, coords={d: v for d, v in coords.items() if d in used})


def _alone(latent: Latent, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A latent that is not in the normal block (chain, draw, *dims)."""
    prior = latent.prior
    mean = np.asarray(prior.mean, float)
    if prior.concentration is not None:
        rows = prior.concentration * mean
        drawn = [[rng.dirichlet(row) for row in rows] for _ in range(size[0] * size[1])]
        return np.reshape(drawn, (*size, *rows.shape))
    assert prior.sd is not None  # the forms that spec.py lets through
    assert prior.above is not None
    low = (prior.above - mean) / prior.sd
    shape = (*size, *mean.shape)
    return np.asarray(
        stats.truncnorm.rvs(low, np.inf, mean, prior.sd, size=shape, random_state=rng)
    )


def latents_of(argument: Argument, free: xr.Dataset) -> dict[str, np.ndarray]:
    """Every latent (chain, draw, *dims) by name, from draws of the free variables.

    Draws that are complete hold them already.
    """
    if all(name in free for name in LATENT_DIMS):
        return {n: free[n].transpose(*SAMPLE, *d).to_numpy() for n, d in LATENT_DIMS.items()}
    scores = free["latent_score"].transpose(*SAMPLE, "score").to_numpy()
    latents = place(normal_block(argument), scores, NUMPY)
    for name, dims in LATENT_DIMS.items():
        if name not in latents:
            latents[name] = free[name].transpose(*SAMPLE, *dims).to_numpy()
    return latents


def complete(argument: Argument, free: xr.Dataset) -> xr.Dataset:
    """The free variables together with latents, derived quantities and gates (as 0 or 1)."""
    latents = latents_of(argument, free)
    derived = equations(latents, NUMPY, argument.structure)
    columns = {name: ((*SAMPLE, *dims), latents[name]) for name, dims in LATENT_DIMS.items()}
    columns |= {name: ((*SAMPLE, *dims), derived[name]) for name, dims in DERIVED_DIMS.items()}
    columns |= {gate: ((*SAMPLE, "factor"), derived[gate].astype(np.int8)) for gate in GATES}
    coords = {dim: list(labels) for dim, labels in argument.coords.items()}
    free = free.copy()
    for name in (*GROUP_DIMS, *CROWD_DIMS, "disposition_field"):
        if name in free:
            free[name].attrs["description"] = STANDARDISED
    return free.drop_vars(LATENT_DIMS, errors="ignore").assign_coords(coords).assign(columns)


def reporting_draws(
    free: xr.Dataset, whole: Layout, constants: ErrorConstants, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Free variables of the error model for all statements, checks too.

    What the fit does not hold (a question, an expert that only checks touch) comes from its prior.
    """
    sizes = tuple(free.sizes[dim] for dim in SAMPLE)
    out = {
        name: free[name].transpose(*SAMPLE).to_numpy()
        if name in free
        else standard(name, sizes, constants, rng)
        for name in ("disposition_field", "omega")
    }
    for name, dim in group_dims(whole.coords).items():
        labels = whole.coords[dim]
        values = standard(name, (*sizes, len(labels)), constants, rng)
        if name in free:
            held = {label: k for k, label in enumerate(free[dim].to_numpy())}
            known = np.array([label in held for label in labels], bool)
            index = [held[label] for label in labels if label in held]
            values[..., known] = free[name].transpose(*SAMPLE, dim).to_numpy()[..., index]
        out[name] = values
    return out


def standard(
    name: str, size: tuple[int, ...], constants: ErrorConstants, rng: np.random.Generator
) -> np.ndarray:
    """Prior draws of one standardised free variable; a test holds them to the model's own."""
    if name.startswith("shared_"):
        return rng.standard_t(constants.nu_shared, size)
    if name == "loading":
        return np.abs(rng.standard_normal(size))
    if name == "omega":
        return rng.beta(*constants.omega, size)
    return rng.standard_normal(size)


def statement_values(argument: Argument, free: xr.Dataset, asked: Layout) -> np.ndarray:
    """Each statement's quantity on its working scale (chain, draw, statement)."""
    latents = latents_of(argument, free)
    values = evaluate(asked.targets, latents, NUMPY, argument.structure)
    return np.asarray(values[..., asked.target])


def log_likelihood(
    argument: Argument, free: xr.Dataset, fitted: Layout, constants: ErrorConstants
) -> xr.Dataset:
    """Log density of every live statement given the free variables and the statements before it.

    `stated`, dims (chain, draw, statement); the sum is the joint log likelihood (`log_density`).
    """
    dims = group_dims(fitted.coords)
    variables = {
        name: free[name].transpose(*SAMPLE, *([dims[name]] if name in dims else [])).to_numpy()
        for name in (*dims, "disposition_field", "omega")
    }
    values = statement_values(argument, free, fitted)
    location, scale = expected(values, variables, fitted.panel, constants, NUMPY)
    omega = variables["omega"][..., None]
    density = log_density(
        fitted.observed, location, scale, omega, fitted.live, fitted.panel, constants.nu_error,
        NUMPY, scores_of(variables),
    )  # fmt: skip
    live = np.flatnonzero(fitted.live)
    return xr.Dataset(
        {"stated": ((*SAMPLE, "statement"), density[..., live])},
        coords={"statement": fitted.coords["statement"][live]},
    )


def predictive(
    argument: Argument, free: xr.Dataset, whole: Layout, constants: ErrorConstants, seed: int
) -> xr.Dataset:
    """What every statement, check or evidence, would have said: dims (chain, draw, statement).

    `stated`: the observation as the likelihood sees it (working scale, or probit of P(X < t)).
    `quantity`: the quantity itself on its working scale, before any error of the reporter.
    """
    rng = np.random.default_rng(seed)
    variables: Mapping[str, np.ndarray] = reporting_draws(free, whole, constants, rng)
    values = statement_values(argument, free, whole)
    location, scale = expected(values, variables, whole.panel, constants, NUMPY)
    omega = variables["omega"][..., None]
    stated = simulate(location, scale, omega, whole.panel, constants.nu_error, rng)
    dims = (*SAMPLE, "statement")
    return xr.Dataset(
        {
            "stated": (dims, stated.astype(np.float32)),
            "quantity": (dims, values.astype(np.float32)),
        },
        coords={"statement": whole.coords["statement"]},
    )
