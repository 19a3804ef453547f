"""SIGTERM under load: whatever was received is answered, and then the connections end."""

import threading
import time

from harness.case import case, note
from harness.cluster import Cluster, keys_of, standalone
from harness.resp import ReplyError, encode


class Incrementer(threading.Thread):
    """Sends batches of INCR, and counts the replies until the server ends the connection."""

    def __init__(self, node, key, batch=50):
        super().__init__(daemon=True)
        self.connection = node.connect(timeout=15)
        self.batch = encode("INCR", key) * batch
        self.size = batch
        self.acknowledged = 0
        self.problem = None

    def run(self):
        try:
            while True:
                self.connection.send(self.batch)
                for _ in range(self.size):
                    reply = self.connection.reply()
                    if isinstance(reply, ReplyError):
                        self.problem = f"error reply: {reply}"
                        return
                    self.acknowledged += 1
                    if reply != self.acknowledged:
                        self.problem = f"reply {reply} at {self.acknowledged}"
                        return
        except (EOFError, OSError):
            return  # the end that was to come
        finally:
            self.connection.close()


@case(timeout=90)
def proxy_answers_what_it_took():
    """Each INCR that took effect was acknowledged: the counters equal the replies."""
    with Cluster(2) as cluster:
        clients = [Incrementer(cluster.proxy, f"counter:{number}") for number in range(8)]
        for client in clients:
            client.start()
        time.sleep(0.5)
        cluster.proxy.stop()
        for client in clients:
            client.join(15)
            assert not client.is_alive() and client.problem is None, client.problem
        cluster.proxy.start()
        with cluster.proxy.redis() as reader:
            for number, client in enumerate(clients):
                counted = int(reader.get(f"counter:{number}"))
                assert counted == client.acknowledged, f"{counted} took effect, {client.acknowledged} were acknowledged"
                assert counted > 0
        note(f"{sum(client.acknowledged for client in clients)} commands, none lost")


@case(timeout=60)
def dataserver_answers_what_it_took():
    """A batch of one write, of which the first reply has come, was received whole."""
    with standalone() as server:
        connections = [server.connect(timeout=15) for _ in range(10)]
        for connection in connections:
            connection.send(encode("INCR", "n") * 200)
        first = [connection.reply() for connection in connections]
        assert all(isinstance(reply, int) for reply in first)
        server.stop()
        for connection in connections:
            for _ in range(199):
                assert isinstance(connection.reply(), int)
            assert connection.closed_within(5)
            connection.close()


@case(timeout=60)
def proxy_waits_for_a_slow_shard():
    """What is in flight to a shard that hesitates is still answered."""
    with Cluster(2) as cluster:
        owners = cluster.owners()
        slow, fast = keys_of(owners, "b", 1)[0], keys_of(owners, "a", 1)[0]
        with cluster.proxy.connect(timeout=15) as connection:
            assert connection.command("SET", slow, "1") == "OK"
            cluster["b"].pause()
            connection.send(encode("INCR", slow) + encode("SET", fast, "x") + encode("INCR", slow))
            time.sleep(0.2)
            stopper = threading.Thread(target=cluster.proxy.stop)
            stopper.start()
            time.sleep(0.3)
            cluster["b"].resume()
            assert [connection.reply() for _ in range(3)] == [2, "OK", 3]
            stopper.join(15)
            assert not stopper.is_alive()


@case(timeout=60)
def shutdown_command():
    with standalone() as server:
        with server.redis("admin") as admin:
            try:
                admin.execute_command("SHUTDOWN", "NOSAVE")
            except Exception:  # noqa: BLE001: the connection ends without a reply, as with Redis
                pass
        assert server.wait_end() == 0


@case(timeout=60)
def idle_clients_do_not_hold_it_up():
    with standalone() as server:
        connections = [server.connect() for _ in range(50)]
        half_open = [server.connect(timeout=5) for _ in range(5)]
        for connection in half_open:
            connection.send(b"*2\r\n$3\r\nGET\r\n$100\r\nhalf")
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 8
        for connection in connections + half_open:
            assert connection.closed_within(2)
            connection.close()
