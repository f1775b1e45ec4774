"""Reading: the format of a file, hostile YAML, plain words, and what is kept of a broken file."""

import time

import pytest
import yaml

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence import plain_yaml
from sweet_spot.evidence.checks import RULES
from sweet_spot.evidence.plain_yaml import read_document
from sweet_spot.evidence.reading import data_files, read_elicitations, read_questions

FILE = "elicitations/one.yaml"
SOURCE = "source: {title: t, url: u, date: 2025}\n"
SAID = (
    "{id: a, expert: Ada, date: 2025, question: year, kind: median, value: 2030, unit: year, "
    "role: check, verified: yes, location: here, reason: why}"
)


def text(statement=SAID, head="schema: 1\n" + SOURCE):
    return f"{head}statements:\n  - {statement}\n"


def test_the_text_that_the_cases_below_break_is_sound(toy):
    toy.write(FILE, text())
    assert toy.broken() == []


FORMAT = {
    "encoding": [text().encode("utf-16"), b"\0\0\xfe\xff" + text().encode("utf-32-be"),
                 text().encode("utf-32"), "a: é".encode("latin-1"),
                 "a: é".encode("utf-16-le")[:-1], b"a: \xed\xa0\x80"],
    "empty-file": [b"", b" \n", b"# only a comment\n", b"\xef\xbb\xbf", b"null"],
    "not-yaml": ["a: [1", "a: b: c", "a: >2050 or later", "a:\n\t- b", "a: \0", "a: 1\n---\nb: 2",
                 "? [a]\n: b", "%", "a: 'x", "{a, b: }}", "\x1b[31m"],
    "unsafe-yaml": ["a: !!python/object/apply:os.system [ls]", "!!map {a: 1}", "a: ! b",
                    "a: &x 1", "a: *x", "&a a: 1", "[" * 100_000, "{a: " * 100_000, "- " * 100_000,
                    "<<: &x {a: 1}"],
    "duplicate-key": [text(SAID[:-1] + ", value: 2031}"), text() + "schema: 1\n"],
    "wrong-file": ["- 1", "words", "3", "schema: 1\nquestions: []"],
    "schema-version": [text(head=SOURCE), text(head="schema: 2\n" + SOURCE),
                       text(head="schema: '1'\n"), text(head="schema: true\n"),
                       text(head="schema:\n")],
    "missing-source": [text(head="schema: 1\n"), text(head="schema: 1\nsource:\n")],
    "missing-field": [text(head="schema: 1\nsource: {title: t, url: u}\n"),
                      text(SAID.replace("why", "")),
                      text(SAID.replace("Ada", "''")), "schema: 1\n" + SOURCE + "statements: []",
                      "schema: 1\n" + SOURCE, text(""), text(SAID.replace(", kind: median", ""))],
    "unknown-field": [text(SAID[:-1] + ", exprt: Ben}"), text(head="schema: 1\nmore: 1\n" + SOURCE),
                      text(head="schema: 1\n" + SOURCE.replace("url: u", "url: u, link: v"))],
    "unknown-choice": [text(SAID.replace("yes", "maybe")), text(SAID.replace("median", "Median")),
                       text(SAID.replace("check", "proof")), text(SAID.replace("yes", "true"))],
    "wrong-type": [text(SAID.replace("2030", "[2030]")), text(SAID.replace("2030", "true")),
                   text(SAID.replace("Ada", "7")), text("word"), text("[1]"),
                   text(head="schema: 1\nsource: page 3\n"),
                   "schema: 1\n" + SOURCE + "statements: x",
                   text(SAID[:-1] + ", people: 2.5}"), text(SAID[:-1] + ", given: {a: b}}")],
    "malformed": [text(SAID.replace("id: a", "id: A B")), text(SAID[:-1] + ", people: 0}"),
                  text(SAID.replace("why", "w" * 5000))],
    "not-finite": [text(SAID.replace("2030", value)) for value in (".inf", "-.INF", ".nan", "1e400",
                   "9" * 5000)] + [text(SAID[:-1] + ", given: {years_bought: .nan}}")],
    "bad-date": [text(SAID.replace("date: 2025", f"date: {value}")) for value in ("2025-13",
                 "2025-02-30", "April", "20250401", "2025-4")],
    "bad-event": [text(SAID[:-1] + f", event: {value}" + "}") for value in ("before 2030",
                  "'2030'")],
    "bad-value": [text(SAID.replace("2030", value)) for value in ("nvr", "Never", "inf",
                  "'2030'", "010", "2_030", "'>'", "~2030", "2030-01-01")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        pytest.param(rule, content, id=f"{rule}-{i}")
        for rule, several in FORMAT.items()
        for i, content in enumerate(several)
    ],
)
def test_rule_of_the_format(toy, rule, content):
    toy.write(FILE, content)
    started = time.perf_counter()
    findings = [f for f in toy.examine().findings if f.rule != "unused-question"]
    assert time.perf_counter() - started < 1
    assert [f.rule for f in findings] == [rule]
    assert findings[0].severity == "error"
    assert str(findings[0]).isprintable()
    assert len(str(findings[0])) < 600


def test_rules_that_reading_finds_are_all_broken_here():
    on_disk = {"unreadable", "too-large"}
    of_tables = {"not-table", "rows-agree"}  # in test_tables.py
    assert {rule.name for rule in RULES if not rule.checks} == {*FORMAT, *on_disk, *of_tables}


def test_unreadable_and_too_large(toy, monkeypatch):
    (toy.folder / "elicitations" / "folder.yaml").mkdir()
    assert toy.broken() == ["unreadable"]
    (toy.folder / "elicitations" / "folder.yaml").rmdir()
    (toy.folder / "elicitations" / "gone.yaml").symlink_to(toy.folder / "nowhere")
    assert toy.broken() == ["unreadable"]
    (toy.folder / "elicitations" / "gone.yaml").unlink()
    assert f"{plain_yaml.MAX_BYTES / 1e6:g} MB" in next(
        rule.sentence for rule in RULES if rule.name == "too-large"
    )
    monkeypatch.setattr(plain_yaml, "MAX_BYTES", 10)
    assert toy.broken() == ["too-large"]


def test_billion_laughs_are_refused_at_the_first_anchor(toy):
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
    )
    toy.write(FILE, bomb)
    (finding,) = [f for f in toy.examine().findings if f.severity == "error"]
    assert (finding.rule, finding.line) == ("unsafe-yaml", 1)


@pytest.mark.parametrize(
    "content",
    ["[1, " * 9 + "1, " * 100_000, "a: " + "x" * 5_000_000, "k: 1\n" * 100_000, "{a," * 50_000],
)
def test_large_hostile_files_take_bounded_time(toy, content):
    path = toy.write(FILE, content)
    started = time.perf_counter()
    document = read_document(path)
    assert time.perf_counter() - started < 10
    assert document.problems or document.content


def test_scalars_are_plain(toy):
    path = toy.write(
        FILE, "a: [yes, on, 010, 0x1F, 1_000, 12:30, 2025-04-01, 1e3, .5, 2., -3, true, ~, '7']"
    )
    assert read_document(path).content == {
        "a": ["yes", "on", "010", "0x1F", "1_000", "12:30", "2025-04-01", 1000.0, 0.5, 2.0, -3,
              True, None, "7"]
    }  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_are_harmless(toy):
    toy.write(FILE, b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode())
    assert toy.broken() == []


def test_the_python_parser_reads_the_same(toy, monkeypatch):
    path = toy.folder / FILE
    fast = read_document(path)
    monkeypatch.setattr(plain_yaml, "_LOADER", yaml.SafeLoader)
    assert read_document(path) == fast
    assert fast.content == yaml.safe_load(path.read_text())


def test_findings_say_where(toy):
    path = toy.write(FILE, text("{id: a, kind: quantile, levels: [0.1, x], values: [1, nvr]}"))
    found = {f.field: f for f in toy.examine().findings if f.severity == "error"}
    assert {"levels[2]", "values[2]", "expert", "unit"} <= set(found)
    assert {(f.file, f.statement, f.line) for f in found.values()} == {(path, "a", 4)}
    assert "reserved words" in found["values[2]"].remedy
    assert str(found["levels[2]"]) == f"{path}:4: a, levels[2]: 'x' is not a number; write a number"


def test_unknown_fields_and_words_are_matched(toy):
    toy.write(FILE, text(SAID.replace("expert:", "exprt:").replace("2030", "Nevr")))
    messages = " ".join(f.message for f in toy.examine().findings if f.severity == "error")
    assert "did you mean expert" in messages
    assert "did you mean never?" in messages


def test_a_statement_without_id_is_told_by_number(toy):
    toy.write(FILE, text("{kind: median}"))
    assert {f.statement for f in toy.examine().findings if f.severity == "error"} == {"#1"}


def test_read_questions_and_elicitations(toy):
    toy.say({"date": None}, {"id": "second", "date": "2025-03"})
    files = data_files(toy.folder)
    assert [q.id for q in read_questions(files.questions)][:2] == ["year", "gap"]
    first, second = read_elicitations(files.elicitations)
    assert (first.date, first.inherited, second.date, second.inherited) == (
        "2025-04-03", True, "2025-03", False,
    )  # fmt: skip
    assert second.last_day.isoformat() == "2025-03-31"
    assert first.source.title == "A forecast"
    assert first.path == files.elicitations[0]
    assert first.statement.values == [2027, 2030.5, ">2050"]


def test_reading_refuses_what_is_not_in_the_format_with_all_that_is_wrong(toy):
    toy.say({"role": "proof"}, {"id": "B"})
    with pytest.raises(InvalidRecord, match=r"(?s)'proof' is not one.*\n.*'B' is not an id"):
        read_elicitations(data_files(toy.folder).elicitations)
    toy.ask(year={"topic": None})
    with pytest.raises(InvalidRecord, match=r"questions\.yaml:\d+: year, topic"):
        read_questions(toy.folder / "questions.yaml")


def test_data_files_are_in_order_and_yaml_only(toy):
    toy.say({"id": "b"}, name="zeta")
    toy.write("elicitations/alpha.yml", text(SAID))
    toy.write("elicitations/notes.txt", "x")
    names = [path.name for path in data_files(str(toy.folder)).elicitations]
    assert names == ["alpha.yml", "one.yaml", "zeta.yaml"]


def test_a_folder_without_elicitations_holds_none(toy):
    (toy.folder / FILE).unlink()
    (toy.folder / "elicitations").rmdir()
    assert data_files(toy.folder).elicitations == ()
    with pytest.raises(MissingData, match="--data"):
        data_files(toy.folder / "nowhere")
