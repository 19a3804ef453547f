"""What the integration tests stand on: certificates, processes, a cluster, raw RESP over TLS, and the cases themselves."""
