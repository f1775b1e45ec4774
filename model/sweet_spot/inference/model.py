"""The PyMC model: the argument's prior, its equations, and the likelihood of what was said.

Free variables are standardised and few in number of nodes (one vector for all normal latents),
which is what keeps compilation short. The model of panels with known answers is in
`learning_model.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from sweet_spot.argument.prior import in_block, normal_block, place
from sweet_spot.argument.rivals import Structure
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, Array, Ops, equations
from sweet_spot.argument.worlds import evaluate
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.bounds import CROWD_DIMS, Scores
from sweet_spot.inference.error_model import (
    ErrorConstants,
    Panel,
    expected,
    log_density,
    simulate,
)
from sweet_spot.inference.given import given, of_data
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import SWAPPED, UNCERTAIN, Layout, group_dims, layout

_FAR = -30.0
"""Below it the series of the normal tail is right to 1e-12, and erfc not yet zero."""


def _log_ndtr(x: Array) -> Array:
    """By erfc, which is part of every C library, so that the machine code can be kept.

    Each branch is only given what it is for: of the others values and slopes stay finite.
    """
    middle, high = pt.clip(x, _FAR, -1.0), pt.maximum(x, -1.0)
    low = pt.minimum(x, _FAR)
    terms = 1 / low**2
    series = pt.log1p(-terms * (1 - terms * (3 - terms * (15 - terms * 105))))
    far = series - low**2 / 2 - pt.log(-low) - 0.5 * np.log(2 * np.pi)
    near = pt.log(pt.erfc(-middle / 2**0.5) / 2)
    left = pt.switch(x < _FAR, far, near)
    return pt.switch(x < -1.0, left, pt.log1p(-pt.erfc(high / 2**0.5) / 2))


PYTENSOR = Ops(
    exp=pt.exp,
    log=pt.log,
    log1p=pt.log1p,
    expm1=pt.expm1,
    sigmoid=pt.sigmoid,
    where=pt.switch,
    minimum=pt.minimum,
    maximum=pt.maximum,
    sum_last=lambda array: array.sum(axis=-1),
    join_last=lambda arrays: pt.concatenate(arrays, axis=-1),
    gammaln=pt.gammaln,
    log_ndtr=_log_ndtr,
    arctan=pt.arctan,
    sin=pt.sin,
    # a sum compiles in a fraction of the time that a call of BLAS takes
    times=lambda row, matrix: (row[..., :, None] * matrix).sum(axis=-2),
)

SOFTPLUS = pm.distributions.transforms.LogExpM1()
"""Positive variables move on the softplus scale: on the log scale their upper tail is a wall
(a double exponential), on which the sampler diverges now and then."""
SOFTPLUS.name = "softplus"  # its own name has underscores, which PyMC's tools take for suffixes


def build_model(
    argument: Argument,
    evidence: Evidence | None = None,
    constants: ErrorConstants | None = None,
    *,
    derived: bool = True,
) -> pm.Model:
    """The model of the argument, conditioned on the evidence.

    Every known evidence statement is in the graph, in the one observed variable `stated` with dim
    `statement`; the data `live` selects those that serve, `observed` holds what was said. These and
    the judgement calls of the error model (`SWAPPED` in panel.py) can be swapped without compiling
    again. Check statements are not in the graph.

    Parameters
    ----------
    derived
        Register derived quantities and gates as deterministics. Without them the graph is smaller
        and the posterior of the free variables the same; `draws.py` derives the rest in NumPy.

    Returns
    -------
    pm.Model
        Latents by MODEL.md's names with dims `factor` and `work`; derived quantities (MODEL.md
        section 3) and gates, the latter as 0 or 1.
    """
    constants = constants or learned_constants()
    panel = None if evidence is None else layout(argument, evidence, constants)
    coords = {dim: list(labels) for dim, labels in argument.coords.items()}
    coords["score"] = list(normal_block(argument).labels)
    if panel is not None and panel.observed.size:
        coords |= {dim: list(labels) for dim, labels in panel.coords.items()}
    with pm.Model(coords=coords) as model:
        latents = _latents(argument)
        if derived:
            _register(argument, latents)
        if panel is not None and panel.observed.size:
            _likelihood(latents, panel, constants, argument.structure)
    return model


def _latents(argument: Argument) -> dict[str, Array]:
    score = pm.Normal("latent_score", 0.0, 1.0, dims="score")
    latents = place(normal_block(argument), score, PYTENSOR)
    for name, latent in argument.latents.items():
        if in_block(latent):
            continue
        mean = np.asarray(latent.prior.mean, float)
        if latent.scale == "simplex":
            latents[name] = pm.Dirichlet(name, latent.prior.concentration * mean, dims=latent.dims)
        else:
            latents[name] = pm.TruncatedNormal(
                name, mean, latent.prior.sd, lower=latent.prior.above, dims=latent.dims or None,
                default_transform=SOFTPLUS,
            )  # fmt: skip
    return {name: latents[name] for name in argument.latents}


def _register(argument: Argument, latents: dict[str, Array]) -> None:
    """Names the latents of the block, the derived quantities and the gates."""
    for name, latent in argument.latents.items():
        if in_block(latent):
            latents[name] = pm.Deterministic(name, latents[name], dims=latent.dims or None)
    out = equations(latents, PYTENSOR, argument.structure)
    for name, dims in DERIVED_DIMS.items():
        pm.Deterministic(name, out[name], dims=dims or None)
    for name in GATES:
        pm.Deterministic(name, out[name].astype("float64"), dims="factor")


def _reporting(constants: ErrorConstants, dims: Mapping[str, str]) -> dict[str, Array]:
    """The free variables of the error model, standardised."""
    c, normal = constants, {"mu": 0.0, "sigma": 1.0}
    free = {
        "shared_topic": pm.StudentT("shared_topic", nu=c.nu_shared, **normal, dims="topic"),
        "shared_question": pm.StudentT(
            "shared_question", nu=c.nu_shared, **normal, dims="question"
        ),
        "loading": pm.HalfNormal("loading", 1.0, dims="question", default_transform=SOFTPLUS),
        "disposition_field": pm.Normal("disposition_field", **normal),
        "omega": pm.Beta("omega", *c.omega),
    }
    for name, dim in dims.items():
        if name not in free:
            free[name] = pm.Normal(name, **normal, dims=dim)
    return free


def _likelihood(
    latents: dict[str, Array], panel: Layout, constants: ErrorConstants, structure: Structure
) -> None:
    arrays = given(panel, constants)
    data = {name: pm.Data(name, array, dims=SWAPPED.get(name)) for name, array in arrays.items()}
    said = of_data(panel.panel, data)
    constants = replace(constants, **{name: data[name] for name in UNCERTAIN})
    values = evaluate(panel.targets, latents, PYTENSOR, structure)[..., data["panel_target"]]
    reporting = _reporting(constants, group_dims(panel.coords))
    location, scale = expected(values, reporting, said, constants, PYTENSOR)
    omega, live, observed = reporting["omega"][None], data["live"], data["observed"]
    scores = tuple(reporting[name] for name in CROWD_DIMS if name in reporting)
    _stated(location, scale, omega, live, scores, observed, panel.panel, said, constants)


def _stated(
    location: Array,
    scale: Array,
    omega: Array,
    live: Array,
    scores: tuple[Array, ...],
    observed: Array,
    panel: Panel,
    said: Panel,
    constants: ErrorConstants,
) -> None:
    """The observed variable, one element per statement; a dead statement adds nothing.

    `said` is the panel with the graph's data in it.
    """

    def logp(
        value: Array, location: Array, scale: Array, omega: Array, live: Array, before: Array,
        *scores: Array,
    ) -> Array:  # fmt: skip
        own, nu = replace(said, before=before), constants.nu_error
        common = Scores(*scores) if scores else None
        return log_density(value, location, scale, omega, live, own, nu, PYTENSOR, common)

    def random(
        location: Array,
        scale: Array,
        omega: Array,
        live: Array,  # noqa: ARG001 - PyMC passes every parameter
        *more: Array,  # noqa: ARG001
        rng: np.random.Generator,
        size: tuple[int, ...] | None,  # noqa: ARG001 - that of `location`
    ) -> Array:
        return simulate(location, scale, omega, panel, constants.nu_error, rng)

    pm.CustomDist(
        "stated", location, scale, omega, live, said.before, *scores, logp=logp, random=random,
        observed=observed, dims="statement",
        signature=f"(n),(n),(m),(n),(k,n){',(g)' * len(scores)}->(n)",
    )  # fmt: skip
