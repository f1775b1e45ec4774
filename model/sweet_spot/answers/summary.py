"""The summary: one page that a reader can use alone, of the points that the sections make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sweet_spot.answers.section import Heading, Reported, Section, section

HEADINGS: Mapping[Heading, str] = {
    "number": "The number",
    "rests": "What it rests on",
    "change": "What would change it",
    "unknown": "What nobody has forecast",
}


def summary_section(about: Reported, others: Sequence[Section]) -> Section:
    """The points of the other sections under four headings, in the order of the sections."""
    points = [point for other in others for point in other.points]
    parts = {
        title: [point.text for point in points if point.heading == heading]
        for heading, title in HEADINGS.items()
    }
    return section(about, "summary", "Summary", parts=parts)
