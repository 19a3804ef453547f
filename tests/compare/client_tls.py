"""What every client of a comparison offers in its handshake: one protocol, one cipher, one group, so that no server's preference makes
its own rows cheaper. It stands in clients.cnf, a configuration of OpenSSL, which our own connections, redis-benchmark and load.cpp
read alike.

Servers are started without it: they run as they come, and can only agree.
"""

import os
from pathlib import Path

CIPHER = "TLS_AES_256_GCM_SHA384"  # what Redis, Valkey and haproxy agree on by themselves
GROUP = "X25519"
CONFIGURATION = Path(__file__).resolve().parent / "clients.cnf"


def apply_here():
    """For this process. OpenSSL reads its configuration once, when it is first used, so this comes before everything else."""
    os.environ["OPENSSL_CONF"] = str(CONFIGURATION)
    import ssl

    ssl.create_default_context()
    del os.environ["OPENSSL_CONF"]


def environment():
    """For a load generator."""
    return {**os.environ, "OPENSSL_CONF": str(CONFIGURATION)}
