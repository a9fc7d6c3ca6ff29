# Images of ingest, consumer, sluicectl and assure-sim, one target each:
#
#   docker build --target ingest --build-arg COMMIT=$(git rev-parse --short=12 HEAD) \
#     -t sluice-ingest .
#
# BASE may be any Debian 12 or 13. No image contains a build tool or runs as root. For buildah and
# podman use --format docker, because OCI images have no health check.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
WORKDIR /src
COPY ops/packages.build ops/packages.build
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(cat ops/packages.build)
COPY . .
ARG COMMIT=
RUN cmake --preset shipped -B /build -DSLUICE_COMMIT="$COMMIT" && \
    cmake --build /build --target ingest consumer sluicectl assure-sim
RUN ops/container/stage /build/bin /stage

# Each image has its program, and in a separate layer the packages that it needs.
FROM ${BASE} AS ingest
COPY --from=build /stage/ingest/needs /needs
RUN /needs/install && install -d -o 10001 -g 10001 -m 0700 /var/lib/sluice
COPY --from=build /stage/ingest/bin /usr/local/bin
USER 10001:10001
VOLUME /var/lib/sluice
EXPOSE 8080 9100
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["healthy", "9100"]
ENTRYPOINT ["ingest"]
CMD ["--config", "/etc/sluice/ingest.yaml"]

FROM ${BASE} AS consumer
COPY --from=build /stage/consumer/needs /needs
RUN /needs/install
COPY --from=build /stage/consumer/bin /usr/local/bin
USER 10001:10001
EXPOSE 9101
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["healthy", "9101"]
ENTRYPOINT ["consumer"]
CMD ["--config", "/etc/sluice/consumer.yaml"]

FROM ${BASE} AS sluicectl
COPY --from=build /stage/sluicectl/needs /needs
RUN /needs/install
COPY --from=build /stage/sluicectl/bin /usr/local/bin
USER 10001:10001
ENTRYPOINT ["sluicectl"]

FROM ${BASE} AS assure-sim
COPY --from=build /stage/assure-sim/needs /needs
RUN /needs/install
COPY --from=build /stage/assure-sim/bin /usr/local/bin
USER 10001:10001
EXPOSE 8081
ENTRYPOINT ["assure-sim"]
