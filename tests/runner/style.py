"""The form of the sources: formatting, and what must never be committed."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from process import run

# clang-format's and clang-tidy's opinions change with their version; this one is the project's.
CLANG_VERSION = 14
SCRIPTS = ("certs/make-certs", "cluster/up", "cluster/down", "cluster/start", "containers/prepare", "tests/run", ".ci/run", "cmake/uninstall")
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# A path of the machine it was written on.
ABSOLUTE_PATH = re.compile(rb"(?<![\w.$}/])/(?:work|home|root|Users)/[\w.-]+")


def run_suite(plan, report):
    files = tracked_files(plan.root)
    sources = [path for path in files if path.suffix in (".h", ".cpp")]
    check_format(plan, report, sources)
    check(report, "style.pragma_once", lambda: without_pragma_once(plan, sources))
    check(report, "style.no_private_key", lambda: matching(plan, files, PRIVATE_KEY))
    check(report, "style.no_absolute_path", lambda: matching(plan, files, ABSOLUTE_PATH))
    check(report, "style.text_files_end_in_newline", lambda: without_newline(plan, files))
    check_scripts(plan, report)
    if plan.full:
        check_tidy(plan, report, [path for path in sources if path.suffix == ".cpp"])


def tracked_files(root):
    """Files of the checkout, without what .gitignore names."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [root / name for name in sorted(set(listed.stdout.decode().split("\0"))) if name]
    else:  # an archive rather than a clone
        paths = [path for path in sorted(root.rglob("*")) if "build" not in path.relative_to(root).parts[:1]]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def check(report, name, find_offenders):
    if not report.wants(name):
        return
    started = time.monotonic()
    offenders = find_offenders()
    seconds = time.monotonic() - started
    if offenders:
        report.failed(name, seconds, "\n".join(offenders))
    else:
        report.passed(name, seconds)


def matching(plan, files, pattern):
    this_file = "tests/runner/style.py"
    offenders = []
    for path in files:
        name = str(path.relative_to(plan.root))
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if name != this_file and pattern.search(line):
                offenders.append(f"{name}:{number}: {line.strip()[:100].decode(errors='replace')}")
    return offenders


def without_pragma_once(plan, sources):
    return [
        str(path.relative_to(plan.root))
        for path in sources
        if path.suffix == ".h" and "#pragma once" not in path.read_text()
    ]


def without_newline(plan, files):
    # Seeds of the fuzzers are bytes, not text.
    texts = [path for path in files if "corpus" not in path.parts]
    contents = ((path, path.read_bytes()) for path in texts)
    return [
        str(path.relative_to(plan.root))
        for path, content in contents
        if content and b"\0" not in content and not content.endswith(b"\n")
    ]


def clang_version(program):
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    found = re.search(r"version (\d+)", said)
    return int(found.group(1)) if found else None


def clang_tool(report, case, tool):
    """The program of the project's version, or None after having said why the case is skipped."""
    for program in (f"{tool}-{CLANG_VERSION}", tool):
        version = clang_version(program)
        if version == CLANG_VERSION:
            return program
    report.skipped(case, f"needs {tool} {CLANG_VERSION}, here is {version or 'none'}")
    return None


def check_format(plan, report, sources):
    name = "style.clang_format"
    program = report.wants(name) and clang_tool(report, name, "clang-format")
    if program:
        outcome = run([program, "--dry-run", "--Werror", "--style=file", *sources], timeout=120, cwd=plan.root)
        if outcome.ok:
            report.passed(name, outcome.seconds)
        else:
            # One line per file instead of clang-format's one per place.
            files = sorted(set(re.findall(r"^(.+?):\d+:\d+: error:", outcome.output, re.MULTILINE)))
            names = " ".join(os.path.relpath(path, plan.root) for path in files)
            report.failed(name, outcome.seconds, f"run: {program} -i {names}" if files else outcome.output)


def check_scripts(plan, report):
    name = "style.shellcheck"
    if not report.wants(name):
        return
    scripts = [plan.root / script for script in SCRIPTS]
    libraries = sorted((plan.root / "scripts").glob("*.sh"))
    # A sourced file's variables are set and used in others.
    outcome = run(
        ["shellcheck", "--shell=bash", "--exclude=SC1091,SC2034,SC2154,SC2191", *scripts, *libraries],
        timeout=60,
        cwd=plan.root,
    )
    if outcome.ok:
        report.passed(name, outcome.seconds)
    else:
        report.failed(name, outcome.seconds, outcome.output)


def check_tidy(plan, report, sources):
    """One case per source, as many at a time as there are processors; sources that this build does not compile (the fuzz
    targets) are left out."""
    compiled = (plan.build / "compile_commands.json").read_text()
    cases = {f"style.clang_tidy.{source.relative_to(plan.root)}": source for source in sources if f'"{source}"' in compiled}
    wanted = {name: source for name, source in cases.items() if report.wants(name)}
    program = clang_tool(report, "style.clang_tidy", "clang-tidy") if wanted else None
    if not program:
        return

    def tidy(source):
        return run([program, "--quiet", "-p", plan.build, source], timeout=600, cwd=plan.root)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, outcome in zip(wanted, pool.map(tidy, wanted.values())):
            if outcome.ok:
                report.passed(name, outcome.seconds)
            else:
                report.failed(name, outcome.seconds, outcome.output)
