"""Sentences of VALIDATION.md: verdicts in plain words, and the commands that made the records."""

from __future__ import annotations

from dataclasses import dataclass

from sweet_spot.answers.backtest import Backtest
from sweet_spot.answers.calibration import Calibration
from sweet_spot.answers.calibration_text import written
from sweet_spot.answers.numbers import number, plural
from sweet_spot.answers.tables import plain
from sweet_spot.answers.validation_records import FILES, Records
from sweet_spot.answers.validation_tables import headline, part, plain_code
from sweet_spot.answers.validation_targets import targets
from sweet_spot.inference.calibration import WORSE
from sweet_spot.inference.learned import Learned
from sweet_spot.inference.resolved import BINARY, QUANTILE
from sweet_spot.inference.scores import SCORES
from sweet_spot.inference.standings import ALL

BENCH = "python3 -m uv run python tests/benchmarks"


@dataclass(frozen=True)
class Verdict:
    """How a check came out.

    Attributes
    ----------
    sound
        Whether it came out as it must; where nothing must come out, true.
    on
        On how much it was.
    """

    check: str
    asks: str
    outcome: str
    on: str
    date: str
    catches: str
    sound: bool


def verdicts(held: Records, learned: Learned) -> tuple[Verdict, ...]:
    """Every check, in the order of the page."""
    return tuple(
        each
        for each in (
            _calibration(held), _control(held), _backtest(held), _learned(learned), _scale(held),
        )
        if each is not None
    )  # fmt: skip


def _calibration(held: Records) -> Verdict:
    found = held.calibration
    p, true, of = headline(found)
    outcome = (
        f"{'**FAILED**' if found.failed else 'passed'}: {_failed(found)}; the headline was {p} in"
        f" the mean of the posteriors and true in {part(true, of)}"
    )
    return Verdict(
        "calibration", "Are posteriors right, if the model is?", outcome,
        plural(of, "simulated truth"), held.made["calibration"]["date"],
        "a likelihood or an equation compiled wrongly, a sampler that does not reach everywhere,"
        " intervals too narrow or too wide, gates that hold more or less often than said",
        not found.failed,
    )  # fmt: skip


def _control(held: Records) -> Verdict:
    found = held.control
    outcome = (
        f"failed, as it must: {_failed(found)}"
        if found.failed
        else f"**PASSED, which it must not**: {_failed(found)}"
    )
    return Verdict(
        "negative control", f"Does calibration see people who err {WORSE:g} times as much?",
        outcome, plural(found.data.sizes["run"], "simulated truth"), held.made["control"]["date"],
        "a calibration that passes whatever happens", found.failed,
    )  # fmt: skip


def _backtest(held: Records) -> Verdict:
    found = held.backtest
    aims = [each for each in targets(found) if each.demanded]
    missed = [plain_code(each.what) for each in aims if not each.met]
    outcome = f"{sum(each.met for each in aims)} of {plural(len(aims), 'target')} met"
    outcome += f"; **not met**: {'; '.join(missed)}" if missed else ""
    names = {row.dataset for row in found.rows} - {ALL}
    count = questions(found)
    return Verdict(
        "backtest", "Would the pooling have predicted known answers, beside simple pools?",
        outcome, f"{plural(len(names), 'dataset')}: {count[QUANTILE]} quantities,"
        f" {count[BINARY]} yes/no", held.made["backtest"]["date"],
        "pooling that is worse than a mean or a median, intervals that hold too few answers", True,
    )  # fmt: skip


def _learned(learned: Learned) -> Verdict:
    outcome = f"the fit {'passed' if learned.passed else '**FAILED**'} its checks"
    return Verdict(
        "learned constants", "How do people err where answers are known?", outcome,
        f"{plural(len(learned.sources), 'dataset')},"
        f" {plural(sum(own.statements for own in learned.sources), 'statement')}", learned.date,
        "a fit of the constants that did not converge", learned.passed,
    )  # fmt: skip


def _scale(held: Records) -> Verdict | None:
    if "scale" not in held.benchmarks:
        return None
    panels = held.benchmarks["scale"]["panels"].values()
    most = max(panels, key=lambda row: row["statements"])
    failed = sum(not row["passed"] for row in panels)
    told = (
        f"**{failed} of {len(panels)} fits FAILED** their verdict" if failed else "all fits passed"
    )
    outcome = (
        f"{most['statements']:,} statements: {number(most['cpu'], '')} s of processor time,"
        f" {number(most['megabytes'], '')} MB; {told}"
    )
    return Verdict(
        "scale", "What does a fit cost as the panel grows?", outcome,
        plural(len(panels), "panel"), held.made["scale"]["date"],
        "a cost that grows faster than the panel", True,
    )  # fmt: skip


def _failed(found: Calibration) -> str:
    tests = found.table
    count = int((~tests["passed"]).sum())
    first = tests.iloc[0]
    least = f"smallest p {written(float(first['p']))} ({plain(str(first['quantity']))})"
    return f"{count} of {len(tests)} tests failed, {least}"


def control_words(found: Calibration) -> str:
    """How the negative control ended."""
    if found.failed:
        return f"It does: {_failed(found)}."
    return f"**It does not** ({_failed(found)}): the calibration above shows nothing."


def questions(found: Backtest) -> dict[str, int]:
    """How many questions of each kind were scored."""
    out = {}
    for kind, own in SCORES.items():
        most: dict[str, int] = {}
        for row in found.rows:
            if row.score in own and row.dataset != ALL:
                most[row.dataset] = max(most.get(row.dataset, 0), row.n)
        out[kind] = sum(most.values())
    return out


def backtest_words(found: Backtest) -> str:
    """On what was predicted."""
    names, count = {row.dataset for row in found.rows} - {ALL}, questions(found)
    return (
        f"{plural(len(names), 'dataset')}, {count[QUANTILE]} questions about quantities and"
        f" {count[BINARY]} yes/no questions, predicted by our method and by every other."
    )


def left_out(found: Backtest) -> str:
    """Rows that were not used, by reason."""
    return "; ".join(f"{plural(n, 'row')}: {why}" for why, n in found.left_out.items()) or "nothing"


def sampled(learned: Learned) -> str:
    """How exact the learned numbers are."""
    ess = learned.checks["check_ess_bulk"]
    return (
        f"The smallest bulk ESS is {ess:.0f}, so that Monte Carlo errors of means are at most"
        f" {number(ess**-0.5, '')} posterior standard deviations."
    )


def commands(held: Records) -> str:
    """The commands that made the records, as lines of a shell."""
    lines = []
    for kind in ("calibration", "control"):
        attrs = (held.calibration if kind == "calibration" else held.control).data.attrs
        more = " --control" if kind == "control" else ""
        made = f"sweet-spot calibrate{more} --runs {attrs['runs']} --seed {attrs['seed']}"
        lines += [f"{made} --out {kind}", f"sweet-spot validate --{kind} {kind}/calibration.nc"]
    seed = held.backtest.seed
    lines.append(f"sweet-spot backtest DIR --seed {seed} --out scores.json")
    lines.append("sweet-spot validate --backtest scores.json")
    sizes = [name for name in held.benchmarks.get("scale", {}).get("panels", {}) if name.isdigit()]
    chosen = f" --sizes {' '.join(sizes)}" if sizes else ""
    lines.append(f"{BENCH}/bench_scale_fit.py{chosen} --json {FILES['scale']}")
    lines.append(f"sweet-spot validate --scale {FILES['scale']}")
    return "\n".join(lines)
