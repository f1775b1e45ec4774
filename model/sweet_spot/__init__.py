"""Is there a usable sweet spot for AI for AI safety? A Bayesian model of Joe Carlsmith's argument.

The names below are the public interface. They are resolved on first use, so that importing the
package, checking records and `sweet-spot --help` load neither PyMC nor xarray nor matplotlib.

>>> import sweet_spot
>>> argument = sweet_spot.load_argument()
"""

from importlib import import_module
from typing import TYPE_CHECKING

# A public name stands in three places: imported here for type checkers, in `_HOMES` for everyone
# else, and in `__all__`. tests/test_architecture.py holds the three equal.
if TYPE_CHECKING:
    from sweet_spot.answers.backtest import backtest
    from sweet_spot.answers.calibration import calibrate
    from sweet_spot.answers.camps import camps
    from sweet_spot.answers.credences import credence_table
    from sweet_spot.answers.fri_value import fri_value
    from sweet_spot.answers.history import history
    from sweet_spot.answers.importance import importance
    from sweet_spot.answers.influence import influence
    from sweet_spot.answers.inverse import inverse
    from sweet_spot.answers.judgement import judgement_calls
    from sweet_spot.answers.next_question import next_question
    from sweet_spot.answers.obstacles import obstacles
    from sweet_spot.answers.outcomes import outcomes
    from sweet_spot.answers.picture import picture
    from sweet_spot.answers.profile import profile
    from sweet_spot.answers.report import report
    from sweet_spot.answers.rivals import rivals
    from sweet_spot.answers.scenarios import scenario_table
    from sweet_spot.answers.sensitivity import sensitivity
    from sweet_spot.answers.updating import update
    from sweet_spot.answers.validation import validate
    from sweet_spot.answers.whatif import whatif
    from sweet_spot.argument.scenarios import read_scenarios
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.argument.structure import derive
    from sweet_spot.evidence.add import add
    from sweet_spot.evidence.checks import check
    from sweet_spot.evidence.coherence import coherence
    from sweet_spot.evidence.exporters import export
    from sweet_spot.evidence.gather import gather
    from sweet_spot.evidence.importers import import_file
    from sweet_spot.evidence.reading import read_elicitations, read_questions
    from sweet_spot.inference.fit import fit
    from sweet_spot.inference.learn import learn
    from sweet_spot.inference.learned import load_learned
    from sweet_spot.inference.model import build_model
    from sweet_spot.inference.refit import Settings
    from sweet_spot.inference.refits import refitter
    from sweet_spot.inference.resolved import read_resolved
    from sweet_spot.inference.store import load_fit
    from sweet_spot.page.app import explore

    __version__: str

_HOMES = {
    "Settings": "sweet_spot.inference.refit",
    "add": "sweet_spot.evidence.add",
    "backtest": "sweet_spot.answers.backtest",
    "build_model": "sweet_spot.inference.model",
    "calibrate": "sweet_spot.answers.calibration",
    "camps": "sweet_spot.answers.camps",
    "check": "sweet_spot.evidence.checks",
    "coherence": "sweet_spot.evidence.coherence",
    "credence_table": "sweet_spot.answers.credences",
    "derive": "sweet_spot.argument.structure",
    "explore": "sweet_spot.page.app",
    "export": "sweet_spot.evidence.exporters",
    "fit": "sweet_spot.inference.fit",
    "fri_value": "sweet_spot.answers.fri_value",
    "gather": "sweet_spot.evidence.gather",
    "history": "sweet_spot.answers.history",
    "import_file": "sweet_spot.evidence.importers",
    "importance": "sweet_spot.answers.importance",
    "influence": "sweet_spot.answers.influence",
    "inverse": "sweet_spot.answers.inverse",
    "judgement_calls": "sweet_spot.answers.judgement",
    "learn": "sweet_spot.inference.learn",
    "load_argument": "sweet_spot.argument.spec",
    "load_fit": "sweet_spot.inference.store",
    "load_learned": "sweet_spot.inference.learned",
    "next_question": "sweet_spot.answers.next_question",
    "obstacles": "sweet_spot.answers.obstacles",
    "outcomes": "sweet_spot.answers.outcomes",
    "picture": "sweet_spot.answers.picture",
    "profile": "sweet_spot.answers.profile",
    "read_elicitations": "sweet_spot.evidence.reading",
    "read_questions": "sweet_spot.evidence.reading",
    "read_resolved": "sweet_spot.inference.resolved",
    "read_scenarios": "sweet_spot.argument.scenarios",
    "refitter": "sweet_spot.inference.refits",
    "report": "sweet_spot.answers.report",
    "rivals": "sweet_spot.answers.rivals",
    "scenario_table": "sweet_spot.answers.scenarios",
    "sensitivity": "sweet_spot.answers.sensitivity",
    "update": "sweet_spot.answers.updating",
    "validate": "sweet_spot.answers.validation",
    "whatif": "sweet_spot.answers.whatif",
}

__all__ = [
    "Settings",
    "__version__",
    "add",
    "backtest",
    "build_model",
    "calibrate",
    "camps",
    "check",
    "coherence",
    "credence_table",
    "derive",
    "explore",
    "export",
    "fit",
    "fri_value",
    "gather",
    "history",
    "import_file",
    "importance",
    "influence",
    "inverse",
    "judgement_calls",
    "learn",
    "load_argument",
    "load_fit",
    "load_learned",
    "next_question",
    "obstacles",
    "outcomes",
    "picture",
    "profile",
    "read_elicitations",
    "read_questions",
    "read_resolved",
    "read_scenarios",
    "refitter",
    "report",
    "rivals",
    "scenario_table",
    "sensitivity",
    "update",
    "validate",
    "whatif",
]


def __dir__() -> list[str]:
    return sorted(__all__)


if not TYPE_CHECKING:  # hidden from type checkers, which would take any name to exist

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version  # slow to import: only for who asks

            value = version("ai-safety-sweet-spot")
        elif name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value
