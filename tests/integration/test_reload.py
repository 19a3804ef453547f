"""Certificates replaced on disk under load: new ones take effect, old connections live on, nobody loses a request."""

import os
import shutil
import ssl

from harness import certs as certificates
from harness import workspace
from harness.case import case
from harness.cluster import Cluster
from harness.load import Load
from harness.refusal import refused
from harness.resp import Connection
from harness.wait import eventually


@case(timeout=120, variants={"dataserver": "dataserver", "proxy": "proxy"})
def certificates_are_reloaded(which):
    """New certificates on disk are shown to new connections; old connections live on; nobody loses a request."""
    mine = certificates.CertSet(workspace.new_folder("reload"))
    shutil.copytree(certificates.good().folder, mine.folder, dirs_exist_ok=True)
    with Cluster(2, certs=mine) as cluster:
        node = cluster.proxy if which == "proxy" else cluster["a"]
        old = shown_certificate(node.port, mine)
        with node.connect() as kept, Load(node) as load:
            assert kept.command("PING") == "PONG"
            renew(mine)
            new = eventually(lambda: (now := shown_certificate(node.port, mine)) != old and now, "the new certificate", 15, 0.1)
            assert kept.command("SET", "k", "v") == "OK"
            # A key without its certificate, and a file that is none: the good pair stays, and the log complains.
            mark = node.log_size()
            (mine.folder / "server.crt").write_text("not a certificate\n")
            node.wait_log("certificate|server.crt", mark, timeout=15)
            assert shown_certificate(node.port, mine) == new
            done = load.requests
            eventually(lambda: load.requests > done + 100, "requests go on")
            renew(mine)
            eventually(lambda: shown_certificate(node.port, mine) not in (old, new), "the third certificate", 15, 0.1)
            assert kept.command("GET", "k") == b"v"
        load.check()


@case(timeout=120)
def a_new_authority_is_taken_up():
    """The whole set is replaced: who has a certificate of the old authority is refused from then on."""
    mine = certificates.CertSet(workspace.new_folder("rotate"))
    shutil.copytree(certificates.good().folder, mine.folder, dirs_exist_ok=True)
    with Cluster(2, certs=mine) as cluster:
        with cluster.proxy.connect() as kept:
            assert kept.command("SET", "k", "v") == "OK"
            old = certificates.good().context()
            certificates.make_certs(mine.folder, "--force")
            eventually(lambda: cluster.proxy.redis().ping(), "clients of the new authority are served", 15, 0.2)
            eventually(lambda: cluster.proxy.redis().dbsize() >= 0, "the shards are reached with the new certificates", 15, 0.2)
            assert kept.command("GET", "k") == b"v"
            old.check_hostname = False
            old.verify_mode = ssl.CERT_NONE
            refused(cluster.proxy, old, "certificate|issuer|verify")


def renew(certs):
    """A new server certificate by the same authority, both files replaced by rename."""
    fresh = workspace.new_folder("renewed")
    for name in ("ca.crt", "ca.key"):
        shutil.copy(certs.folder / name, fresh)
    certificates.make_certs(fresh)
    for name in ("server.key", "server.crt"):
        os.replace(fresh / name, certs.folder / name)


def shown_certificate(port, certs):
    with Connection(port, certs.context()) as connection:
        return connection.socket.getpeercert()["serialNumber"]
