"""The doctest programs: build/bin/unit-* and build/bin/golden-*. Each of their test cases counts as one."""

import xml.etree.ElementTree as xml

from process import run

TIMEOUT_SECONDS = 300


def run_unit(plan, report):
    run_programs(plan, report, "unit")


def run_golden(plan, report):
    run_programs(plan, report, "golden")


def run_programs(plan, report, kind):
    programs = sorted(plan.bin.glob(kind + "-*"))
    # A suite that lost its programs must not look like one that passed; golden scripts have a folder once there are any.
    if not programs and (kind == "unit" or any((plan.root / "tests" / kind).rglob("*.cpp"))):
        report.failed(f"{kind}.programs", 0, f"there is no {kind}-* program in {plan.bin}")
    for program in programs:
        if report.wants_any_of(f"{kind}.{program.name.removeprefix(kind + '-')}."):
            run_program(plan, report, program, kind)


def run_program(plan, report, program, kind):
    prefix = f"{kind}.{program.name.removeprefix(kind + '-')}"
    outcome = run(
        [program, "--reporters=xml", "--duration=true"],
        TIMEOUT_SECONDS * (4 if plan.sanitized else 1),
        cwd=plan.root,
        separate=True,
    )
    cases = parse_cases(outcome.output)
    for case in cases:
        name = f"{prefix}.{case.get('name')}"
        result = case.find("OverallResultsAsserts")
        seconds = float(result.get("duration", 0))
        if result.get("test_case_success") == "true":
            report.passed(name, seconds)
        else:
            report.failed(name, seconds, describe(case) + outcome.errors)
    # A crash, a sanitizer's finding or a time-out leaves the document unfinished, or the exit status unexplained.
    explained = any(case.find("OverallResultsAsserts").get("test_case_success") != "true" for case in cases)
    if not cases or (not outcome.ok and not explained):
        last = f"after '{cases[-1].get('name')}'\n" if cases else ""
        report.failed(f"{prefix}.(program)", outcome.seconds, last + outcome.describe())


def parse_cases(document):
    """The test cases that the document tells the result of; it may break off anywhere, and other output may stand in it."""
    cases = []
    start = document.find("<?xml")
    parser = xml.XMLPullParser(("end",))
    try:
        parser.feed(document[start:] if start >= 0 else "")
        for _, element in parser.read_events():
            if element.tag == "TestCase" and element.find("OverallResultsAsserts") is not None:
                cases.append(element)
    except xml.ParseError:
        pass
    return cases


def describe(case):
    lines = []
    for element in case.iter():
        text = " ".join((element.text or "").split())
        if element.tag == "SubCase":
            lines.append(f"in subcase '{element.get('name')}'")
        elif element.tag == "Expression" and element.get("success") != "true":
            lines.append(f"{element.get('filename')}:{element.get('line')}: {element.get('type')} failed")
        elif element.tag == "Text" and text:
            lines.append((element.text or "").strip("\n"))
        elif element.tag in ("Original", "Expanded", "Info", "Exception") and text:
            lines.append(f"  {element.tag.lower()}: {text}")
        elif element.tag == "Message":
            lines.append(f"{element.get('filename')}:{element.get('line')}: {element.get('type')}")
    return "\n".join(lines) + "\n"
