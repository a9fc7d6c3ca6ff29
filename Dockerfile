# Images of ingest, consumer, sluicectl and assure-sim, one target each:
#
#   docker build --target ingest -t sluice-ingest .
#
# Any Debian 12 or 13 will do as BASE. No image has a build tool, or runs as root.
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS build
WORKDIR /src
COPY ops/packages.build ops/packages.build
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(cat ops/packages.build)
COPY . .
RUN cmake -G Ninja -B /build -DCMAKE_BUILD_TYPE=Release -DSLUICE_TESTS=OFF && \
    cmake --build /build --target ingest consumer sluicectl assure-sim && \
    strip /build/bin/*
# The packages that each program needs to run, for the images below.
RUN mkdir -p /tmp/needs/debian && cd /tmp/needs && echo 'Source: sluice' >debian/control && \
    for program in ingest consumer sluicectl assure-sim; do \
      dpkg-shlibdeps -O /build/bin/$program | sed 's/^shlibs:Depends=//; s/([^)]*)//g; s/,//g' >/build/$program.needs; \
    done

FROM ${BASE} AS base
# Of the user that everything runs as; it needs no name.
RUN install -d -o 10001 -g 10001 /var/lib/sluice

FROM base AS ingest
RUN --mount=type=bind,from=build,source=/build,target=/build \
    apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates $(cat /build/ingest.needs) && \
    rm -rf /var/lib/apt/lists/* && \
    install /build/bin/ingest /usr/local/bin/
COPY ops/container/healthy /usr/local/bin/
USER 10001:10001
VOLUME /var/lib/sluice
EXPOSE 8080 9100
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["healthy", "9100"]
ENTRYPOINT ["ingest"]
CMD ["--config", "/etc/sluice/ingest.yaml"]

FROM base AS consumer
RUN --mount=type=bind,from=build,source=/build,target=/build \
    apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates $(cat /build/consumer.needs) && \
    rm -rf /var/lib/apt/lists/* && \
    install /build/bin/consumer /usr/local/bin/
COPY ops/container/healthy /usr/local/bin/
USER 10001:10001
EXPOSE 9101
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["healthy", "9101"]
ENTRYPOINT ["consumer"]
CMD ["--config", "/etc/sluice/consumer.yaml"]

FROM base AS sluicectl
RUN --mount=type=bind,from=build,source=/build,target=/build \
    apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates $(cat /build/sluicectl.needs) && \
    rm -rf /var/lib/apt/lists/* && \
    install /build/bin/sluicectl /usr/local/bin/
USER 10001:10001
ENTRYPOINT ["sluicectl"]

FROM base AS assure-sim
RUN --mount=type=bind,from=build,source=/build,target=/build \
    apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates $(cat /build/assure-sim.needs) && \
    rm -rf /var/lib/apt/lists/* && \
    install /build/bin/assure-sim /usr/local/bin/
USER 10001:10001
EXPOSE 8081
ENTRYPOINT ["assure-sim"]
