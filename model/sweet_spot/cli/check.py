"""`sweet-spot check`: everything that is wrong with the data, at once."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sweet_spot.evidence.checks import Report
    from sweet_spot.evidence.findings import Finding

OUTPUT_VERSION = 1
"""Version of the format that `--json` prints."""


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Elicitation files or folders of them, instead of those in DIR.",
            exists=True,
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Check questions and statements, and print all that is wrong with them.

    Exit code 0: no errors (warnings do not count). 1: errors. 2: wrong usage, or no such folder.

    \b
    Examples:
      sweet-spot check
      sweet-spot check data/elicitations/my-source.yaml
      sweet-spot check drafts/ --data data --json

    \b
    In Python:
      sweet_spot.check("data")
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.evidence.checks import examine

    report = examine(data, paths or None)
    if as_json:
        typer.echo(json.dumps(summary(report), indent=2))
    else:
        _print(report)
    raise typer.Exit(1 if report.count("error") else 0)


def summary(report: Report) -> dict[str, Any]:
    """What `--json` prints."""
    findings = [
        {**dataclasses.asdict(finding), "file": str(finding.file)} for finding in report.findings
    ]
    return {
        "schema": OUTPUT_VERSION,
        "findings": findings,
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "files": report.files,
        "statements": report.statements,
    }


def _print(report: Report) -> None:
    """Findings file by file, warnings of one rule told once per file, and a line of counts."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for file, found in groupby(report.findings, key=lambda finding: finding.file):
        console.print(str(file), style="bold", markup=False)
        findings = list(found)
        warned = Counter(f.rule for f in findings if f.severity == "warning")
        for finding in findings:
            if finding.severity == "error":
                _print_one(console, finding)
            elif warned[finding.rule]:
                _print_one(console, finding, alike=warned.pop(finding.rule) - 1)
    console.print(
        f"{report.files} files, {report.statements} statements: "
        f"{report.count('error')} errors, {report.count('warning')} warnings",
        style="bold red" if report.count("error") else "bold green",
    )


def _print_one(console: Console, finding: Finding, alike: int = 0) -> None:
    from rich.text import Text

    style = "red" if finding.severity == "error" else "yellow"
    place = ", ".join(part for part in (finding.statement, finding.field) if part) or "the file"
    line = "" if finding.line is None else f"line {finding.line}, "
    more = f" (and {alike} more of this rule in this file)" if alike else ""
    details = f"{more}\n    {finding.message}\n    -> {finding.remedy}"
    title = f" {finding.rule}: {line}"
    console.print(Text.assemble("  ", (finding.severity, style), title, (place, "bold"), details))
