"""A cluster under test: data servers, a proxy, and the servers.json that it follows."""

import binascii
import contextlib
import json
import os

import redis

from harness import certs as certificates
from harness import workspace
from harness.processes import Server, run
from harness.resp import Connection
from harness.wait import eventually


def entry(name, port, weight=1):
    return {"name": name, "weight": weight, "replicas": [f"127.0.0.1:{port}"]}


class Node(Server):
    """A data server or a proxy, with ways to talk to it."""

    def __init__(self, name, program, arguments, folder, certs, env=None):
        super().__init__(name, program, arguments, folder, env)
        self.certs = certs

    def redis(self, who="client", **options):
        options = {"socket_timeout": 15, "decode_responses": True, **options}
        return redis.Redis(host="127.0.0.1", port=self.port, **self.certs.redis_py(who), **options)

    def connect(self, who="client", **options):
        return Connection(self.port, self.certs.context(who), **options)

    def redis_cli(self, *arguments, who="client", input=None, timeout=30):
        flags = [*self.certs.redis_cli_flags(who), "-h", "127.0.0.1", "-p", self.port]
        return run(["redis-cli", *flags, *arguments], timeout, input)

    def ringhold(self, *arguments, who="client", input=None, timeout=30):
        flags = ["--addr", f"127.0.0.1:{self.port}", *self.certs.client_flags(who)]
        return run([workspace.CLIENT, *flags, *arguments], timeout, input)


def dataserver(name, *flags, folder=None, certs=None, port=None, shard=True, env=None):
    """A data server that has not been started; `shard` False: stand-alone."""
    certs = certs or certificates.good()
    port = port or workspace.free_port()
    arguments = ["--addr", f"127.0.0.1:{port}", *certs.server_flags(), *flags]
    if shard:
        arguments += ["--name", name]
    return Node(name, workspace.DATASERVER, arguments, folder or workspace.new_folder(name), certs, env)


def proxy(servers_file, *flags, name="proxy", folder=None, certs=None, port=None, env=None):
    certs = certs or certificates.good()
    port = port or workspace.free_port()
    arguments = ["--addr", f"127.0.0.1:{port}", "--servers", str(servers_file), *certs.server_flags(), *flags]
    return Node(name, workspace.PROXY, arguments, folder or workspace.new_folder(name), certs, env)


@contextlib.contextmanager
def standalone(*flags, **options):
    """One data server that serves all slots."""
    server = dataserver("alone", *flags, shard=False, **options)
    server.start()
    yield server
    server.stop()


class Cluster:
    """`with Cluster(3) as cluster:` at the end every process must end well by itself."""

    def __init__(self, count, *proxy_flags, dataserver_flags=(), spare=0, short=False, certs=None):
        """`spare`: more data servers that run but are not listed. `short`: data servers without names, and the short form."""
        self.certs = certs or certificates.good()
        self.folder = workspace.new_folder("cluster")
        self.servers_file = self.folder / "servers.json"
        names = "abcdefghijklmnop"[: count + spare]
        self.servers = {
            name: dataserver(name, *dataserver_flags, folder=self.folder, certs=self.certs, shard=not short)
            for name in names
        }
        self.listed = list(names[:count])
        self.short = short
        self.proxy = proxy(self.servers_file, *proxy_flags, folder=self.folder, certs=self.certs)

    def __getitem__(self, name):
        return self.servers[name]

    def __enter__(self):
        for server in self.servers.values():
            server.start()
        self.write((self.short_entries if self.short else self.entries)(*self.listed))
        self.proxy.start()
        self.wait_serving()
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            return  # the case's own failure is the one to tell; its processes are ended by the runner
        if self.proxy.process:
            self.proxy.stop()
        for server in self.servers.values():
            server.stop()

    def entries(self, *names, **weights):
        """The long form's list; a keyword gives a weight: entries("a", "b", b=3)."""
        return [entry(name, self.servers[name].port, weights.get(name, 1)) for name in names]

    def short_entries(self, *names):
        return [{"addr": f"127.0.0.1:{self.servers[name].port}"} for name in names]

    # --- servers.json ---

    def write(self, servers):
        """Replaces the file by rename, as careful editors do."""
        content = servers if isinstance(servers, (str, bytes)) else json.dumps(wrap(servers), indent=2)
        aside = self.servers_file.with_name(".servers.json.swp")
        aside.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.replace(aside, self.servers_file)

    def write_in_place(self, servers):
        """Truncates and writes, as careless ones do."""
        content = servers if isinstance(servers, str) else json.dumps(wrap(servers), indent=2)
        self.servers_file.write_text(content)

    # --- What the cluster says ---

    def wait_serving(self, timeout=20):
        client = self.proxy.redis()
        eventually(lambda: client.dbsize() is not None, "every shard answers through the proxy", timeout)
        client.close()

    def status(self):
        result = self.proxy.ringhold("status", "--json")
        assert result.returncode == 0, f"ringhold status: {result.stdout}{result.stderr}"
        return json.loads(result.stdout)

    def status_text(self):
        result = self.proxy.ringhold("status")
        return result.stdout + result.stderr

    def slots(self):
        """Name → number of slots, of the topology that the proxy follows."""
        return {shard["name"]: shard["slots"] for shard in self.status()["shards"]}

    def wait_slots(self, expected, timeout=10):
        """Until the topology is `expected` (name → slots), at the proxy and at every data server in it."""
        eventually(lambda: self.slots() == expected, f"slots {expected}", timeout, 0.1)

    def owners(self, via=None):
        """The owner's name of each of the 16384 slots, as a data server tells it."""
        via = via or next(self.servers[name] for name in self.listed if self.servers[name].alive())
        names = {server.port: name for name, server in self.servers.items()}
        table = [None] * 16384
        with via.connect() as connection:
            for start, end, primary, *_ in connection.command("CLUSTER", "SLOTS"):
                table[start : end + 1] = [names[primary[1]]] * (end + 1 - start)
        return table


def wrap(servers):
    """The long form stands in an object, the short form (with `addr`) is the list alone."""
    if isinstance(servers, list) and servers and "addr" in servers[0]:
        return servers
    return {"servers": servers}


def key_slot(key):
    """CRC16-XMODEM of the key or its hash tag, modulo 16384."""
    data = key.encode() if isinstance(key, str) else key
    start = data.find(b"{")
    if start >= 0:
        end = data.find(b"}", start + 1)
        if end > start + 1:
            data = data[start + 1 : end]
    return binascii.crc_hqx(data, 0) % 16384


def keys_of(owners, name, count, prefix="key"):
    """`count` keys that the shard `name` serves."""
    found = []
    number = 0
    while len(found) < count:
        key = f"{prefix}:{number}"
        if owners[key_slot(key)] == name:
            found.append(key)
        number += 1
    return found
