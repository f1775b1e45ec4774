"""Pieces of HTML: what comes from data is text and nothing else."""

import pytest

from sweet_spot.page.marks import bar, code_block, escape, link, percent, span, table


@pytest.mark.parametrize("text", ["<b>", "a & b", '"quoted"', "it's", "<!--", "</script>"])
def test_nothing_of_a_text_is_markup(text: str) -> None:
    for made in (escape(text), link("https://a.example", text), code_block(text)):
        assert text not in made
    assert "<" not in escape(text)
    assert '"' not in escape(text)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " JavaScript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "//other.example/x", "/here", "https:", "http://[", "",
    ],
)  # fmt: skip
def test_only_web_addresses_are_links(url: str) -> None:
    assert link(url, "who") == "who"


def test_a_web_address_is_a_link_that_tells_the_other_site_nothing() -> None:
    made = link('https://a.example/"onmouseover="x', "who")
    assert made.startswith('<a href="https://a.example/&quot;onmouseover=&quot;x"')
    assert 'rel="noopener noreferrer"' in made


@pytest.mark.parametrize(
    ("value", "low", "high", "place"),
    [(0.25, 0, 1, 25), (-1, 0, 1, 0), (2, 0, 1, 100), (3, 2, 4, 50), (float("nan"), 0, 1, 0),
     (1, 1, 1, 0)],
)  # fmt: skip
def test_places_stay_on_the_axis(value: float, low: float, high: float, place: float) -> None:
    assert percent(value, low, high) == place


def test_marks_stand_where_the_numbers_say() -> None:
    assert "width:69.0%" in bar(0.69)
    assert "tick" not in bar(0.69)
    assert "left:47.0%" in bar(0.69, 0.47)
    assert "left:20.0%;width:60.00%" in span([2, 5, 8], "prior", 0, 10)
    assert "left:50.0%" in span([2, 5, 8], "prior", 0, 10)


def test_a_table_names_its_rows_and_columns() -> None:
    made = table("What & how", ["Name", "Number"], [["one", "1"], ["two", "2"]])
    assert made.count('scope="row"') == 2
    assert made.count('scope="col"') == 2
    assert "<caption>What &amp; how</caption>" in made
