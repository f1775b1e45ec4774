"""Many fits to the same statements, some left out or judged otherwise: compiled once, kept on disk.

Where importance weights cannot answer (Pareto k above 0.7), these do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.argument.prior import in_block
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.bounds import CROWD_DIMS
from sweet_spot.inference.draws import complete
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.kept import REFITS
from sweet_spot.inference.panel import GROUP_DIMS, layout, swapped
from sweet_spot.inference.refit import Compiled, Settings, compile_model, draw, swaps
from sweet_spot.inference.reweight import Base
from sweet_spot.inference.store import cache_dir, digests, save
from sweet_spot.inference.tasks import compiled_for, stream

COMPILING = "compiling the model once for all refits; a minute, unless it was before"


@dataclass(frozen=True)
class Refit:
    """Draws of another fit, as a base to weigh from, and whether they passed their verdict."""

    base: Base
    passed: bool


Refitter = Callable[[Evidence, ErrorConstants], Refit]
Kept = Callable[[Evidence, ErrorConstants], Refit | None]
"""A refitter that may have none: it never draws."""


def kept(base: Base, settings: Settings, cache_in: Path) -> Kept:
    """A function that finds what a `refitter` with these settings has kept; it compiles nothing."""

    def find(after: Evidence, constants: ErrorConstants) -> Refit | None:
        path = _path(base, after, settings, constants, cache_in)
        found = _read(path) if path.exists() else None
        return None if found is None else _refit(base, after, constants, found)

    return find


def refitter(
    base: Base,
    settings: Settings | None = None,
    cache_in: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Refitter:
    """A function that fits other evidence, or other judgement calls, with one compiled model.

    It takes evidence with the same statements, of which others may be live or in other clusters,
    and constants of which `UNCERTAIN` (panel.py) and the `mapping_` ones may differ. The model is
    compiled when the first fit is not found in the cache.

    Parameters
    ----------
    settings
        Of the sampler; by default those of a first fit.
    cache_in
        Folder of fits; by default the user's cache.
    progress
        Called with what is being done.
    """
    settings, say = settings or Settings(), progress or (lambda _: None)
    folder = cache_in or cache_dir()

    @cache
    def compiled() -> Compiled:
        say(COMPILING)
        return compile_model(base.argument, base.evidence, base.constants)

    def refit(after: Evidence, constants: ErrorConstants) -> Refit:
        path = _path(base, after, settings, constants, folder)
        found = _read(path)
        if found is None:
            model = compiled()
            say("drawing again")
            found = _drawn(model, after, constants, settings)
            save(xr.DataTree(found), path)
        return _refit(base, after, constants, found)

    return refit


def refits_ahead(
    base: Base,
    settings: Settings | None = None,
    cache_in: Path | None = None,
    progress: Callable[[str], None] | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
) -> Callable[[Sequence[Evidence]], None]:
    """A function that makes many refits as independent tasks, for `refitter` to find in the cache.

    It takes all the evidence to be fitted; what is in the cache is not fitted again, and each refit
    is kept as soon as it and those before it are there.

    Parameters
    ----------
    settings, cache_in, progress
        As `refitter` takes them.
    scheduler, workers
        As `tasks.stream` takes them: by default more than a few go to a cluster.
    """
    settings, say = settings or Settings(), progress or (lambda _: None)
    folder = cache_in or cache_dir()

    def ahead(many: Sequence[Evidence]) -> None:
        wanted = {_path(base, after, settings, base.constants, folder): after for after in many}
        todo = {path: after for path, after in wanted.items() if _read(path) is None}
        if not todo:
            return
        say(f"{len(todo)} refits; each worker loads the model, or compiles it")
        found = stream(
            _drawn_by_worker, [*todo.values()], base.argument, base.evidence, base.constants,
            settings, scheduler=scheduler, workers=workers,
            progress=lambda done, of: say(f"{done} of {of} refits done"),
        )  # fmt: skip
        for path, draws in zip(todo, found, strict=True):
            save(xr.DataTree(draws), path)

    return ahead


def _drawn_by_worker(
    after: Evidence,
    argument: Argument,
    evidence: Evidence,
    constants: ErrorConstants,
    settings: Settings,
) -> xr.Dataset:
    """The task: free variables given some of the statements."""
    return _drawn(compiled_for(argument, evidence, constants), after, constants, settings)


def _drawn(
    model: Compiled, after: Evidence, constants: ErrorConstants, settings: Settings
) -> xr.Dataset:
    """Free variables given other evidence, and in the attributes whether the verdict passed."""
    drawn = draw(model, settings, data_for(model, after, constants))
    own = drawn.posterior[_free(model.argument, drawn.posterior)]
    return own.assign_attrs(passed=drawn.verdict["passed"])


def _path(
    base: Base, after: Evidence, settings: Settings, constants: ErrorConstants, folder: Path
) -> Path:
    """Where a refit is kept."""
    key = digests(base.argument, after, settings, constants)["digest_fit"]
    return folder / REFITS / f"{key[:32]}.nc"


def _refit(base: Base, after: Evidence, constants: ErrorConstants, found: xr.Dataset) -> Refit:
    """What was kept, with all that follows from it."""
    whole = complete(base.argument, found)
    return Refit(Base(base.argument, after, constants, whole), bool(found.attrs["passed"]))


def data_for(
    compiled: Compiled, after: Evidence, constants: ErrorConstants
) -> dict[str, np.ndarray]:
    """What to swap into a compiled model, clusters too where all its statements are there."""
    data = swaps(compiled, after, constants)
    whole = layout(compiled.argument, after, constants)
    if np.array_equal(whole.coords["statement"], compiled.fitted.coords["statement"]):
        own = swapped(whole, constants)
        data |= {name: own[name] for name in ("expert_cluster", "expert_sd", "before")}
    return data


def _free(argument: Argument, draws: xr.Dataset) -> list[str]:
    """The free variables: what the model draws, and latents that are not in the normal block."""
    alone = [name for name, latent in argument.latents.items() if not in_block(latent)]
    names = ("latent_score", *GROUP_DIMS, *CROWD_DIMS, "disposition_field", "omega", *alone)
    return [name for name in names if name in draws]


def _read(path: Path) -> xr.Dataset | None:
    try:
        with xr.open_dataset(path) as kept:
            return kept.load()
    except (OSError, ValueError):
        return None


def settings_of(tree: xr.DataTree) -> Settings:
    """The sampler settings with which a fit was made."""
    held = {f.name: tree.attrs[f"setting_{f.name}"] for f in fields(Settings)}
    plain = {name: np.asarray(value).item() for name, value in held.items()}
    # netCDF has no booleans, and a digest tells 0 from False
    return Settings(**{**plain, "prior_only": bool(plain["prior_only"])})
