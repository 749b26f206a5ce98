# syntax=docker/dockerfile:1

# The image has gcc, make and perl, which the vendored OpenSSL and SQLite are built with.
FROM rust:1-bookworm AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin tessera \
 && install -D target/release/tessera /image/usr/local/bin/tessera \
 && install -d -m 0700 /image/data

# glibc, CA certificates and nothing to log in to: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build --chown=65532:65532 /image/data /data
COPY --from=build /image/usr /usr

# Everything that changes is under /data: the root file system may be read-only. The default database,
# sqlite:./data/tessera.db, lands there by the working directory, and a configuration file can name another.
ENV TESSERA__SERVER__LISTEN=0.0.0.0:8080 \
    TESSERA__KEYS__DIRECTORY=/data/keys \
    TESSERA__LOG__FORMAT=json
USER 65532:65532
WORKDIR /
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/usr/local/bin/tessera", "health"]
# SIGTERM finishes what was accepted (server.shutdown_grace).
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/tessera"]
CMD ["serve"]
