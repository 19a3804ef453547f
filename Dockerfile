# One image with the two servers and the client; docker-compose.yml makes a cluster of it, docs/containers.md tells the rest.
# For the classic builder and BuildKit alike, so neither may be taken for granted: no cache mounts, no here-documents.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
# The packages first: a change of the sources does not install them anew.
COPY scripts/install.sh scripts/
RUN source scripts/install.sh && require_packages "the build" "${RINGHOLD_BUILD_PACKAGES[@]}"
COPY . .
# What the final image has to install is read off the binaries, so that it is written down nowhere.
RUN root=$PWD; source scripts/install.sh && source scripts/build.sh && \
    configure release -DRINGHOLD_TESTS=OFF && compile release ringhold ringhold-proxy ringhold-dataserver && \
    install -D --strip --target-directory=/out/bin build/bin/ringhold build/bin/ringhold-proxy build/bin/ringhold-dataserver && \
    runtime_packages /out/bin/* >/out/packages && \
    install -m 755 certs/make-certs containers/prepare /out/bin/

FROM ${BASE}
LABEL org.opencontainers.image.title="Ringhold" \
      org.opencontainers.image.description="A Redis-compatible, TLS-only, in-memory key-value cluster" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/packages /usr/share/ringhold/packages
# openssl is for make-certs.
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openssl $(cat /usr/share/ringhold/packages) && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log && \
    groupadd --gid 10001 ringhold && \
    useradd --uid 10001 --gid ringhold --home-dir /ringhold --no-create-home --shell /usr/sbin/nologin ringhold && \
    install -d -o ringhold -g ringhold -m 700 /ringhold/certs /ringhold/data
COPY LICENSE /usr/share/doc/ringhold/LICENSE
COPY --from=build /out/bin/ /usr/local/bin/
# The programs look for certs/server.crt and its like from here.
WORKDIR /ringhold
USER ringhold
EXPOSE 9443
STOPSIGNAL SIGTERM
# Through TLS, with the client's certificate, as anybody would ask. A large backup may take its time to be read.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 CMD ["ringhold", "--timeout", "3s", "PING"]
CMD ["ringhold-dataserver", "--addr", "0.0.0.0:9443", "--advertise", "localhost:9443", "--backup", "data/backup.rh"]
