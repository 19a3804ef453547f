"""Programs of Debian packages that tests use but nothing of ours needs: unpacked aside, never installed, so that no service of
theirs is ever started."""

import functools
import shutil
import subprocess

from harness import workspace
from harness.case import Skip


@functools.cache
def program(name, package):
    """The path of program `name`: installed, or unpacked from `package` into build/aside, where it is kept."""
    found = shutil.which(name)
    if found:
        return found
    folder = workspace.ROOT / "build" / "aside" / package
    path = folder / "usr" / "bin" / name
    if not path.exists():
        unpack(package, folder)
    return str(path)


def unpack(package, folder):
    aside = workspace.new_folder(package)
    for command in (["apt-get", "download", package], ["sh", "-c", "dpkg -x ./*.deb unpacked"]):
        try:
            done = subprocess.run(command, cwd=aside, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        except OSError as error:
            raise Skip(f"needs the Debian package {package}: {error}") from None
        if done.returncode != 0:
            raise Skip(f"cannot get the Debian package {package}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        shutil.move(aside / "unpacked", folder)
