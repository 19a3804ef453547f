"""Sets of certificates: the good one, and those that must be refused."""

import functools
import ssl
import subprocess
from pathlib import Path

from harness.workspace import ROOT, new_folder


class CertSet:
    """A folder as certs/make-certs makes it."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @property
    def ca(self):
        return str(self.folder / "ca.crt")

    def cert(self, who):
        return str(self.folder / f"{who}.crt")

    def key(self, who):
        return str(self.folder / f"{who}.key")

    def server_flags(self):
        return ["--cert", self.cert("server"), "--key", self.key("server"), "--ca", self.ca]

    def client_flags(self, who="client"):
        return ["--cert", self.cert(who), "--key", self.key(who), "--ca", self.ca]

    def redis_cli_flags(self, who="client"):
        return ["--tls", "--cert", self.cert(who), "--key", self.key(who), "--cacert", self.ca]

    def redis_py(self, who="client"):
        return {
            "ssl": True,
            "ssl_ca_certs": self.ca,
            "ssl_certfile": self.cert(who),
            "ssl_keyfile": self.key(who),
        }

    def context(self, who="client", alpn=None):
        """A client's TLS context; `who` None: without a certificate."""
        context = ssl.create_default_context(cafile=self.ca)
        context.check_hostname = False
        if who:
            context.load_cert_chain(self.cert(who), self.key(who))
        if alpn:
            context.set_alpn_protocols([alpn])
        return context


def make_certs(folder, *arguments):
    """Runs certs/make-certs; returns the set."""
    command = [ROOT / "certs" / "make-certs", "--dir", folder, *arguments]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    return CertSet(folder)


@functools.cache
def good():
    """The set of the clusters under test, made once per process."""
    return make_certs(new_folder("certs"))


@functools.cache
def foreign():
    """Looks the same, from another authority. Trusts the good authority, so that only the server has a reason to refuse."""
    certs = make_certs(new_folder("foreign"))
    (certs.folder / "ca.crt").write_bytes(Path(good().ca).read_bytes())
    return certs


@functools.cache
def expired():
    """By the good authority, but over since 2021."""
    return _signed_by_hand("expired", "-startdate", "20200101000000Z", "-enddate", "20210101000000Z")


@functools.cache
def not_yet_valid():
    return _signed_by_hand("future", "-startdate", "20450101000000Z", "-enddate", "20460101000000Z")


def _signed_by_hand(name, *dates):
    """server, client and admin once more, with dates that make-certs rightly cannot give."""
    folder = new_folder(name)
    (folder / "index").write_text("")
    (folder / "serial").write_text("7001\n")
    (folder / "ca.crt").write_bytes(Path(good().ca).read_bytes())
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
        f"default_md=sha256\npolicy=p\nunique_subject=no\ncertificate={good().ca}\nprivate_key={good().key('ca')}\n"
        "[p]\norganizationName=optional\norganizationalUnitName=optional\ncommonName=supplied\n"
        "[e]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n"
        "extendedKeyUsage=serverAuth,clientAuth\n"
    )
    certs = CertSet(folder)
    for who, role in (("server", "node"), ("client", "client"), ("admin", "admin")):
        request = str(folder / f"{who}.csr")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", certs.key(who))
        openssl("req", "-new", "-key", certs.key(who), "-subj", f"/O=Ringhold/OU={role}/CN={who}", "-out", request)
        openssl("ca", "-batch", "-config", str(folder / "ca.cnf"), "-extensions", "e", *dates, "-in", request,
                "-out", certs.cert(who), "-notext")  # fmt: skip
    return certs


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
