"""The report: a folder of pages, figures, numbers and the fit that they come from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xarray as xr

from sweet_spot.answers.credences import CredenceTable, dated, from_json, voices
from sweet_spot.answers.history import recorded
from sweet_spot.answers.outcome_layer import OUTCOMES_PATH
from sweet_spot.answers.record import FILE as RECORD
from sweet_spot.answers.verdict import Verdict, refuse, verdict
from sweet_spot.argument.scenarios import Scenario, scenarios_in
from sweet_spot.argument.spec import load_argument
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.kept import kept_names
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.store import cache_dir, cached, digests

Progress = Callable[[str], None]
FIGURES = "figures"
FIT = "fit.nc"
FITTING = "fitting: no fit of these inputs is in the cache; this takes about a minute"
PAGES = ("report.md", "report.html", "credences.json", "inputs.json")


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes
    ----------
    folder
        Where it is: `report.md`, `report.html`, `credences.json`, `inputs.json`, `fit.nc` and
        `figures/`.
    credences
        The credence table; its `text` is the headline.
    verdict
        The fit's verdict on itself.
    fit
        The fit in the cache.
    reused
        Whether the fit was found there.
    as_of
        The date on which only what was known counts; none = all that is known.
    """

    folder: Path
    credences: CredenceTable
    verdict: Verdict
    fit: Path
    reused: bool
    as_of: dt.date | None = None

    @property
    def text(self) -> str:
        """The headline, with the date as of which it holds."""
        return dated(self.credences.text, self.as_of.isoformat() if self.as_of else None)


def report(
    data: Path | str = "data",
    out: Path | str = "report",
    *,
    seed: int | None = None,
    as_of: dt.date | None = None,
    prior_only: bool = False,
    cache: Path | str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Fits the model to a data folder, or finds that fit, and writes the report.

    Parameters
    ----------
    data, out
        Folder with questions and elicitations; folder to write to, made where it is missing.
    seed
        Of the sampler; by default that of `Settings`.
    as_of
        Only what was known on this date.
    prior_only
        Report the prior: no statement is used.
    cache
        Folder of fits; by default the user's cache.
    force
        Report a fit that failed its verdict, with a warning in its first line.
    progress
        Called with what is being done now, where that takes more than a moment.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict and `force` is not set; nothing is written.
    MissingData, InvalidRecord
        The data folder is missing or has errors.
    """
    from sweet_spot.inference.refit import Settings

    say, out = progress or _silent, _writable(Path(out), "--out")
    cache = _writable(Path(cache) if cache else cache_dir(), "--cache")
    evidence, argument, constants = gather(data, as_of), load_argument(), learned_constants()
    scenarios, record = scenarios_in(data), b"" if prior_only else _content(Path(data) / RECORD)
    settings = Settings(prior_only=prior_only, seed=Settings.seed if seed is None else seed)

    def make() -> xr.DataTree:
        from sweet_spot.inference.fit import fit

        say("drawing from the prior" if prior_only else FITTING)
        return fit(argument, evidence, settings, constants, progress=progress is not None)

    key = digests(argument, evidence, settings, constants)["digest_fit"]
    tree, path, reused = cached(key, make, cache)
    with tree:
        found = verdict(tree)
        if not force:
            refuse(found)
        shown = record, *kept_names(argument, evidence, cache, settings, constants)
        folder = cache / f"report-{_pages_digest(key, found, as_of, scenarios, shown)[:32]}"
        if not folder.is_dir():
            say("computing answers and drawing figures")
            about = as_of, scenarios, recorded(data, as_of) if record else None, cache
            _keep_pages(folder, tree, argument, evidence, *about)
        content = json.loads((folder / "credences.json").read_text(encoding="utf-8"))
        table = from_json(content, found, voices(tree))
    _write(out, folder, path, {"date": dt.date.today().isoformat(), "data": str(data)})
    return Report(out, table, found, path, reused, as_of)


def _silent(message: str) -> None:
    del message


def _writable(folder: Path, option: str) -> Path:
    """The folder, tried before a minute is spent on what goes into it; a new one is not left."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-"):
            pass
        if new:
            folder.rmdir()
    except OSError as error:
        raise SweetSpotError(
            f"{folder}: cannot be written to ({error.strerror}); name a folder with {option}"
        ) from error
    return folder


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _keep_pages(folder: Path, *about: Any) -> None:
    """Renders pages of a fit beside it, unless they are there; what they are about is `reported`.

    An unchanged report is copied, not drawn again.
    """
    from sweet_spot.answers.render import render, reported

    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as name:
        fresh = Path(name) / "pages"
        render(reported(*about), fresh)
        try:
            fresh.replace(folder)
        except OSError:  # another process was quicker, with the same pages
            if not folder.is_dir():
                raise


def _pages_digest(
    key: str,
    found: Verdict,
    as_of: dt.date | None,
    scenarios: tuple[Scenario, ...],
    shown: tuple[object, ...],
) -> str:
    """Names pages: fit, verdict, date, scenarios, kept refits and past answers, and the code."""
    whole = hashlib.sha256(f"{key} {found.text} {as_of} {version('matplotlib')} {shown}".encode())
    for scenario in scenarios:
        whole.update(scenario.model_dump_json().encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".md", ".html"):
            whole.update(path.name.encode() + path.read_bytes())
    whole.update(OUTCOMES_PATH.read_bytes())
    return whole.hexdigest()


def _write(out: Path, pages: Path, fit: Path, run: Mapping[str, Any]) -> None:
    """Puts everything in place file by file, each whole or not at all; figures of old go."""
    (out / FIGURES).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as name:
        fresh = Path(name)
        shutil.copytree(pages, fresh, dirs_exist_ok=True)
        shutil.copyfile(fit, fresh / FIT)
        listed = json.loads((fresh / "inputs.json").read_text(encoding="utf-8"))
        _dump(fresh / "inputs.json", {**listed, "run": dict(run)})
        drawn = {path.name for path in (fresh / FIGURES).iterdir()}
        for path in [fresh / FIGURES / figure for figure in sorted(drawn)]:
            path.replace(out / FIGURES / path.name)
        for old in (out / FIGURES).glob("*.png"):
            if old.name not in drawn:
                old.unlink()
        for page in (*PAGES, FIT):
            (fresh / page).replace(out / page)


def _dump(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
