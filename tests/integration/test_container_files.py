"""Dockerfile, .dockerignore, docker-compose.yml and containers/: what can be seen without a container engine."""

import json
import os
import re
import stat

import yaml
from harness import workspace
from harness.case import case
from harness.processes import run

ROOT = workspace.ROOT
# Whatever else a file of docker-compose may say, 1.29 and v2 both know these.
TOP_LEVEL = {"services", "volumes"}
SERVERS = {"dataserver1": "a", "dataserver2": "b", "dataserver3": "c"}
ONE_BUILDER_ONLY = re.compile(r"--mount|<<|^# *syntax *=", re.MULTILINE)


def compose_file():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def servers_of(name):
    servers = json.loads((ROOT / "containers" / name).read_text())["servers"]
    return {server["name"]: server["replicas"] for server in servers}


def dockerfile():
    return (ROOT / "Dockerfile").read_text()


@case()
def services():
    compose = compose_file()
    assert {key for key in compose if not key.startswith("x-")} == TOP_LEVEL
    assert set(compose["services"]) == {"certificates", "proxy", *SERVERS}
    for name, service in compose["services"].items():
        assert (service["image"], service["build"]) == ("ringhold:latest", "."), name
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and not service.get("privileged"), name
        # The image's user, but for the one that hands out what belongs to different users, and reaches no network.
        assert service.get("user") == ("0:0" if name == "certificates" else None), name
        assert (service.get("network_mode") == "none") == (name == "certificates"), name


@case()
def only_the_proxy_is_published_and_only_here():
    for name, service in compose_file()["services"].items():
        expected = ["127.0.0.1:${RINGHOLD_PORT:-9443}:9443"] if name == "proxy" else None
        assert service.get("ports") == expected, name


@case()
def servers_start_in_order():
    services = compose_file()["services"]
    for name in SERVERS:
        assert services[name]["depends_on"] == {"certificates": {"condition": "service_completed_successfully"}}
    assert services["proxy"]["depends_on"] == {name: {"condition": "service_healthy"} for name in SERVERS}


@case()
def keys_stay_where_they_belong():
    services = compose_file()["services"]
    for name in ("proxy", *SERVERS):
        mounts = dict(volume.split(":", 1) for volume in services[name]["volumes"])
        assert "./certs" not in mounts, f"{name} would see the CA's key"
        assert mounts["certs"].endswith(":ro"), mounts
    mounts = [volume.split(":")[0] for volume in services["proxy"]["volumes"]]
    assert (ROOT / "containers").is_dir() and "./containers" in mounts, "a file that is mounted by itself cannot be replaced"


@case()
def servers_json_names_the_services():
    services = compose_file()["services"]
    assert servers_of("servers.example.json") == {shard: [f"{name}:9443"] for name, shard in SERVERS.items()}
    for name, shard in SERVERS.items():
        command = " ".join(services[name]["command"])
        assert f"--name {shard} " in command and f"--advertise {name}:9443 " in command, command
        assert f"--backup data/{shard}.rh" in command and services[name]["volumes"][1].endswith(":/ringhold/data"), name


@case()
def certificates_cover_the_services():
    folder = workspace.new_folder("certs")
    assert run([ROOT / "certs" / "make-certs", "--dir", folder]).returncode == 0
    for name in ("proxy", *SERVERS):
        checked = run(["openssl", "x509", "-in", folder / "server.crt", "-noout", "-checkhost", name]).stdout
        assert "does match" in checked, checked


@case()
def dockerfile_works_with_both_builders():
    assert not ONE_BUILDER_ONLY.search(dockerfile()), ONE_BUILDER_ONLY.search(dockerfile())
    stages = re.findall(r"^FROM (\S+)(?: AS (\w+))?$", dockerfile(), re.MULTILINE)
    assert stages == [("${BASE}", "build"), ("${BASE}", "")], stages
    assert "ARG BASE=debian:bookworm-slim\n" in dockerfile()
    final = dockerfile().split("FROM ${BASE}\n")[1]
    for line in ("USER ringhold", "STOPSIGNAL SIGTERM", "HEALTHCHECK ", "LABEL "):
        assert f"\n{line}" in "\n" + final, line


@case()
def one_list_of_packages():
    build, final = dockerfile().split("FROM ${BASE}\n")
    assert "apt-get" not in build and '"${RINGHOLD_BUILD_PACKAGES[@]}"' in build
    installed = re.search(r"--no-install-recommends (.*?) &&", final).group(1)
    assert installed == "openssl $(cat /usr/share/ringhold/packages)", installed


@case()
def the_build_is_sent_no_secrets():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*" and all(re.fullmatch(r"![\w./-]+", line) for line in lines[1:]), lines
    sent = [line[1:] for line in lines[1:]]

    def is_sent(path):
        return any(path == name or path.startswith(name + "/") for name in sent)

    for folder in re.findall(r"add_subdirectory\((\w+)\)", (ROOT / "CMakeLists.txt").read_text()):
        assert is_sent(f"{folder}/CMakeLists.txt") or folder == "tests", f".dockerignore keeps {folder} from the build"
    for path in ("certs/make-certs", "containers/prepare", "scripts/build.sh", "cmake/ringhold.cmake", "CMakePresets.json"):
        assert is_sent(path) and (ROOT / path).exists(), path
    for path in ("certs/ca.key", "certs/client.p12", "containers/servers.json", ".git/config", "build/bin", ".env", "tests/run"):
        assert not is_sent(path), path


class Prepared:
    """The folders that containers/prepare works on."""

    def __init__(self):
        self.certs, self.containers, self.node = (workspace.new_folder(name) for name in ("host", "containers", "node"))
        (self.containers / "servers.example.json").write_text("example\n")

    def run(self):
        env = {
            "PATH": f"{ROOT / 'certs'}:{os.environ['PATH']}",
            "RINGHOLD_HOST_CERTS": str(self.certs),
            "RINGHOLD_HOST_CONTAINERS": str(self.containers),
            "RINGHOLD_NODE_CERTS": str(self.node),
            "RINGHOLD_NODE_OWNER": f"{os.getuid()}:{os.getgid()}",
        }
        result = run([ROOT / "containers" / "prepare"], env=env)
        assert result.returncode == 0, result
        return {path.name: (path.stat().st_ino, path.read_bytes()) for path in self.node.iterdir()}


@case()
def prepare_hands_the_servers_their_share():
    place = Prepared()
    first = place.run()
    assert set(first) == {"ca.crt", "server.crt", "server.key", "client.crt", "client.key"}
    assert all(content == (place.certs / name).read_bytes() for name, (_, content) in first.items())
    assert all(stat.S_IMODE((place.node / f"{who}.key").stat().st_mode) == 0o400 for who in ("server", "client"))
    assert (place.containers / "servers.json").read_text() == "example\n"
    assert stat.S_IMODE((place.containers / "servers.json").stat().st_mode) == 0o644

    (place.containers / "servers.json").write_text("edited\n")
    assert place.run() == first, "what has not changed is not replaced under running servers"
    assert (place.containers / "servers.json").read_text() == "edited\n"

    assert run([ROOT / "certs" / "make-certs", "--dir", place.certs, "--force"]).returncode == 0
    renewed = place.run()
    assert all(renewed[name][1] == (place.certs / name).read_bytes() for name in first)
    assert renewed["server.key"] != first["server.key"]
