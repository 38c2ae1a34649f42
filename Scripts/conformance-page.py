#!/usr/bin/env python3
"""Makes docs/conformance.md from the tags of the tests and from the tables in docs/conformance/.

A tag is a line above a test, or above a suite for all of its tests; the ids are those of requirements.tsv, and J-1 to
J-12 those of choices.tsv:

    /// requirement: A-04, B-79            (Swift, JavaScript: // or ///; Python: #)
    "requirement": "A-04, B-79",           (a scenario: a member of the file)

    Scripts/conformance-page.py                   writes the page
    Scripts/conformance-page.py --check           says in one line each what is wrong, and exits 1 if anything is
    Scripts/conformance-page.py --results FILE    takes in rows of the official suite's results first: side, revision,
                                                  scenario, scored, result, note; between them tabs
"""

import argparse
import dataclasses
import fnmatch
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "docs" / "conformance"
PAGE = ROOT / "docs" / "conformance.md"
CHECKLIST = ROOT.parent / "shared" / "spec" / "mcp-requirements.md"

SOURCES = [
    ("Tests", "*.swift"), ("Web/tests", "*.js"), ("Interop", "*.py"), ("Examples", "*.swift"), ("Benchmarks", "*.py")]
SCENARIOS = "Tests/Scenarios"
GROUPS = {
    "A": "Versions and eras", "B": "Streamable HTTP: server", "C": "Transports: client", "D": "Lifecycle and utilities",
    "E": "Features", "F": "Authorization", "G": "JSON-RPC", "H": "What may be answered without a token", "I": "Gateway",
}

TAG = re.compile(r"\s*(?://[/!]?|#)\s*requirements?:\s*(.*?)\s*$")
ID = re.compile(r"[A-Z]-\d+")
STRING = r'(#*"(?:[^"\\]|\\.)*"#*|`(?:[^`\\]|\\.)*`|\'(?:[^\'\\]|\\.)*\')'
NEXT_TEST = {
    ".swift": re.compile(rf"@(?:Test|Suite)\b(?:\s*\(\s*{STRING})?|\b(?:func|struct|class|enum|actor)\s+(\w+)"),
    ".js": re.compile(rf"\b(?:test|it|describe|suite)(?:\.\w+)?\s*\(\s*(?:{STRING}|(\w+))"),
    ".py": re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+()(\w+)", re.MULTILINE),
}


@dataclasses.dataclass
class Requirement:
    """One line of the checklist: what binds whom, and in our words."""

    id: str
    level: str
    role: str
    versions: str
    words: str
    reason: str
    tests: list


def rows(name):
    """The rows of one of our tables, each as long as its head."""
    lines = (TABLES / name).read_text().splitlines()
    width = len(lines[0].split("\t"))
    return [(line.split("\t") + [""] * width)[:width] for line in lines[1:] if line.strip()]


def requirements():
    return {row[0]: Requirement(*row, tests=[]) for row in rows("requirements.tsv")}


def choices():
    """What was chosen, by its number; those that the checklist does not number have none."""
    return {(f"J-{row[0]}" if row[0].isdigit() else row[1]): (row, []) for row in rows("choices.tsv")}


def test_after(text, suffix):
    """The name of the first test in the text."""
    found = NEXT_TEST[suffix].search(text)
    if not found:
        return None
    if suffix == ".swift" and found.group(1) is None and found.group(2) is None:
        # `@Test(` without a name: that of its function is it.
        function = re.search(r"\b(?:func|struct|class|enum|actor)\s+(\w+)", text[found.end():])
        return function and function.group(1)
    quoted, plain = found.groups()
    return plain or re.sub(r"\\(.)", r"\1", quoted.strip("#")[1:-1])


def tags():
    """Every tag as file, line, ids as written, and the test that it is of."""
    for folder, pattern in SOURCES:
        for file in sorted((ROOT / folder).rglob(pattern)):
            if any(part.startswith(".") or part == "node_modules" for part in file.relative_to(ROOT).parts):
                continue
            lines = file.read_text().splitlines(keepends=True)
            for number, line in enumerate(lines):
                found = TAG.match(line)
                if found:
                    yield file, number + 1, found.group(1), test_after("".join(lines[number + 1:]), file.suffix)
    for file in sorted((ROOT / SCENARIOS).rglob("*.json")):
        scenario = json.loads(file.read_text())
        written = scenario.get("requirement", scenario.get("requirements")) if isinstance(scenario, dict) else None
        if written:
            yield file, 1, written if isinstance(written, str) else ", ".join(written), scenario.get("name", file.stem)


def cover(known, chosen):
    """Puts the tests beside their requirements and choices; returns what is wrong with the tags."""
    problems = []
    for file, line, written, test in tags():
        place = f"{file.relative_to(ROOT)}:{line}"
        if not re.fullmatch(r"[A-Z]-\d+(?:\s*,\s*[A-Z]-\d+)*", written):
            problems.append(f"{place}: `{written}` is no list of ids; write for example `requirement: A-04, B-79`")
        if test is None:
            problems.append(f"{place}: no test follows this tag; put it directly above one")
            continue
        for id in ID.findall(written):
            tests = known[id].tests if id in known else chosen[id][1] if id in chosen else None
            if tests is None:
                problems.append(f"{place}: there is no requirement {id}; docs/conformance/requirements.tsv has them all")
            elif (file, test) not in tests:
                tests.append((file, test))
    return problems


def differences(known):
    """What differs between our table and the checklist, where that is at hand."""
    if not CHECKLIST.exists():
        return []
    theirs = {}
    for line in CHECKLIST.read_text().splitlines():
        found = re.match(r"- ([A-Z]-\d+)(?: \[(\w+)\])?(?: ([\w,]+))? \|", line)
        if found:
            theirs[found.group(1)] = (found.group(2), found.group(3))
    problems = [f"requirements.tsv lacks {id}" for id in theirs if id not in known]
    for id, requirement in known.items():
        if id not in theirs:
            problems.append(f"requirements.tsv has {id}, which the checklist has not")
            continue
        for ours, their in zip((requirement.level, requirement.role), theirs[id]):
            if their is not None and ours != their:
                problems.append(f"requirements.tsv says {ours} of {id}, the checklist {their}")
    return problems


def take_in(file):
    """Puts the results of a run over those of former runs."""
    table = TABLES / "suite.tsv"
    head = table.read_text().splitlines()[0]
    held = {tuple(row[:3]): row for row in rows("suite.tsv")}
    for line in file.read_text().splitlines():
        row = (line.split("\t") + [""] * 6)[:6]
        if row[0] not in ("server", "client"):
            if line.strip() and line != head:
                sys.exit(f"{file}: `{line}` is no result; wanted: server or client, revision, scenario, scored, result, note")
            continue
        held[tuple(row[:3])] = row
    body = "\n".join("\t".join(row).rstrip("\t") for _, row in sorted(held.items()))
    table.write_text(head + "\n" + body + ("\n" if body else ""))


def cell(text):
    return text.replace("|", "\\|")


def link(file, test):
    name = re.sub(r"([\\`*_<>\[\]])", r"\\\1", test)
    return f"[{cell(name)}](../{file.relative_to(ROOT).as_posix()})"


def suite_section(results):
    text = ["## The official conformance suite", ""]
    text.append("[modelcontextprotocol/conformance](https://github.com/modelcontextprotocol/conformance), run against the programs in "
                "`Examples/Conformance`. *Scored* is what the suite counts for a revision; the rest runs beside it.")
    text.append("")
    if not results:
        return text + ["No run is recorded yet.", ""]
    text += ["| side | revision | scored: passed | scored: not passed | beside it: passed | beside it: not passed |", "|---|---|---|---|---|---|"]
    for side, revision in sorted({(row[0], row[1]) for row in results}):
        of = [row for row in results if row[:2] == [side, revision]]
        count = lambda scored, passed: sum((row[3] == "yes") == scored and (row[4] == "pass") == passed for row in of)
        text.append(f"| {side} | {revision} | " + " | ".join(str(count(s, p)) for s in (True, False) for p in (True, False)) + " |")
    text += ["", "| side | revision | scenario | scored | result | |", "|---|---|---|---|---|---|"]
    text += ["| " + " | ".join(cell(part) for part in row) + " |" for row in results]
    return text + [""]


def extension_section(results):
    text = ["## Extensions", "", "| extension | what there is | the suite's scenarios |", "|---|---|---|"]
    for name, patterns, words in rows("extensions.tsv"):
        of = [row for row in results if any(fnmatch.fnmatchcase(row[2], pattern) for pattern in patterns.split(","))]
        bad = sorted({row[2] for row in of if row[4] != "pass"})
        state = "no run is recorded yet" if not of else f"{sum(row[4] == 'pass' for row in of)} of {len(of)} pass"
        text.append(f"| {cell(name)} | {cell(words)} | {state}{'; not ' + ', '.join(bad) if bad else ''} |")
    return text + [""]


def page(known, chosen):
    results = rows("suite.tsv")
    covered = [item for item in known.values() if item.tests]
    spared = [item for item in known.values() if not item.tests and item.reason]
    bare = [item for item in known.values() if not item.tests and not item.reason]
    text = [
        "# Conformance", "",
        "Which requirements of the Model Context Protocol bind Vestibule, and which tests show that it keeps to them. The protocol's "
        "revisions are 2025-03-26 (03), 2025-06-18 (06), 2025-11-25 (11), together the *legacy* era, and 2026-07-28 (26), the *modern* one.",
        "", "This page is made by `make docs` from the tags of the tests; [CONTRIBUTING.md](../CONTRIBUTING.md) says how to tag one.", "",
        "| requirements | all | covered by a test | not covered | not applicable |", "|---|---|---|---|---|",
    ]
    levels = list(dict.fromkeys(item.level for item in known.values()))
    order = ["MUST", "FACT", "RFC", "SHOULD", "MAY", "PRACTICE", "GAP"]
    for level in ["all", *sorted(levels, key=lambda level: order.index(level) if level in order else len(order))]:
        count = [sum(level in ("all", item.level) for item in of) for of in (known.values(), covered, bare, spared)]
        text.append(f"| {'**all**' if level == 'all' else level} | " + " | ".join(map(str, count)) + " |")
    text += [
        "", "MUST, SHOULD and MAY are the specification's words; FACT is a plain statement of it, RFC what a standard that it "
        "cites demands, PRACTICE what other implementations do, GAP where it is silent and we had to choose. Roles: S server, C client, "
        "G gateway, AS authorization server.", "",
        "Not covered: " + (", ".join(f"[{item.id}](#{item.id.lower()})" for item in bare) or "none") + ".", "",
    ]
    text += suite_section(results) + extension_section(results)
    text += ["## Contradictions and holes, and what we chose", "", "| | what is open | what Vestibule does | tests |", "|---|---|---|---|"]
    for row, tests in chosen.values():
        text.append("| " + " | ".join([*map(cell, row), "<br>".join(link(*test) for test in tests)]) + " |")
    text += ["", "## Not applicable", "", "| why | requirements |", "|---|---|"]
    for reason in dict.fromkeys(item.reason for item in spared):
        text.append(f"| {cell(reason)} | {', '.join(item.id for item in spared if item.reason == reason)} |")
    text += ["", "## Every requirement", ""]
    for letter, title in GROUPS.items():
        text += [f"### {letter}. {title}", "", "| id | level | role | versions | in our words | tests |", "|---|---|---|---|---|---|"]
        for item in known.values():
            if not item.id.startswith(letter + "-"):
                continue
            tests = "<br>".join(link(*test) for test in item.tests)
            state = tests or ("not applicable" if item.reason else "**not covered**")
            text.append(f'| <a id="{item.id.lower()}"></a>{item.id} | {item.level} | {item.role} | {item.versions} | {cell(item.words)} | {state} |')
        text.append("")
    return "\n".join(text).rstrip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description="Makes docs/conformance.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a tag is wrong or the page out of date")
    parser.add_argument("--results", type=pathlib.Path, action="append", default=[], help="results of the official suite to take in")
    options = parser.parse_args()
    for file in options.results:
        take_in(file)
    known, chosen = requirements(), choices()
    problems = cover(known, chosen) + differences(known)
    made = page(known, chosen)
    if options.check:
        if not PAGE.exists() or PAGE.read_text() != made:
            problems.append("docs/conformance.md is out of date; run `make docs`, or Scripts/conformance-page.py alone")
    else:
        PAGE.write_text(made)
        print(f"{len(known)} requirements, {sum(bool(item.tests) for item in known.values())} covered, "
              f"{sum(not item.tests and not item.reason for item in known.values())} not")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
