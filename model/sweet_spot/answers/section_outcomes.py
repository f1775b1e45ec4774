"""The section of a report on the outcomes, and its tables."""

from __future__ import annotations

from sweet_spot.answers.figure_outcomes import outcomes_figure, outcomes_words
from sweet_spot.answers.numbers import DASH, RULE, error, probability, span, words
from sweet_spot.answers.outcome_layer import OUTCOME_WORDS, load_outcomes
from sweet_spot.answers.outcomes import Outcomes
from sweet_spot.answers.outcomes import outcomes as outcomes_of
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.tables import link, plain, table

TITLE = "Outcomes: victory, costly non-failure, failure"


def outcomes_section(about: Reported) -> Section:
    """The last layer behind the model, and totals beside it."""
    found, stamp = outcomes_of(about.tree), about.stamp
    drawn = Drawing("outcomes", outcomes_words(about.world), lambda: outcomes_figure(found, stamp))
    return section(
        about, "outcomes", TITLE, (drawn,), _failure(found), text=found.text,
        outcomes=outcomes(found), outcome_reasons=reasons(), totals=totals(found),
    )  # fmt: skip


def _failure(found: Outcomes) -> tuple[Point, ...]:
    """What the last layer makes of the number."""
    row = found.data.sel(outcome="failure")
    low, _, high = row["interval"].to_numpy()
    value = probability(float(row["posterior" if found.fitted else "prior"]))
    usable, not_usable = (
        probability(float(row["share"].sel(given=name))) for name in ("usable", "not_usable")
    )
    return (
        Point(
            "number",
            f"What follows from it is judgement of ours: P(failure) = {value}"
            f" ({span(float(low), float(high), 'probability')}, {RULE}, about the shares alone), if"
            f" failure has the share {usable} of the worlds with a usable sweet spot and"
            f" {not_usable} of those without.",
        ),
    )


def outcomes(found: Outcomes) -> str:
    """Each outcome: posterior, prior, error, interval, and the layer's shares."""
    rows = []
    for outcome in found.data["outcome"].values:
        row = found.data.sel(outcome=outcome)
        low, _, high = row["interval"].to_numpy()
        shown = [OUTCOME_WORDS[str(outcome)]]
        if found.fitted:
            shown.append(f"**{probability(float(row['posterior']))}**")
        shown += [
            probability(float(row["prior"])), error(float(row["mcse"])),
            span(float(low), float(high), "probability"),
        ]  # fmt: skip
        for given in found.data["given"].values:
            share = row.sel(given=given)
            low, _, high = share["share_interval"].to_numpy()
            inside = span(float(low), float(high), "probability")
            shown.append(f"{probability(float(share['share']))} ({inside})")
        rows.append(shown)
    head = ["outcome", *(["posterior"] if found.fitted else []), "prior", "Monte Carlo error"]
    head += ["interval about the shares", "share if usable (interval)", "if not usable (interval)"]
    return table(head, rows)


def reasons() -> str:
    """The written reasons of the shares."""
    layer = load_outcomes()
    rows = [
        [words(given), plain(prior.reason), f"{prior.concentration:g}", plain(prior.source)]
        for given, prior in layer.given.items()
    ]
    return table(["given a sweet spot", "reason", "concentration", "source"], rows)


def totals(found: Outcomes) -> str:
    """Each stated total beside P(failure), with the position that it implies."""
    rows = []
    for _, row in found.check_table.sort_values("said", ascending=False).iterrows():
        mark = {0: "", 1: "above ", -1: "below "}[int(row["bound"])]
        asked = words(row["question"]) + (f" given {row['condition']}" if row["condition"] else "")
        usable = row["implied_usable"]
        rows.append([
            link(row["expert"], row["url"]), row["date"], plain(asked), row["relation"],
            mark + probability(row["said"]),
            f"{probability(row['predicted'])} ({span(row['low'], row['high'], 'probability')})",
            {0: "", 1: "above", -1: "below"}[int(row["beyond"])],
            f"{probability(row['implied_failure_usable'])}, "
            f"{probability(row['implied_failure_not_usable'])}",
            probability(usable) if usable == usable else DASH,
        ])  # fmt: skip
    head = [
        "who", "date", "asked", "than failure", "said", "predicted P(failure) (interval)",
        "P(failure) as said is", "implied P(failure) if usable, if not", "implied P(usable)",
    ]  # fmt: skip
    return table(head, rows)
