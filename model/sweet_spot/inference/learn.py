"""Learns the error model from panels with known answers: the fit, and what it says of a new panel.

A new panel in a new domain is what the main model's statements are: its constants differ from the
mean of those learned from by as much as domains and panels were found to differ.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import log_expit

from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.judge import judge
from sweet_spot.inference.learned import FROM_ONE, LEARNED, Constant, Learned, Source
from sweet_spot.inference.lessons import Lessons, Thinning, lessons
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.resolved import Floats, Resolved, read_resolved

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Step = Callable[[str], None]
"""Told what is being done."""
LEARNING = Settings(draws=2000, tune=1000, target_accept=0.95)
"""Of the sampler; about three minutes on two idle cores."""
AT_ONCE = 2
"""How many chains run at a time."""
NEW = 4
"""How many new panels are imagined for each draw."""
_FILES = ("forecasts.csv", "outcomes.csv", "experts.csv")
ORIGIN = r"Origin: (.*?)(?=[.;]?\s+(?:no )?licence|\.\s|\.?\n\n|\.?\Z)"
"""Where a README says a dataset is from: one sentence, without what it says of licences."""
_PACKAGES = ("ai-safety-sweet-spot", "pymc", "nutpie", "arviz", "numpy")


@dataclass(frozen=True, eq=False)
class Learning:
    """What was learned.

    Attributes
    ----------
    learned
        The constants on a new panel, with provenance.
    people
        A row for each person: `person` ("dataset:id"), `questions` (with a known answer, that were
        used), mean and sd of `log_imprecision` (0 is the panel's typical person; below it, more
        precise) and of `lean` (towards yes, in probits; NaN without yes/no questions). Shrunk.
    posterior
        Draws of everything free.
    """

    learned: Learned
    people: pd.DataFrame
    posterior: xr.Dataset


def learn(
    folder: Path | str,
    *,
    settings: Settings = LEARNING,
    thinning: Thinning | None = None,
    progress: Step | None = None,
    bar: bool = False,
) -> Learning:
    """Fits the error model to every dataset of a folder whose answers are known.

    Parameters
    ----------
    progress
        Told each step in a few words.
    bar
        Show a bar for each chain.

    Raises
    ------
    MissingData, InvalidRecord
        As `read_resolved`; or no answer is known.
    """
    step, thinning = progress or (lambda _: None), thinning or Thinning()
    step(f"reading {folder}")
    datasets = read_resolved(folder)
    taught = lessons(datasets, thinning)
    posterior, checks = sampled(taught, settings, step, bar=bar)
    learned = Learned(
        **on_new_panel(posterior, settings.seed),
        sources=sources(Path(folder), datasets, taught),
        settings={k: float(v) for k, v in (asdict(settings) | asdict(thinning)).items()},
        checks={name: float(value) for name, value in checks.items()},
        **_today(),
    )
    return Learning(learned, people(posterior, taught), posterior)


def _today() -> dict[str, Any]:
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return {"date": today, "versions": {name: version(name) for name in _PACKAGES}}


def sampled(
    taught: Lessons, settings: Settings, step: Step = lambda _: None, *, bar: bool = False
) -> tuple[xr.Dataset, Mapping[str, Any]]:
    """Draws of the learning model's posterior, and the verdict on them."""
    import nutpie

    from sweet_spot.inference.learning_model import learning_model

    said = taught.quantile.centre.size, taught.binary.centre.size
    step(f"compiling: {said[0]} sets of quantiles, {said[1]} probabilities")
    compiled = nutpie.compile_pymc_model(learning_model(taught))
    step(f"sampling: {settings.chains} chains of {settings.tune} + {settings.draws} draws")
    drawn = nutpie.sample(
        compiled, draws=settings.draws, tune=settings.tune, chains=settings.chains, cores=AT_ONCE,
        seed=settings.seed, target_accept=settings.target_accept, save_warmup=False,
        progress_bar=bar,
    )  # fmt: skip
    posterior = drawn["posterior"].to_dataset()
    step("checking the draws")
    return posterior, judge(posterior, drawn["sample_stats"].to_dataset())


def on_new_panel(posterior: xr.Dataset, seed: int) -> dict[str, Any]:
    """Constants and correlations on a new panel in a new domain.

    For each draw of the posterior `NEW` panels are drawn, with the variance between domains and
    that between panels.
    """
    flat = posterior.stack(sample=("chain", "draw")).transpose(
        "constant", "by_panel", ..., "sample"
    )
    between = flat["between_domains"].to_numpy().copy()
    # those that vary over panels are the first ones
    rows = flat.sizes["by_panel"]
    between[:rows] = np.hypot(between[:rows], flat["between_panels"].to_numpy())
    rng = np.random.default_rng(seed)
    drawn = flat["mean_log"].to_numpy() + between * rng.standard_normal((NEW, *between.shape))
    new = {str(name): drawn[:, row].ravel() for row, name in enumerate(flat["constant"].to_numpy())}
    share = new.pop("kappa_share")  # log odds
    own = new.pop("own")
    new["tau"], new["kappa"] = own + log_expit(-share) / 2, own + log_expit(share) / 2
    for name in ("scale_sd", "probability_unit"):
        new[name] = np.tile(flat[f"log_{name}"].to_numpy(), NEW)
    # a lean is stated in probits; a disposition in units of s_q, and it works through a loading
    lean = new.pop("lean_sd") + new["probability_unit"]
    new["disposition_expert"] = lean - np.log(ErrorConstants().loading_sd)
    for name in FROM_ONE:
        new[name] = np.log(np.tile(flat[f"{name}_above_1"].to_numpy(), NEW))
    table = np.stack([new[name] for name in LEARNED])
    return {
        "constants": {name: _constant(name, new[name]) for name in LEARNED},
        "correlation": np.round(np.corrcoef(table), 3).tolist(),
    }


def _constant(name: str, logs: Floats) -> Constant:
    low, median, high = np.quantile(np.exp(logs) + (name in FROM_ONE), (0.05, 0.5, 0.95))
    given = {"log_mean": logs.mean(), "log_sd": logs.std(), "median": median}
    given |= {"low": low, "high": high}
    return Constant(**{name: round(float(value), 4) for name, value in given.items()})


def people(posterior: xr.Dataset, taught: Lessons) -> pd.DataFrame:
    """What was learned of each person; see `Learning`."""
    import pandas as pd

    table: dict[str, Any] = {"person": taught.person}
    asked = [np.bincount(of.person, minlength=taught.person.size)
             for of in (taught.quantile, taught.binary)]  # fmt: skip
    table["questions"] = asked[0] + asked[1]
    for name, key in (("log_imprecision", "skill"), ("lean", "lean")):
        if f"{key}_score" in posterior:
            log_sd = posterior[f"log_{key}_sd"].to_numpy()[..., taught.person_panel]
            own = posterior[f"{key}_score"].to_numpy() * np.exp(log_sd)
            mean, spread = own.mean(axis=(0, 1)), own.std(axis=(0, 1))
        else:
            mean = spread = np.full(taught.person.size, np.nan)
        known = (asked[1] > 0) | (key == "skill")
        table |= {f"{name}_mean": np.where(known, mean, np.nan),
                  f"{name}_sd": np.where(known, spread, np.nan)}  # fmt: skip
    return pd.DataFrame(table)


def sources(folder: Path, datasets: Sequence[Resolved], taught: Lessons) -> list[Source]:
    """Where each dataset is from, and what of it was used."""
    cited = citations(folder)
    out = []
    for of in datasets:
        parts = [(kind, kind.panel[kind.question]) for kind in (taught.quantile, taught.binary)]
        home = np.char.startswith(taught.panel, f"{of.name}/")
        count = sum(int(home[panel].sum()) for _, panel in parts)
        if not count:
            continue
        path = folder / of.name
        out.append(Source(
            name=of.name,
            citation=cited.get(of.name, "not stated"),
            sha256=content_digest(path if path.is_dir() else folder),
            panels=int(home.sum()),
            questions=sum(int(home[kind.panel].sum()) for kind, _ in parts),
            people=int(home[taught.person_panel].sum()),
            statements=count,
            left_out=taught.left_out[of.name],
        ))  # fmt: skip
    return out


def content_digest(folder: Path) -> str:
    """SHA-256 of a dataset's files, one after the other, each after its name."""
    whole = hashlib.sha256()
    for name in _FILES:
        if (folder / name).is_file():
            whole.update(name.encode() + b"\0" + (folder / name).read_bytes())
    return whole.hexdigest()


def citations(folder: Path) -> dict[str, str]:
    """The "Origin: ..." of each dataset in the folder's README.md, under its heading `### NAME`."""
    readme = folder / "README.md"
    if not readme.is_file():
        return {}
    sections = re.split(r"^### +", readme.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    out = {}
    for section in sections:
        origin = re.search(ORIGIN, section, re.DOTALL | re.IGNORECASE)
        if origin:
            out[section.split("\n")[0].strip()] = " ".join(origin[1].split())
    return out
