"""`sweet-spot calibrate`: is the inference right? Simulated truths and their posteriors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, stop
from sweet_spot.cli.tasks import Scheduler, counting


def calibrate(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    runs: Annotated[
        int, typer.Option(metavar="N", min=2, help="Truths, each with a panel and a fit.")
    ] = 200,
    scheduler: Scheduler = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write figures, ranks (netCDF), table and verdict."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of truths, panels, draws.")] = 1,
    control: Annotated[
        bool,
        typer.Option("--control", help="Negative control: people err 5 times as much; must fail."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Simulation-based calibration of the full model: may its posteriors be believed?

    Truths are drawn from the prior, panels like the one in DIR are simulated from them (the same
    people, questions, forms and bounds), the model is fitted to each, and the truth is ranked among
    the draws: every latent, gate and free variable, the headline, and the joint log likelihood.
    Ranks must be uniform, plain and folded, and gates must hold as often as their probabilities
    say. That the model itself is right is not tested: backtests do that.

    Runs are independent tasks, on the cores of this machine or on a Dask cluster; a run takes some
    four seconds of one core, and each worker compiles once. Results are the same on any number of
    workers; `validate --calibration` keeps the ranks as a record.
    Exit code 0: calibrated. 1: the data have errors. 2: wrong usage. 3: not calibrated.

    \b
    Examples:
      sweet-spot calibrate --out calibration
      sweet-spot calibrate --runs 20 --control
      sweet-spot calibrate --runs 1000 --scheduler tcp://10.0.0.1:8786 --json

    \b
    In Python:
      print(sweet_spot.calibrate("data", runs=20).text)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.calibration import calibrate as compute
    from sweet_spot.errors import InvalidRecord

    try:
        with counting("calibrate", every=10) as progress:
            found = compute(
                data, runs, seed=seed, control=control, scheduler=scheduler, progress=progress
            )
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    shown = json.dumps(found.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    if out is not None:
        from sweet_spot.answers.figures_calibration import write_calibration

        for path in write_calibration(found, out):
            typer.echo(str(path), err=True)
        (out / "calibration.json").write_text(shown + "\n", encoding="utf-8")
    typer.echo(shown if as_json else found.text)
    raise typer.Exit(FAILED_VERDICT if found.failed else 0)
