"""The sections of a report, in their order: a new answer is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable

from sweet_spot.answers import sections_fit as of_fit
from sweet_spot.answers.section import Reported, Section
from sweet_spot.answers.section_equations import calls_section, rivals_section
from sweet_spot.answers.section_history import history_section
from sweet_spot.answers.section_influence import moves_section
from sweet_spot.answers.section_next import next_section
from sweet_spot.answers.section_obstacles import obstacles_section, profile_section
from sweet_spot.answers.section_outcomes import outcomes_section
from sweet_spot.answers.section_people import camps_section, influence_section
from sweet_spot.answers.section_picture import picture_section
from sweet_spot.answers.section_whatif import scenarios_section
from sweet_spot.answers.summary import summary_section

PARTS: tuple[tuple[Callable[[Reported], Section | None], ...], ...] = (
    (of_fit.credences_section,),
    (of_fit.waterfall_section,),
    (obstacles_section,),
    (profile_section,),
    (picture_section,),
    (history_section,),
    (of_fit.latents_section,),
    (moves_section,),
    (influence_section, camps_section),
    (calls_section,),
    (rivals_section,),
    (scenarios_section,),
    (next_section,),
    (of_fit.statements_section,),
    (of_fit.checks_section,),
    (outcomes_section,),
    (of_fit.limits_section,),
    (of_fit.inputs_section,),
    (of_fit.verdict_section,),
)
"""Each gives its section of a fit, or none where there is nothing to say; those that rest on the
same costly answer are one part, which one process makes."""


def sections(about: Reported) -> tuple[Section, ...]:
    """Every section of a report, computed; the summary of all of them first."""
    made = (make(about) for part in PARTS for make in part)
    found = tuple(each for each in made if each is not None)
    return (summary_section(about, found), *found)
