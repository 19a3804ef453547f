"""scripts/install.sh, asked as scripts ask it: with `set -euo pipefail`."""

import shutil

from harness import workspace
from harness.case import Skip, case
from harness.processes import run


def ask(command, *arguments):
    if not shutil.which("dpkg-query"):
        raise Skip("only Debian's packages can be asked for")
    script = f"set -euo pipefail; source '{workspace.ROOT}/scripts/install.sh'; {command} \"$@\""
    asked = run(["bash", "-c", script, "bash", *arguments])
    assert asked.returncode == 0, asked
    return asked.stdout.split()


@case()
def regression_packages_that_dpkg_never_heard_of_are_missing():
    # dpkg-query fails over them, which ended the question: nothing was missing, and nothing was installed.
    asked = ask("missing_packages", "bash", "no-such-package-1", "sh=dash", "no-such=no-such-2")
    assert asked == ["no-such-package-1", "no-such-2"], asked


@case()
def what_programs_load_is_found():
    packages = ask("runtime_packages", workspace.CLIENT, workspace.PROXY, workspace.DATASERVER)
    assert any(name.startswith("libssl3") for name in packages) and any(name.startswith("libuv1") for name in packages), packages
    assert not [name for name in packages if name.endswith("-dev")], packages
    assert ask("missing_packages", *packages) == []
