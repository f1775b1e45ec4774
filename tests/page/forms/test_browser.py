"""The same in a real browser: a forecast, a workshop of several people, keyboard alone, a phone."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect, sync_playwright

YEAR, EVENT = "year_full_rnd_automation", "schemers_by_default"
SCRIPT = "<img src=x onerror=\"document.title='stolen'\">"
REFUSED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium: install the system packages that the README names")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[object]:
    """Opens a page in a context of its own; at the end no page may have complained of anything."""
    contexts, heard = [], []

    def open_page(url: str, **options: object) -> Page:
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        host = urlsplit(url).netloc
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda r: heard.append(r.url) if urlsplit(r.url).netloc != host and
                not r.url.startswith("data:") else None)  # fmt: skip
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in heard if not text.startswith(REFUSED)] == []


def test_a_forecast_in_the_browser_is_found_in_the_file(desk, study, visit) -> None:
    page = visit(f"{desk.base}/forecast")
    page.get_by_label("Your name").fill("Ada Example")
    page.get_by_text("danger (1)").click()
    page.get_by_label("What is danger?").check()
    page.get_by_text("timelines (3)").click()
    page.get_by_label("What is automation?").check()
    page.get_by_role("button", name="Begin").click()
    draft = page.url
    page.get_by_role("link", name="What is danger?").click()
    assert "Olga" not in page.content()
    page.get_by_label("The middle").fill("0.7")
    expect(page.get_by_text("What you typed is kept.")).to_be_visible()
    page.reload()  # unfinished work survives
    expect(page.get_by_label("The middle")).to_have_value("0.7")
    page.get_by_label("only 5 % likely").fill("-0.2")
    page.get_by_role("button", name="Give my answer").click()
    expect(page.get_by_role("img", name="Your fitted curve")).to_be_visible()
    expect(page.get_by_text("above 2 of 3 published ones")).to_be_visible()
    page.get_by_role("link", name="Next question").click()
    page.get_by_role("link", name="By chips and bins").click()
    for label, chips in (("2028 to 2030", "5"), ("2030 to 2032", "9"), ("2040 to 2050", "5")):
        page.get_by_label(label).fill(chips)
    expect(page.get_by_text("1 chips left.")).to_be_visible()
    page.get_by_label("or never").fill("1")
    expect(page.get_by_text("All chips are placed.")).to_be_visible()
    page.get_by_role("button", name="Give my answer").click()
    page.goto(draft)
    expect(page.get_by_text("Your 2 statements alone: P(usable")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Save 2 answers").click()
    expect(page.get_by_text("Saved:")).to_be_visible()
    (file,) = study.folder.glob("*.yaml")
    said = {s["question"]: s for s in yaml.safe_load(file.read_text())["statements"]}
    assert said["danger"]["values"] == [-0.2, 0.7]
    assert said["automation"]["values"] == [0.25, 0.7, 0.7, 0.7, 0.95, 0.95, 0.95]


def test_two_rounds_in_several_browsers(serve, tmp_path: Path, visit) -> None:
    shop = serve(tmp_path / "shop")
    chair = visit(shop.chair)
    chair.get_by_label("Title").fill("Spring workshop")
    chair.get_by_text("timelines (").click()
    chair.locator(f"#q-{YEAR}").check()
    chair.get_by_role("button", name="Keep title and questions").click()
    chair.get_by_label("Names").fill(f"Ada\nBob {SCRIPT}\nZelda")
    chair.get_by_role("button", name="Make their links").click()
    expect(chair.locator("dd code")).to_have_count(3)
    links = chair.locator("dd code").all_inner_texts()
    people = [visit(link) for link in links]
    for person in people:
        assert "/join/" not in person.url  # no token in what is shown, kept or sent on
        expect(person.get_by_text("has not opened the first round")).to_be_visible()
    chair.get_by_role("button", name="Go on to round 1").click()
    for k, person in enumerate(people):  # their page tells them, without a reload
        person.get_by_role("link", name="See what is to do now").click(timeout=15_000)
        person.locator(".questions a").click()
        person.get_by_label("The middle").fill(str(2030 + k))
        person.get_by_label("95 % likely").fill(str(2050 + 10 * k))
        person.get_by_label("Why").fill(f"reason {k} {SCRIPT}")
        person.get_by_role("button", name="Give my answer").click()
        expect(person.get_by_text("Your answer is kept")).to_be_visible()
        assert "The group" not in person.content()
    chair.get_by_role("link", name="Look again").click()
    expect(chair.get_by_role("row", name="Ada")).to_contain_text("1 of 1")
    assert "2030" not in chair.locator("main").inner_text()
    chair.get_by_role("button", name="Go on to discussion").click()
    people[0].reload()
    expect(people[0].get_by_role("img", name="Answers without names")).to_be_visible()
    people[0].get_by_label("Your note").fill(f"What of power? {SCRIPT}")
    people[0].get_by_role("button", name="Add the note").click()
    people[1].reload()
    expect(people[1].get_by_text("What of power?")).to_be_visible()
    assert "Ada" not in people[1].locator("main").inner_text()
    chair.get_by_role("button", name="Go on to round 2").click()
    people[2].reload()
    people[2].get_by_label("The middle").fill("2031")
    people[2].get_by_role("button", name=re.compile("my answer")).click()
    expect(people[2].get_by_text("Your answer is kept")).to_be_visible()
    chair.get_by_role("button", name="End the workshop").click()
    expect(chair.get_by_text("spring-workshop.yaml")).to_be_visible()
    said = yaml.safe_load((shop.room.folder / "results" / "spring-workshop.yaml").read_text())
    assert len(said["statements"]) == 4
    for page in (chair, *people):
        assert page.title() != "stolen"
    summary = visit((shop.room.folder / "results" / "summary.html").as_uri())
    assert summary.title() == "Spring workshop: summary"


def test_one_persons_link_is_not_another_persons_form(serve, opened, visit) -> None:
    opened.people["Bob"].answer(YEAR, how="quantiles", value_2="2041", value_4="2050")
    ada = visit(opened.links["Ada"])
    ada.goto(f"{opened.shop.room.base}/workshop/q/{YEAR}?sheet=2&person=Bob")
    expect(ada.get_by_label("The middle")).to_have_value("")
    ada.goto(f"{opened.shop.room.base}/chair")
    expect(ada.get_by_text("Open the chair's link")).to_be_visible()


def test_keyboard_alone_on_a_phone(opened, visit) -> None:
    page = visit(opened.links["Ada"], viewport={"width": 400, "height": 800})
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("fully automated")

    def onward_to(label: str) -> None:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.labels?.[0]?.textContent ?? "
                             "document.activeElement.textContent").find(label) >= 0:  # fmt: skip
                return
        raise AssertionError(f"{label} cannot be reached by Tab")

    onward_to("The middle")
    page.keyboard.type("2030")
    onward_to("95 %")
    page.keyboard.type("2060")
    onward_to("Give my answer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answer is kept")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    unnamed = page.locator("input:not([type=hidden]), textarea").evaluate_all(
        "fields => fields.filter(field => !field.labels?.length).map(field => field.name)"
    )
    assert unnamed == []


def test_all_chips_in_one_bin_and_long_names_fit_a_phone(opened, visit) -> None:
    phone = {"viewport": {"width": 400, "height": 800}}
    ada = visit(opened.links["Ada"], **phone)
    ada.goto(f"{opened.shop.room.base}/workshop/q/{YEAR}?how=chips")
    ada.get_by_label("2028 to 2030").fill("20")
    expect(ada.get_by_text("All chips are placed.")).to_be_visible()
    assert ada.evaluate("document.documentElement.scrollWidth") <= 400
    long = ada.locator(".bar").nth(1).bounding_box()["width"]
    ada.get_by_label("2028 to 2030").fill("10")
    half = ada.locator(".bar").nth(1).bounding_box()["width"]
    assert abs(long - 2 * half) < 1  # a pixel: nothing is cut off
    opened.chair.get("/chair")
    opened.chair.post("/chair", step="invite", names="Zelda-" * 13)
    chair = visit(opened.shop.chair, **phone)
    box = chair.get_by_role("row", name="Ada").get_by_text("0 of 2").bounding_box()
    assert box["x"] + box["width"] <= 400  # the count is seen beside the name, unscrolled
