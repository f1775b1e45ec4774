"""Updates the ledger and the answer with a file: fitted again, or saved draws reweighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import xarray as xr

from sweet_spot.answers.update import Update, compare
from sweet_spot.answers.verdict import refuse, verdict, verdict_of
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.errors import NeedsRefit
from sweet_spot.evidence.add import add, preview
from sweet_spot.evidence.changes import Entry, entries, only
from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.reading import SourcedStatement, data_files, read_questions
from sweet_spot.evidence.records import Question
from sweet_spot.evidence.skill import Skill, read_skill
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Compiled, Settings, compile_model, draw, swaps
from sweet_spot.inference.reweight import LARGEST_K, Base, base_of, reweigh
from sweet_spot.inference.store import cached, digests, fit_path, fits, load_fit
from sweet_spot.inference.views import View, own_view, shares

Progress = Callable[[str], None]
CAUSES = 20
"""At most so many causes share a change: where there are more entries experts do, or the file."""
IN_LEDGER = "the statements are in the ledger; try `sweet-spot report --seed N`"


@dataclass(frozen=True)
class Change:
    """The ledger before and after a file, and the evidence with only some of what is new."""

    questions: Sequence[Question]
    before: Sequence[SourcedStatement]
    after: Sequence[SourcedStatement]
    skill: Mapping[str, Skill] = field(default_factory=dict)

    @cached_property
    def new(self) -> tuple[Entry, ...]:
        """Statements and endings that the file brings."""
        return entries(self.before, self.after)

    @cached_property
    def causes(self) -> dict[str, tuple[Entry, ...]]:
        """What the change is divided among: entries, or where they are many experts, or all."""
        one_by_one: dict[str, tuple[Entry, ...]] = {str(entry): (entry,) for entry in self.new}
        by_expert: dict[str, tuple[Entry, ...]] = {}
        for entry in self.new:
            by_expert[entry.expert] = (*by_expert.get(entry.expert, ()), entry)
        every = {f"all {len(self.new)} entries": self.new}
        return next((c for c in (one_by_one, by_expert) if len(c) <= CAUSES), every)

    def evidence(self, made: frozenset[int] | None = None) -> Evidence:
        """The evidence with some of the causes, by index, or with all."""
        groups = list(self.causes.values())
        kept = self.new if made is None else [e for i in sorted(made) for e in groups[i]]
        said = only(self.after, self.new, kept)
        return assemble(self.questions, said, skill=self.skill)


def update(
    path: Path | str,
    data: Path | str = "data",
    *,
    quick: bool = False,
    seed: int | None = None,
    cache: Path | str | None = None,
    progress: Progress | None = None,
) -> Update:
    """Adds a file to the ledger and says how the answer changed, and why.

    Parameters
    ----------
    path, data
        The elicitation file, and the data folder that it goes into.
    quick
        Reweigh the draws of a saved fit instead of fitting again: about a second, nothing compiled.
    seed
        Of the sampler; by default that of `Settings`.
    cache
        Folder of fits; by default the user's cache.
    progress
        Called with what is being done now, where that takes more than a moment.

    Raises
    ------
    MissingData, InvalidRecord
        The file or the data folder is missing or has errors; nothing is added.
    NeedsRefit
        `quick`, and no saved draws can answer (there are none, or Pareto k is above 0.7); nothing
        is added.
    UntrustworthyFit
        A fit failed its verdict; the statements are in the ledger then.
    """
    settings = Settings() if seed is None else Settings(seed=seed)
    argument = load_argument()
    questions, ledgers = read_questions(data_files(data).questions), preview(path, data)
    change = Change(questions, *ledgers, read_skill(data))
    folder = Path(cache) if cache else None
    if quick:
        before, after = _reweighed(argument, change, settings, folder)
        add(path, data)
        divided = shares(list(change.causes), change.evidence, before, after)
    else:
        add(path, data)
        room = Room(argument, change, settings, progress or _silent)
        before, after = room.before(folder), room.after(folder)
        divided = shares(list(change.causes), change.evidence, before, after, room.refit)
    return compare(argument, change.evidence(), before, after, divided, change.new)


def _silent(message: str) -> None:
    del message


def _reweighed(
    argument: Argument, change: Change, settings: Settings, cache: Path | None
) -> tuple[View, View]:
    """The newest saved draws that can be reweighed to the ledger before and after."""
    old, new = change.evidence(frozenset()), change.evidence()
    why = "no fit is in the cache"
    for path in _candidates(argument, old, settings, cache):
        with load_fit(path) as tree:
            try:
                base = base_of(tree, argument)
                before, after = (View(base, reweigh(base, each)) for each in (old, new))
            except NeedsRefit as error:
                why = str(error)
                continue
        worst = max(before.weights.pareto_k, after.weights.pareto_k)
        if worst <= LARGEST_K:
            return before, after
        why = f"Pareto k {worst:.2f} is above {LARGEST_K}: the saved draws are too far off"
    raise NeedsRefit(f"nothing was added: {why}; run the command without --quick to fit again")


def _candidates(
    argument: Argument, evidence: Evidence, settings: Settings, cache: Path | None
) -> Sequence[Path]:
    """Fits of this model that passed, that of the ledger as it is first, then the newest."""
    named = digests(argument, evidence, settings, learned_constants())
    alike = {name: named[name] for name in ("digest_argument", "digest_source")}
    own = fit_path(named["digest_fit"], cache)
    found = list(fits({**alike, "passed": 1}, cache))
    return sorted(found, key=lambda path: path != own)[:3]


@dataclass(frozen=True)
class Room:
    """Fits that the update needs, with one compilation at most."""

    argument: Argument
    change: Change
    settings: Settings
    say: Progress

    @cached_property
    def compiled(self) -> Compiled:
        """The model of all statements, old and new."""
        self.say("compiling the model with the new statements")
        return compile_model(self.argument, self.change.evidence())

    def refit(self, evidence: Evidence) -> Base:
        """Draws for evidence that is a part of all that there is."""
        self.say("drawing again for a part of the statements")
        drawn = draw(self.compiled, self.settings, swaps(self.compiled, evidence))
        refuse(verdict_of(drawn.verdict), IN_LEDGER)
        return Base(self.argument, evidence, learned_constants(), drawn.posterior)

    def before(self, cache: Path | None) -> View:
        """The ledger as it was: its fit in the cache, else drawn from the one compiled model."""
        evidence = self.change.evidence(frozenset())
        path = fit_path(self._key(evidence), cache)
        if not path.exists():
            return own_view(self.refit(evidence))
        return self._view(load_fit(path))

    def after(self, cache: Path | None) -> View:
        """The ledger as it is now; its fit is kept where `sweet-spot report` finds it."""
        evidence = self.change.evidence()

        def make() -> xr.DataTree:
            from sweet_spot.inference.fit import assemble_tree

            compiled = self.compiled
            self.say("drawing")
            drawn = draw(compiled, self.settings)
            return assemble_tree(self.argument, evidence, drawn, self.settings, learned_constants())

        return self._view(cached(self._key(evidence), make, cache)[0])

    def _view(self, tree: xr.DataTree) -> View:
        with tree:
            refuse(verdict(tree), IN_LEDGER)
            return own_view(base_of(tree, self.argument))

    def _key(self, evidence: Evidence) -> str:
        named = digests(self.argument, evidence, self.settings, learned_constants())
        return named["digest_fit"]
