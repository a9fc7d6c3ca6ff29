#!/usr/bin/python3
"""usage: manifests.py PROJECT

Checks rules on ops/kubernetes and ops/compose.yaml that no schema expresses: every name that one part uses exists in another;
every container is restricted as far as possible; a stop has enough time; ports are published on the loopback only. Then checks
that each rule finds a deliberate mistake.
"""
import copy
import pathlib
import re
import sys

import yaml

KUSTOMIZATION_KEYS = {
    "Kustomization": {"apiVersion", "kind", "namespace", "labels", "resources", "configMapGenerator", "images"},
    "Component": {"apiVersion", "kind", "resources", "patches"},
}
CLOSED_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CLOSED_CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
WORKLOADS = ("StatefulSet", "Job")
MONITORS = {"PodMonitor": "podMetricsEndpoints", "ServiceMonitor": "endpoints"}
ENDPOINT_KEYS = {"port", "path", "interval", "relabelings"}
SECRETS_OF_OPERATORS = {"sluice-authorization", "sluice-assure"}
ANSWER_DEADLINE, TO_CLOSE, CONSUMER_STOP = 8.5, 2, 10  # seconds; ingest's defaults and consumer's limit


class Deployment:
    """The parsed files of ops/kubernetes, and their mistakes."""

    def __init__(self, project):
        self.folder = project / "ops/kubernetes"
        self.version = re.search(r"project\(sluice VERSION ([\d.]+)", (project / "CMakeLists.txt").read_text())[1]
        self.kustomizations = {p: yaml.safe_load(p.read_text()) for p in sorted(self.folder.rglob("kustomization.yaml"))}
        self.documents = [
            document
            for path in sorted(self.folder.rglob("*.yaml"))
            for document in yaml.safe_load_all(path.read_text())
            if document.get("kind") and document["kind"] not in KUSTOMIZATION_KEYS
        ]
        self.configs = {p: yaml.safe_load(p.read_text()) for p in sorted(self.folder.glob("*.config.yaml"))}

    def of_kind(self, *kinds):
        return [document for document in self.documents if document["kind"] in kinds]

    def mistakes(self):
        yield from self.kustomization_mistakes()
        for workload in self.of_kind(*WORKLOADS):
            for mistake in self.workload_mistakes(workload):
                yield f"{workload['kind']} {workload['metadata']['name']}: {mistake}"
        pods = {pod_label(workload): workload for workload in self.of_kind(*WORKLOADS)}
        for document in self.documents:
            for label, ports in selected(document):
                if label not in pods:
                    yield f"{document['kind']} {document['metadata']['name']} selects {label}, which nothing is"
                elif unknown := ports - named_ports(pods[label]):
                    yield f"{document['kind']} {document['metadata']['name']} names the ports {sorted(unknown)}"
        for monitor in self.of_kind(*MONITORS):
            for mistake in self.monitor_mistakes(monitor):
                yield f"{monitor['kind']} {monitor['metadata']['name']}: {mistake}"
        for kind in ("PodDisruptionBudget", "NetworkPolicy", *MONITORS):
            protected = {label for document in self.of_kind(kind) for label, _ in selected(document)}
            for workload in self.of_kind("StatefulSet"):
                if pod_label(workload) not in protected:
                    yield f"{workload['metadata']['name']} has no {kind}"

    def kustomization_mistakes(self):
        for path, content in self.kustomizations.items():
            if unknown := set(content) - KUSTOMIZATION_KEYS[content["kind"]]:
                yield f"{path.parent.name}: {sorted(unknown)}"
            generated = [file.split("=")[-1] for entry in content.get("configMapGenerator", []) for file in entry["files"]]
            for name in content["resources"] + generated:
                if not (path.parent / name).is_file():
                    yield f"{path.parent.name}: there is no {name}"
            for image in content.get("images", []):
                if image["newTag"] != self.version:
                    yield f"image {image['name']} is not {self.version}"

    def monitor_mistakes(self, monitor):
        spec = monitor["spec"]
        endpoints = MONITORS[monitor["kind"]]
        name = spec["selector"]["matchLabels"]["app.kubernetes.io/name"]
        if unknown := set(spec) - {"selector", endpoints}:
            yield f"{sorted(unknown)}"
        if monitor["kind"] == "ServiceMonitor":
            labelled = [s for s in self.of_kind("Service") if s["metadata"].get("labels", {}).get("app.kubernetes.io/name") == name]
            if [s["spec"].get("clusterIP") for s in labelled] != ["None"]:
                yield f"it is not just the headless service that has the label {name}"
        for endpoint in spec[endpoints]:
            if unknown := set(endpoint) - ENDPOINT_KEYS:
                yield f"{sorted(unknown)}"
            set_labels = {rule["targetLabel"]: rule for rule in endpoint["relabelings"]}
            if set_labels.get("job", {}).get("replacement") != f"sluice-{name}":
                yield f"its job is not sluice-{name}"
            if set_labels.get("instance", {}).get("sourceLabels") != ["__meta_kubernetes_pod_name"]:
                yield "its instances do not have the pods' names"

    def workload_mistakes(self, workload):
        spec = workload["spec"]["template"]["spec"]
        base = next(k for k in self.kustomizations.values() if k["kind"] == "Kustomization")
        versioned = {image["name"] for image in base["images"]}
        maps = {entry["name"]: entry["files"] for entry in base["configMapGenerator"]}
        if missing := [key for key, value in CLOSED_POD.items() if spec["securityContext"].get(key) != value]:
            yield f"its pods lack {missing}"
        if spec.get("automountServiceAccountToken") is not False:
            yield "it has a token of the cluster"
        volumes = {volume["name"] for volume in spec.get("volumes", []) + claims(workload)}
        for container in spec["containers"]:
            context = container["securityContext"]
            if missing := [key for key, value in CLOSED_CONTAINER.items() if context.get(key) != value]:
                yield f"{container['name']} lacks {missing}"
            if "memory" not in container["resources"]["limits"]:
                yield f"{container['name']} may take any memory"
            if container["image"] not in versioned and not container["image"].endswith(":" + self.version):
                yield f"{container['image']} has no version"
            if mounts := {mount["name"] for mount in container.get("volumeMounts", [])} ^ volumes:
                yield f"{sorted(mounts)}: mounted or a volume, not both"
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if workload["kind"] == "StatefulSet" and container.get(probe, {}).get("httpGet", {}).get("port") != "admin":
                    yield f"no {probe} on its admin port"
        for volume in spec.get("volumes", []):
            if "configMap" in volume and volume["configMap"]["name"] not in maps:
                yield f"no such ConfigMap: {volume['configMap']['name']}"
            if "secret" in volume and volume["secret"]["secretName"] not in SECRETS_OF_OPERATORS:
                yield f"no such Secret: {volume['secret']['secretName']}"
        if workload["kind"] == "StatefulSet":
            yield from self.stateful_mistakes(workload["metadata"]["name"], workload["spec"], spec)

    def stateful_mistakes(self, name, spec, pod):
        headless = {s["metadata"]["name"] for s in self.of_kind("Service") if s["spec"].get("clusterIP") == "None"}
        if spec["serviceName"] not in headless:
            yield f"{spec['serviceName']} is no headless service"
        config = self.configs[self.folder / f"{name}.config.yaml"]
        stop = CONSUMER_STOP
        if name == "ingest":
            stop = float(config["drain_delay"].rstrip("s")) + ANSWER_DEADLINE + TO_CLOSE
            storage = gibibytes(spec["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"])
            if storage < 2 * gibibytes(config["spool"]["max_bytes"]) + 0.5:
                yield "its volume is too small for the spool"
        if pod["terminationGracePeriodSeconds"] < stop + 5:
            yield f"killed before its stop, which takes {stop} s, has ended"


def claims(workload):
    return [{"name": claim["metadata"]["name"]} for claim in workload["spec"].get("volumeClaimTemplates", [])]


def pod_label(workload):
    return workload["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]


def named_ports(workload):
    return {port["name"] for c in workload["spec"]["template"]["spec"]["containers"] for port in c.get("ports", [])}


def selected(document):
    """(name of the pods, named ports) of each resource that selects pods."""
    spec = document.get("spec", {})
    if document["kind"] == "Service":
        yield spec["selector"]["app.kubernetes.io/name"], {port["targetPort"] for port in spec["ports"]}
    elif document["kind"] == "NetworkPolicy":
        ports = {port["port"] for rule in spec["ingress"] for port in rule["ports"]}
        yield spec["podSelector"]["matchLabels"]["app.kubernetes.io/name"], ports
    elif document["kind"] in MONITORS:
        # The services' ports have the names of the pods' ports.
        ports = {endpoint["port"] for endpoint in spec[MONITORS[document["kind"]]]}
        yield spec["selector"]["matchLabels"]["app.kubernetes.io/name"], ports
    elif document["kind"] in ("PodDisruptionBudget", "StatefulSet"):
        yield spec["selector"]["matchLabels"]["app.kubernetes.io/name"], set()
    elif document["kind"] == "HorizontalPodAutoscaler":
        yield spec["scaleTargetRef"]["name"], set()


def gibibytes(text):
    return float(re.fullmatch(r"(\d+)GiB?", text)[1])


def compose_mistakes(project, compose):
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", (project / "Dockerfile").read_text(), re.MULTILINE))
    for name, service in compose["services"].items():
        if service.get("build", {}).get("target", "build") not in stages:
            yield f"{name}: no such stage of the Dockerfile"
        if "build" in service and not (service.get("read_only") and service.get("cap_drop") == ["ALL"]):
            yield f"{name} is not closed"
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{name} publishes {port} to everybody"
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith(".") and not (project / "ops" / source).exists():
                yield f"{name} mounts {source}, which is not there"
            if source[0] not in "./" and source not in compose["volumes"]:
                yield f"{name}: no volume {source}"
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_started" or other not in compose["services"]:
                yield f"{name} does not wait until {other} is well"


def change(document, path, value):
    *parents, last = path
    for key in parents:
        document = document[key]
    document[last] = value


def found_mistakes(project, deployment, compose):
    """Makes deliberate mistakes; its own rule must find each."""
    pod = ("spec", "template", "spec")
    wrong = [
        ("killed before", "StatefulSet", (*pod, "terminationGracePeriodSeconds"), 14),
        ("its pods lack", "StatefulSet", (*pod, "securityContext", "runAsNonRoot"), False),
        ("lacks", "StatefulSet", (*pod, "containers", 0, "securityContext", "readOnlyRootFilesystem"), False),
        ("any memory", "StatefulSet", (*pod, "containers", 0, "resources", "limits"), {}),
        ("not both", "StatefulSet", (*pod, "containers", 0, "volumeMounts"), []),
        ("no headless", "StatefulSet", ("spec", "serviceName"), "ingest"),
        ("which nothing is", "Service", ("spec", "selector", "app.kubernetes.io/name"), "ingets"),
        ("names the ports", "Service", ("spec", "ports", 0, "targetPort"), "htpt"),
        ("names the ports", "PodMonitor", ("spec", "podMetricsEndpoints", 0, "port"), "http2"),
        ("has no PodMonitor", "PodMonitor", ("spec", "selector", "matchLabels", "app.kubernetes.io/name"), "x"),
        ("wrongField", "PodMonitor", ("spec", "podMetricsEndpoints", 0, "wrongField"), 1),
        ("its job is not", "ServiceMonitor", ("spec", "endpoints", 0, "relabelings", 0, "replacement"), "ingest"),
        ("have the pods' names", "ServiceMonitor", ("spec", "endpoints", 0, "relabelings", 1, "sourceLabels"), ["__address__"]),
        ("just the headless", "ServiceMonitor", ("spec", "selector", "matchLabels", "app.kubernetes.io/name"), "x"),
        ("has no PodDisruptionBudget", "PodDisruptionBudget", ("spec", "selector", "matchLabels", "app.kubernetes.io/name"), "x"),
        ("has no NetworkPolicy", "NetworkPolicy", ("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"), "x"),
    ]
    for what, kind, path, value in wrong:
        mutant = copy.deepcopy(deployment)
        change(mutant.of_kind(kind)[0], path, value)
        yield what, any(what in mistake for mistake in mutant.mistakes())
    mutant = copy.deepcopy(deployment)
    next(iter(mutant.kustomizations.values()))["commonLabels"] = {}
    yield "a deprecated key", any("commonLabels" in mistake for mistake in mutant.mistakes())
    for what, path, value in [
        ("to everybody", ("services", "ingest", "ports"), ["8080:8080"]),
        ("is not closed", ("services", "consumer", "read_only"), False),
        ("is well", ("services", "providers", "depends_on", "ingest", "condition"), "service_started"),
    ]:
        mutant = copy.deepcopy(compose)
        change(mutant, path, value)
        yield what, any(what in mistake for mistake in compose_mistakes(project, mutant))


def main():
    project = pathlib.Path(sys.argv[1])
    deployment = Deployment(project)
    compose = yaml.safe_load((project / "ops/compose.yaml").read_text())
    mistakes = [*deployment.mistakes(), *compose_mistakes(project, compose)]
    mistakes += [f"not found, though it was made: {what}" for what, found in found_mistakes(project, deployment, compose) if not found]
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
