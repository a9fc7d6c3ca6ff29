#!/usr/bin/python3
"""usage: chart.py PROJECT [HELM [FOLDER]]

Checks the chart ops/helm/sluice: its version, its values against their schema, its copies of the rules and of the configurations.
With the program HELM: lints it; rendered, it must be what ops/kubernetes is, but for names and labels; its options must do what they
say, and wrong values must be refused. Writes what it has rendered to FOLDER, for the schemas of Kubernetes.
"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

OPTIONS = {
    "ingest": {"image": {"digest": "sha256:" + "0" * 64}, "extraSecrets": [{"name": "kafka", "mountPath": "/run/secrets/kafka"}],
               "storage": {"className": "fast"}, "nodeSelector": {"disk": "ssd"}, "service": {"annotations": {"a": "b"}},
               "env": [{"name": "A", "value": "b"}]},
    "consumer": {"image": {"repository": "registry.example/consumer", "tag": "9"}, "autoscaling": {"enabled": True},
                 "extraSecrets": [{"name": "kafka", "mountPath": "/run/secrets/kafka"}],
                 "tolerations": [{"key": "a", "operator": "Exists"}], "podAnnotations": {"a": "b"}},
    "imagePullSecrets": [{"name": "registry"}],
    "topics": {"create": True},
    "monitoring": {"rules": {"enabled": True, "runbooks": "https://wiki.example/runbook", "grafana": "https://grafana.example/",
                             "labels": {"release": "prometheus"}}, "pods": {"enabled": True}},
}
REFUSED = [
    {"ingest": {"replica": 3}},
    {"ingest": {"storage": {"size": "10 GB"}}},
    {"ingest": {"image": {"digest": "latest"}}},
    {"monitoring": {"rules": {"grafana": "grafana.example"}}},
    {"monitoring": {"pods": {"enabled": True}, "services": {"enabled": True}}},
]


class Chart:
    def __init__(self, project):
        self.project = project
        self.folder = project / "ops/helm/sluice"
        self.values = yaml.safe_load((self.folder / "values.yaml").read_text())
        self.schema = json.loads((self.folder / "values.schema.json").read_text())

    def static_mistakes(self):
        version = re.search(r"project\(sluice VERSION ([\d.]+)", (self.project / "CMakeLists.txt").read_text())[1]
        about = yaml.safe_load((self.folder / "Chart.yaml").read_text())
        if {about["version"], about["appVersion"]} != {version}:
            yield f"Chart.yaml is not of version {version}"
        rules = subprocess.run([self.project / "ops/prometheus/render"], capture_output=True, text=True, check=True).stdout
        if (self.folder / "files/rules.yml").read_text() != rules:
            yield "make its rules anew: ops/prometheus/render >ops/helm/sluice/files/rules.yml"
        try:
            jsonschema.validate(self.values, self.schema)
        except jsonschema.ValidationError as error:
            yield f"values.yaml: {error.message}"
        yield from undescribed(self.schema, self.values, "values")
        for name in ("ingest", "consumer"):
            base = yaml.safe_load((self.project / f"ops/kubernetes/{name}.config.yaml").read_text())
            if self.values[name]["config"] != base:
                yield f"{name}.config is not that of ops/kubernetes"

    def helm(self, helm, *arguments, values=None):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(values or {}, file)
            file.flush()
            return subprocess.run([helm, *arguments, "--values", file.name], capture_output=True, text=True, check=False)

    def render(self, helm, values=None):
        return self.helm(helm, "template", "sluice", self.folder, "--namespace", "sluice", "--kube-version", "1.32.0", values=values)

    def rendered(self, helm, values=None):
        done = self.render(helm, values)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    def rendered_mistakes(self, helm, folder):
        done = self.helm(helm, "lint", "--strict", self.folder, values=OPTIONS)
        if done.returncode:
            yield done.stdout + done.stderr
        for values in REFUSED:
            if not self.render(helm, values).returncode:
                yield f"helm takes {values}"
        plain, full = self.rendered(helm), self.rendered(helm, OPTIONS)
        if folder:
            (folder / "chart.yaml").write_text(plain)
            kinds = [d for d in yaml.safe_load_all(full) if not d["apiVersion"].startswith("monitoring.coreos.com")]
            (folder / "chart.options.yaml").write_text(yaml.safe_dump_all(kinds))
        base = documents(*sorted((self.project / "ops/kubernetes").glob("*.yaml")))
        yield from differences(base, parsed(plain), ("StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy"))
        base = documents(*sorted((self.project / "ops/kubernetes").rglob("*.yaml")))
        yield from differences(base, parsed(full), ("HorizontalPodAutoscaler", "PodMonitor"))
        services = self.rendered(helm, {"monitoring": {"services": {"enabled": True}}})
        yield from differences(base, parsed(services), ("ServiceMonitor",))
        yield from self.option_mistakes(plain, full)

    def option_mistakes(self, plain, full):
        rules = subprocess.run(
            [self.project / "ops/prometheus/render", "--runbooks", "https://wiki.example/runbook", "--grafana", "https://grafana.example"],
            capture_output=True, check=True).stdout
        by_name = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(full)}
        rule = by_name["PrometheusRule", "sluice-rules"]
        if rule["spec"] != yaml.safe_load(rules) or rule["metadata"]["labels"]["release"] != "prometheus":
            yield "its PrometheusRule is not what ops/prometheus/render makes"
        for name, config in (("ingest", "ingest.yaml"), ("consumer", "consumer.yaml")):
            shipped = next(d for d in yaml.safe_load_all(plain) if d["kind"] == "ConfigMap" and d["metadata"]["name"] == f"sluice-{name}")
            if yaml.safe_load(shipped["data"][config]) != self.values[name]["config"]:
                yield f"its ConfigMap of {name} is not its value"
        pods = {kind: by_name[kind, name]["spec"]["template"]["spec"] for kind, name in [("Job", "sluice-topics-1")]}
        pods["Pod"] = by_name["Pod", "sluice-test"]["spec"]
        pods["ingest"] = by_name["StatefulSet", "sluice-ingest"]["spec"]["template"]["spec"]
        pods["consumer"] = by_name["StatefulSet", "sluice-consumer"]["spec"]["template"]["spec"]
        images = {name: pod["containers"][0]["image"] for name, pod in pods.items()}
        version = yaml.safe_load((self.folder / "Chart.yaml").read_text())["appVersion"]
        wanted = {"Job": f"sluice-sluicectl:{version}", "Pod": f"sluice-sluicectl:{version}",
                  "ingest": "sluice-ingest@sha256:" + "0" * 64, "consumer": "registry.example/consumer:9"}
        if images != wanted:
            yield f"its images are {images}"
        for name, pod in pods.items():
            container = pod["containers"][0]
            if {m["name"] for m in container["volumeMounts"]} != volumes(by_name, name, pod):
                yield f"{name}: what is mounted is not what is there"
            if "kafka" not in {m["name"] for m in container["volumeMounts"]}:
                yield f"{name} lacks the further secret"
            if not pod["securityContext"]["runAsNonRoot"] or not container["securityContext"]["readOnlyRootFilesystem"]:
                yield f"{name} is not closed"
            if pod.get("imagePullSecrets") != [{"name": "registry"}]:
                yield f"{name} lacks the registry's secret"
        if by_name["Pod", "sluice-test"]["metadata"]["annotations"]["helm.sh/hook"] != "test":
            yield "helm test has no pod"
        if "replicas" in by_name["StatefulSet", "sluice-consumer"]["spec"]:
            yield "each upgrade would undo the autoscaler's choice"


def volumes(by_name, name, pod):
    claims = by_name["StatefulSet", "sluice-ingest"]["spec"]["volumeClaimTemplates"] if name == "ingest" else []
    return {v["name"] for v in pod["volumes"]} | {claim["metadata"]["name"] for claim in claims}


def undescribed(schema, values, where):
    """Every value has a description, and every description a value."""
    if "description" not in schema:
        yield f"{where} has no description"
    for key, of in schema.get("properties", {}).items():
        if key != "global" and key not in values:
            yield f"{where}.{key} has no default"
        elif key != "global":
            yield from undescribed(of, values[key], f"{where}.{key}")


def parsed(text):
    return {(d["kind"], plain_name(d["metadata"]["name"])): d for d in yaml.safe_load_all(text)}


def documents(*paths):
    found = {}
    for path in paths:
        found |= {key: d for d in yaml.safe_load_all(path.read_text()) if "metadata" in d
                  for key in [(d["kind"], plain_name(d["metadata"]["name"]))]}
    return found


def plain_name(name):
    return name.removeprefix("sluice-")


def plain(document):
    """Without what may differ: names of the release, labels, versions of images."""
    spec = copy.deepcopy(document["spec"])
    for key in ("serviceName", "scaleTargetRef"):
        if isinstance(spec.get(key), str):
            spec[key] = plain_name(spec[key])
        elif key in spec:
            spec[key]["name"] = plain_name(spec[key]["name"])
    if document["kind"] == "HorizontalPodAutoscaler":
        return spec
    template = spec.get("template")
    if template:
        template["metadata"] = {}
        for container in template["spec"]["containers"]:
            container["image"] = container["image"].split(":")[0]
    return without_release(spec)


def without_release(value):
    if isinstance(value, dict):
        return {key: without_release(inner) for key, inner in value.items() if key != "app.kubernetes.io/instance"}
    return [without_release(inner) for inner in value] if isinstance(value, list) else value


def differences(base, chart, kinds):
    wanted, found = ({key for key in of if key[0] in kinds} for of in (base, chart))
    if wanted != found or not wanted:
        yield f"it has {sorted(found)}, ops/kubernetes {sorted(wanted)}"
    for key in sorted(wanted & found):
        one, other = plain(base[key]), plain(chart[key])
        for field in sorted(set(one) | set(other)):
            if one.get(field) != other.get(field):
                yield f"{' '.join(key)}: {field} is {json.dumps(other.get(field))}, in ops/kubernetes {json.dumps(one.get(field))}"


def main():
    chart = Chart(pathlib.Path(sys.argv[1]))
    mistakes = [*chart.static_mistakes()]
    if len(sys.argv) > 2 and sys.argv[2]:
        mistakes += chart.rendered_mistakes(sys.argv[2], pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
