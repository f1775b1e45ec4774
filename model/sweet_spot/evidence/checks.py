"""Checks questions and statements by a table of rules, and reports all that is wrong at once.

Nothing is changed and nothing is fitted: this needs no PyMC and answers in well under a second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence import rules_across as across
from sweet_spot.evidence import rules_endings as endings
from sweet_spot.evidence import rules_meaning as meaning
from sweet_spot.evidence import rules_scenarios as scenarios
from sweet_spot.evidence import rules_twice as twice
from sweet_spot.evidence import rules_values as values
from sweet_spot.evidence.findings import Finding, Problem, Severity, named
from sweet_spot.evidence.material import Asked, Entry, Material, collector_paused, read_material
from sweet_spot.evidence.reading import ELICITATIONS, QUESTIONS, SUFFIXES, data_files, files_in

Check = Callable[[Material], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what breaking it means, the sentence users read, and what finds it.

    Without `checks`, reading the file finds it.
    """

    name: str
    severity: Severity
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a check found, in order of file and line, and how much it looked at."""

    findings: tuple[Finding, ...]
    files: int
    statements: int

    def count(self, severity: Severity) -> int:
        """Number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


def _each(rule: Callable[[Entry], Iterator[Problem]]) -> Check:
    return lambda material: (found for entry in material.entries for found in rule(entry))


def _asked(rule: Callable[[Asked], Iterator[Problem]]) -> Check:
    return lambda material: (found for asked in material.asked for found in rule(asked))


RULES: tuple[Rule, ...] = (
    Rule("unreadable", "error", "A file can be opened."),
    Rule("too-large", "error", "A file has at most 20 MB; a table 1 GB and 5,000,000 rows."),
    Rule("encoding", "error", "A file is UTF-8."),
    Rule("empty-file", "error", "A file holds something."),
    Rule("not-yaml", "error", "A file is one document of well-formed YAML."),
    Rule("not-table", "error", "A table is well-formed CSV or Parquet with the columns of a "
         "statement, each row as long as its header."),
    Rule("rows-agree", "error", "The rows of one statement agree in all but level, event, value."),
    Rule("unsafe-yaml", "error", "A file has no YAML tags, anchors or aliases, nor deep nesting."),
    Rule("duplicate-key", "error", "A key stands once in its map."),
    Rule("wrong-file", "error", "A file in the elicitations folder is an elicitation file."),
    Rule("schema-version", "error", "A file says which schema version it follows, and it is 1."),
    Rule("missing-source", "error", "A file says where its statements were published."),
    Rule("missing-field", "error", "Every field that a record needs is there and not empty."),
    Rule("unknown-field", "error", "A record has no fields but those of the format."),
    Rule("unknown-choice", "error", "A field with a list of choices has one of them."),
    Rule("wrong-type", "error", "Text is text, a number a number, a list a list."),
    Rule("malformed", "error", "Ids, texts and counts have the form that the format asks for."),
    Rule("not-finite", "error", "Numbers are finite."),
    Rule("bad-date", "error", "A date is YYYY, YYYY-MM or YYYY-MM-DD and exists."),
    Rule("bad-event", "error", "An event is '<' or '>' and a threshold."),
    Rule("bad-value", "error", "A value is a number, a bound such as '>2100', or never or later."),
    Rule("value-or-values", "error", "A statement has value or, of quantiles or probabilities, "
         "values.", (_each(values.check_value_or_values),)),
    Rule("levels", "error", "A quantile has levels, and nothing else has.",
         (_each(values.check_levels_given),)),
    Rule("count", "error", "There are as many values as levels or events.",
         (_each(values.check_counts),)),
    Rule("levels-inside", "error", "Levels lie between 0 and 1.",
         (_each(values.check_levels_inside),)),
    Rule("levels-rise", "error", "Levels rise and do not repeat.",
         (_each(values.check_levels_rise),)),
    Rule("quantiles-rise", "error", "Quantiles do not fall.",
         (_each(values.check_quantiles_rise),)),
    Rule("probabilities-agree", "error", "Probabilities for several thresholds do not contradict.",
         (_each(values.check_probabilities_agree),)),
    Rule("probability-range", "error", "A probability lies between 0 and 1, or 0 and 100 percent.",
         (_each(values.check_probability_range),)),
    Rule("percent", "error", "A percentage has the unit percent.",
         (_each(values.check_not_percent),)),
    Rule("bound-side", "error", "A bound says on which side of it the value lies.",
         (_each(values.check_bound_has_side),)),
    Rule("reserved-word", "error", "never and later stand for quantities, not for probabilities or "
         "means.", (_each(values.check_reserved_words),)),
    Rule("unknown-question", "error", "The question of a statement is in the questions file.",
         (meaning.check_question_known,)),
    Rule("unknown-quantity", "error", "The quantity of a question is in the catalogue.",
         (_asked(meaning.check_quantity_known),)),
    Rule("missing-event", "error", "A probability has an event, in the statement or its question.",
         (_each(meaning.check_event_known),)),
    Rule("event-twice", "error", "The event stands in the statement or its question, not in both.",
         (_each(meaning.check_event_once),)),
    Rule("event-kind", "error", "Only a probability has an event, or answers a question with one.",
         (_each(meaning.check_event_kind),)),
    Rule("unit", "error", "The unit is one in which the quantity, or a probability, can be stated.",
         (_each(meaning.check_unit), _asked(meaning.check_question_unit))),
    Rule("impossible-value", "error", "The quantity can have the value, threshold or condition.",
         (_each(meaning.check_possible), _asked(meaning.check_question_possible))),
    Rule("unknown-given", "error", "What a condition sets or is solved for is in the catalogue.",
         (_each(meaning.check_given_known), _asked(meaning.check_question_given_known))),
    Rule("given-via", "error", "A condition on a derived quantity names the latent solved for.",
         (_each(meaning.check_given_solvable), _asked(meaning.check_question_solvable))),
    Rule("atom", "error", "Quantities with part of their mass on one value serve as checks only.",
         (_each(meaning.check_atoms),)),
    Rule("future-date", "error", "No date lies in the future.", (across.check_dates_past,)),
    Rule("date-after-source", "error", "A statement is not younger than the source it is from.",
         (_each(across.check_said_before_published),)),
    Rule("duplicate-question", "error", "Each question has its own id.",
         (across.check_question_ids,)),
    Rule("duplicate-id", "error", "Each statement has its own id, over all files.",
         (across.check_statement_ids,)),
    Rule("one-answer", "error", "A person answers a question under one condition once at one date.",
         (across.check_one_answer,)),
    Rule("unknown-statement", "error", "A statement that an entry names is in the data folder.",
         (endings.check_statements_named,)),
    Rule("parts", "error", "Only one probability has premises or includes others, each once.",
         (_each(endings.check_parts),)),
    Rule("ended-before", "error", "A statement does not end before it is made.",
         (endings.check_ended_after_said,)),
    Rule("ends-once", "error", "A statement is withdrawn, expires or is resolved once.",
         (endings.check_ends_once,)),
    Rule("members", "error", "A pool names each member once, and no more than it has people.",
         (_each(twice.check_members),)),
    Rule("pool-or-members", "error", "A pooled number and a member's answer are not both evidence.",
         (twice.check_pool_or_members,)),
    Rule("scenario", "error", "Scenarios move latents.", (scenarios.check_scenarios,)),
    Rule("one-cluster", "error", "A person belongs to one cluster.", (across.check_one_cluster,)),
    Rule("cluster-missing", "warning", "A person in a cluster is in it in every statement.",
         (across.check_cluster_everywhere,)),
    Rule("expert-spelling", "warning", "A person's name is always spelt in one way.",
         (across.check_expert_spelling,)),
    Rule("joint-answer", "warning", "What people say together is not evidence beside what one says "
         "alone.", (twice.check_joint_answers,)),
    Rule("repeated", "warning", "A view that a second source only repeats is not dated anew.",
         (twice.check_repeated,)),
    Rule("same-numbers", "warning", "People with all numbers alike share a cluster.",
         (twice.check_same_numbers,)),
    Rule("two-questions", "warning", "A person's view of a quantity enters once, not for two "
         "questions from two sources.", (twice.check_two_questions,)),
    Rule("inherited-date", "warning", "A statement has its own date; else the source's is taken.",
         (_each(across.check_own_date),)),
    Rule("date-before-source", "warning", "A statement older than its source was made earlier.",
         (_each(across.check_said_with_source),)),
    Rule("secondary", "warning", "Evidence was verified at its source.",
         (_each(across.check_verified),)),
    Rule("unused-question", "warning", "A question is answered by some statement.",
         (across.check_questions_used,)),
)  # fmt: skip
"""Every rule, from the format of a file to what its statements say; docs are made from it."""


def check(
    data: Path | str = "data",
    paths: Sequence[Path | str] | None = None,
    *,
    today: dt.date | None = None,
) -> tuple[Finding, ...]:
    """All that is wrong with the questions and statements of a data folder.

    Parameters
    ----------
    data
        Folder with `questions.yaml` and `elicitations/`.
    paths
        Elicitation files, or folders of them, to check instead of those of the data folder.
    today
        Dates after it are errors; by default the current day.

    Raises
    ------
    MissingData
        There is no such folder or file. Whatever else is wrong is a finding.
    """
    return examine(data, paths, today=today).findings


def examine(
    data: Path | str = "data",
    paths: Sequence[Path | str] | None = None,
    *,
    today: dt.date | None = None,
    complete: bool | None = None,
) -> Report:
    """As `check`, with the number of files and statements that were looked at.

    `complete` says that the paths are all files of the data folder, as they are by default where
    none are named: what no file holds is then missing.
    """
    day = dt.date.today() if today is None else today
    whole = paths is None if complete is None else complete
    material, findings = _examined(data, paths, day, whole=whole)
    documents = [material.questions.document, *(file.document for file in material.files)]
    return Report(findings, len({each.path for each in documents}), len(material.entries))


def _examined(
    data: Path | str, paths: Sequence[Path | str] | None, today: dt.date, *, whole: bool
) -> tuple[Material, tuple[Finding, ...]]:
    """What was read, and what is wrong with it, in order of file and line."""
    questions, chosen = chosen_files(data, paths)
    order = {path: number for number, path in enumerate((questions, *chosen))}
    with collector_paused():
        material = read_material(questions, chosen, today, complete=whole)
        order |= {material.questions.document.path.with_name(scenarios.FILE): len(order)}
        found = sorted(findings_in(material), key=lambda f: (order[f.file], f.line or 0))
    return material, tuple(found)


def sound_material(
    data: Path | str = "data", paths: Sequence[Path | str] | None = None
) -> Material:
    """All that is said in a data folder, read once, in which `check` finds no error.

    Raises
    ------
    MissingData
        There is no such folder or file.
    InvalidRecord
        There are errors; the message holds the first.
    """
    material, findings = _examined(data, paths, dt.date.today(), whole=paths is None)
    errors = [found for found in findings if found.severity == "error"]
    if errors:
        remedy = f"run `sweet-spot check` with --data {data}"
        raise InvalidRecord(f"{errors[0]}\n{len(errors)} error(s) in all: {remedy}")
    return material


def chosen_files(
    data: Path | str, paths: Sequence[Path | str] | None = None
) -> tuple[Path, tuple[Path, ...]]:
    """The questions file of a data folder, and its elicitation files or those that paths mean."""
    files = data_files(data)
    if paths is None:
        return files.questions, files.elicitations
    return files.questions, _chosen([Path(path) for path in paths], files.questions)


def findings_in(material: Material) -> Iterator[Finding]:
    """All that the rules find in what was read, rule by rule."""
    severities = {rule.name: rule.severity for rule in RULES}
    for name, problem in material.problems:
        yield named(problem, name, severities[name])
    for rule in RULES:
        for find in rule.checks:
            yield from (named(problem, rule.name, rule.severity) for problem in find(material))


def _chosen(paths: Sequence[Path], questions: Path) -> tuple[Path, ...]:
    """The elicitation files that paths mean, each once; a data folder means its elicitations."""
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise MissingData(f"{path}: no such file or folder; name an elicitation file or folder")
        for file in _expand(path):
            if not file.exists() or file.resolve() != questions.resolve():
                found.setdefault(file.resolve(), file)
    return tuple(found.values())


def _expand(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    inner = path / ELICITATIONS if (path / ELICITATIONS).is_dir() else path
    files = tuple(file for file in files_in(inner) if file.name != QUESTIONS)
    if not files:
        raise MissingData(f"{path}: holds no elicitation files ({', '.join(SUFFIXES)})")
    return files


def rules_table() -> str:
    """The rules as a Markdown table, for the README."""
    rows = [f"| `{rule.name}` | {rule.severity} | {rule.sentence} |" for rule in RULES]
    return "\n".join(["| rule | severity | what must hold |", "|---|---|---|", *rows]) + "\n"
