"""The summary page: its numbers are the answers', it names what is unknown, and it is one page."""

import re
from dataclasses import replace
from typing import Any

import pytest

from sweet_spot.answers.numbers import probability, words
from sweet_spot.answers.section import Point
from sweet_spot.answers.sections_fit import limits_section
from sweet_spot.answers.summary import HEADINGS, summary_section

PAGE = 500
"""Words on a page of A4 at a size that can be read."""


@pytest.fixture(params=["answers", "prior_answers"])
def shown(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def parts(text: str) -> dict[str, list[str]]:
    """The points under each heading."""
    cut = re.split(r"^### (?:Prior: )?(.*)$", text, flags=re.MULTILINE)[1:]
    return {
        head: [line[2:] for line in body.splitlines() if line.startswith("- ")]
        for head, body in zip(cut[::2], cut[1::2], strict=True)
    }


def test_it_comes_first_and_fits_on_a_page(shown: Any) -> None:
    first = shown.sections[0]
    assert first.name == "summary"
    assert list(parts(first.text)) == list(HEADINGS.values())
    assert all(parts(first.text).values())
    assert len(first.text.split()) <= PAGE
    assert "![" not in first.text


def test_its_numbers_are_those_of_the_answers(answers: Any) -> None:
    said = parts(answers.sections[0].text)
    usable = answers.credences.data.sel(gate="usable")
    posterior, prior = (float(usable[n].sel(factor="any")) for n in ("posterior", "prior"))
    number = said["The number"][0]
    assert f"at least one factor) = {probability(posterior)}**" in number
    assert f"about {100 * posterior:.0f} have" in number
    assert probability(float(usable["posterior"].sel(factor="all"))) in number
    failure = answers.outcomes.data["posterior"].sel(outcome="failure")
    assert f"P(failure) = {probability(float(failure))}" in said["The number"][1]
    rests = " ".join(said["What it rests on"])
    assert answers.credences.evidence.text in rests
    assert f"priors alone, the number is {probability(prior)}" in rests
    costs = answers.obstacles.data.sel(world="posterior", factor="any")["shapley"]
    largest = costs.isel(obstacle=int(costs.to_numpy().argmax()))
    assert f"inadequate time {probability(float(largest))}" in rests
    assert str(largest["obstacle"].values) == "time"


def test_it_names_every_latent_that_no_forecast_touches(answers: Any) -> None:
    (named,) = [p for p in parts(answers.sections[0].text)["What nobody has forecast"]
                if p.startswith("Untouched latents")]  # fmt: skip
    data = answers.latents.data
    alone = {str(data["latent"].sel(coordinate=c).values) for c in answers.latents.prior_only}
    listed = named.removeprefix("Untouched latents: ").rstrip(".").split(", ")
    assert {re.sub(r" \(\d+ of \d+\)$", "", each) for each in listed} == set(map(words, alone))
    counts = [re.search(r"\((\d+) of", each) for each in listed]
    assert sum(int(c[1]) if c else 1 for c in counts) == len(answers.latents.prior_only)


def test_of_the_prior_it_says_prior(prior_answers: Any) -> None:
    text = prior_answers.sections[0].text
    assert "posterior" not in text
    assert "prior mean" in text
    assert "no statement was used" in text


def test_a_section_adds_its_points(answers: Any) -> None:
    """In the order of the sections, under their heading; headings without a point are left out."""
    limits = limits_section(answers.about)
    some = [
        replace(limits, points=(Point("change", "First."), Point("number", "Number."))),
        replace(limits, points=(Point("change", "Second."),)),
    ]
    assert parts(summary_section(answers.about, some).text) == {
        "The number": ["Number."], "What would change it": ["First.", "Second."],
    }  # fmt: skip
