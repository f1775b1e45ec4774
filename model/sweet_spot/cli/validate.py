"""`sweet-spot validate`: VALIDATION.md from the records of runs, or after making them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, stop
from sweet_spot.cli.tasks import Scheduler, counting

if TYPE_CHECKING:
    from sweet_spot.answers.validation import Validation

BENCH = Path("tests/benchmarks/bench_scale_fit.py")
"""The benchmark of scale, seen from a checkout; a wheel does not hold it."""


def _taken(what: str) -> Any:
    """An option for a file that becomes a record."""
    return typer.Option(metavar="FILE", help=f"Keep as record: {what}.", show_default="none")


def validate(
    records: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the records of runs are kept.")
    ] = Path("docs/validation"),
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The page; figures go below it.")
    ] = Path("VALIDATION.md"),
    calibration: Annotated[Path | None, _taken("calibration.nc of `calibrate`")] = None,
    control: Annotated[Path | None, _taken("the same of `calibrate --control`")] = None,
    backtest: Annotated[Path | None, _taken("scores.json of `backtest`")] = None,
    scale: Annotated[Path | None, _taken("JSON of bench_scale_fit.py")] = None,
    compile_: Annotated[
        Path | None,
        typer.Option(
            "--compile",
            metavar="FILE",
            help="Keep as record: JSON of bench_compile.py.",
            show_default="none",
        ),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Make every record anew first.")] = False,
    runs: Annotated[
        int, typer.Option(metavar="N", min=2, help="With --run: truths to calibrate on.")
    ] = 200,
    panels: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --run: datasets to backtest on; else the record stays.",
            show_default="none",
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="With --run: folder with questions.yaml.")
    ] = Path("data"),
    scheduler: Scheduler = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is out of date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What was tested, with which sources, and how it came out: one page, made from records.

    Records are what `calibrate`, `backtest` and the benchmark of scale have written, with the
    SHA-256 of the sources they ran on. A record made with other sources is named as stale. With
    `--run` all are made anew: 200 runs of calibration take about 20 minutes of one core, the
    negative control a tenth of that, the backtest a minute, the benchmark many minutes.

    Exit code 0: done. 1: a file has an error. 2: something is missing. 3: a record is stale, a
    calibration failed or its control did not, or with `--check` the page is out of date.

    \b
    Examples:
      sweet-spot validate
      sweet-spot validate --check
      sweet-spot validate --calibration calibration/calibration.nc
      sweet-spot validate --run --panels panels

    \b
    In Python:
      print(sweet_spot.validate("docs/validation").page)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.validation import validate as compute
    from sweet_spot.answers.validation_records import take
    from sweet_spot.errors import InvalidRecord

    given = {"calibration": calibration, "control": control, "backtest": backtest, "scale": scale,
             "compile": compile_}  # fmt: skip
    try:
        if run:
            _run(records, data, panels, runs, scheduler)
        for kind, path in given.items():
            if path is not None:
                take(kind, path, records)
        found = compute(records)
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    wrong = _told(found, out, check=check)
    shown = found.to_json() | {"differences": wrong}
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=False) if as_json else found.text)
    raise typer.Exit(FAILED_VERDICT if found.failed or wrong else 0)


def _told(found: Validation, out: Path, *, check: bool) -> list[str]:
    """Writes the page, or says on stderr where the one that is there differs."""
    from sweet_spot.answers.validation_figures import differences, write

    if check:
        wrong = differences(found, out)
        for each in wrong:
            typer.echo(f"validate: {each}", err=True)
        return wrong
    for path in write(found, out):
        typer.echo(str(path), err=True)
    return []


def _run(records: Path, data: Path, panels: Path | None, runs: int, scheduler: str | None) -> None:
    """Makes the records anew, each written as soon as it is there."""
    from sweet_spot.answers.validation_records import FILES
    from sweet_spot.answers.validation_run import record_backtest, record_calibration

    for kind, count in (("calibration", runs), ("control", max(runs // 10, 2))):
        with counting(kind, every=10) as progress:
            record_calibration(kind, records, data, count, scheduler, progress)
    if panels is None:
        typer.echo("validate: no --panels, so that the backtest is not run again", err=True)
    else:
        record_backtest(records, panels, scheduler, _backtested)
    if not BENCH.is_file():
        typer.echo(f"validate: no {BENCH} here; run it in a checkout with --json FILE, and"
                   " `sweet-spot validate --scale FILE`", err=True)  # fmt: skip
        return
    _bench(records / FILES["scale"])


def _backtested(done: int, of: int) -> None:
    """How far the backtest is, on stderr."""
    if done % 10 == 0 or done == of:
        typer.echo(f"backtest: {done} of {of} tasks done", err=True)


def _bench(to: Path) -> None:
    """The benchmark of scale, in a process of its own, which says how far it is."""
    import subprocess
    import sys

    if subprocess.run([sys.executable, BENCH, "--json", to], check=False).returncode:
        typer.echo(f"validate: {BENCH} failed; its record may be incomplete", err=True)
        raise typer.Exit(2)
