"""Rival structures: small declared changes of the equations (ours, not the essays').

Every structure has the same latents, priors and error model. It differs from MODEL.md section 3 in
one place, which the fields below name and the equations read; docs/MODEL.md section 8 writes the
changes out. `weight` is what the structure is given before any forecast is heard.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Structure:
    """One structure of the equations.

    Attributes
    ----------
    name, meaning, reason, source
        What it is called, what it changes, why somebody might hold it, and where that is from.
    weight
        Prior weight among `STRUCTURES`, which sum to one.
    work_exponent
        Exponent of the mean across kinds of work of the share that can be judged: 0 their product
        with the shares as exponents; the further below, the more the worst kind decides.
    feedback
        Whether AI labour keeps speeding up progress beyond full automation.
    danger_width
        Half the width, in dex, of the ramp on which vulnerability grows from none to whole around
        the threshold of danger; 0 is a sharp end.
    """

    name: str
    meaning: str
    reason: str
    source: str
    weight: float
    work_exponent: float = 0.0
    feedback: bool = True
    danger_width: float = 0.0

    @property
    def change(self) -> tuple[float, bool, float]:
        """All that the equations read: structures that agree in it have the same equations."""
        return self.work_exponent, self.feedback, self.danger_width


MAIN = Structure(
    name="main",
    meaning="the equations of MODEL.md section 3",
    reason="Chosen before any forecast was fitted; every other answer is about it, so that it has"
    " twice the weight of a rival.",
    source="judgement",
    weight=0.4,
)
BOTTLENECK = Structure(
    name="bottleneck",
    meaning="the kind of work that is evaluated worst holds up the others",
    reason="Kinds of research may hardly replace each other: results that cannot be judged in one"
    " block what is built on them. An elasticity of substitution of a fifth, against one in the"
    " main structure, is close to the worst kind deciding alone, but a kind that is hardly"
    " needed still hardly counts.",
    source="R 6.2 and R 7 for the kinds of work; judgement",
    weight=0.2,
    work_exponent=-4.0,
)
NO_FEEDBACK = Structure(
    name="no_feedback",
    meaning="beyond full automation of AI R&D its pace stays what it was there",
    reason="Compute, experiments and data may bind once no human is waited for. Capability beyond"
    " full automation is then measured by the speed-up that the labour alone would give.",
    source="A 2.1 for the capabilities loop; judgement",
    weight=0.2,
    feedback=False,
)
SOFT_DANGER = Structure(
    name="soft_danger",
    meaning="danger comes by degrees: vulnerability grows evenly over one dex around the threshold",
    reason="How many AIs, paths and how much luck a takeover needs changes step by step. Labour"
    " counts by the part of vulnerability that has not yet come; half of it has at the threshold"
    " that forecasts are about.",
    source="A 4.1; judgement",
    weight=0.2,
    danger_width=0.5,
)

STRUCTURES: tuple[Structure, ...] = (MAIN, BOTTLENECK, NO_FEEDBACK, SOFT_DANGER)
"""All structures, the main one first."""
