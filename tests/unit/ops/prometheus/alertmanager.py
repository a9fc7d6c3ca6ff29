#!/usr/bin/python3
"""usage: alertmanager.py PROJECT

Debian's Alertmanager must take ops/prometheus/alertmanager.yml, route each alert of the rules, and name no other alert. Then
one runs with it: alerts that another one explains must be inhibited, in their environment only, and Slack and PagerDuty, played
by this script, must get the rest with absolute links.
"""
import contextlib
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import yaml

RECEIVERS = {"page": "pagerduty,slack", "ticket": "slack"}
LIMIT = 60  # seconds
RUNBOOKS, GRAFANA = "https://wiki.example/runbook", "https://grafana.example"


def rules_of(project):
    """By name: the rule, with absolute links."""
    rendered = subprocess.run(
        [project / "ops/prometheus/render", "--runbooks", RUNBOOKS, "--grafana", GRAFANA], capture_output=True, check=True
    ).stdout
    return {rule["alert"]: rule for group in yaml.safe_load(rendered)["groups"] for rule in group["rules"] if "alert" in rule}


def amtool(*arguments):
    done = subprocess.run(["amtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"amtool {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def routes(config, labels):
    return amtool("config", "routes", "test", f"--config.file={config}", *(f"{name}={value}" for name, value in labels.items()))


def static_mistakes(config, rules):
    amtool("check-config", config)
    for name, rule in rules.items():
        wanted = RECEIVERS[rule["labels"]["severity"]]
        if (found := routes(config, {"alertname": name, **rule["labels"]})) != wanted:
            yield f"{name} goes to {found}, not to {wanted}"
    if (found := routes(config, {"alertname": "Another", "severity": "page"})) != "others":
        yield f"another service's alert goes to {found}"
    for inhibition in yaml.safe_load(config.read_text())["inhibit_rules"]:
        for matcher in inhibition["source_matchers"] + inhibition["target_matchers"]:
            for name in re.findall(r"\w+", matcher)[1:]:
                if name not in rules:
                    yield f"there is no alert {name} to inhibit"


class Receivers(http.server.ThreadingHTTPServer):
    """Slack and PagerDuty."""

    def __init__(self):
        self.got = []
        super().__init__(("127.0.0.1", 0), self.Handler)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.got.append((self.path, body))
            self.send_response(202 if self.path == "/pagerduty" else 200)
            self.end_headers()
            self.wfile.write(b'{"status":"success"}' if self.path == "/pagerduty" else b"ok")

        def log_message(self, *_):
            pass


@contextlib.contextmanager
def running(config, folder, sink):
    """The address of an Alertmanager with the shipped configuration, whose waits are short and whose receivers are ours."""
    text = config.read_text().replace("/etc/alertmanager/", f"{folder}/")
    text = re.sub(r"group_wait: \d+s", "group_wait: 1s", text)
    text = text.replace("global:\n", f"global:\n  pagerduty_url: {sink}/pagerduty\n", 1)
    (folder / "alertmanager.yml").write_text(text)
    (folder / "slack.url").write_text(f"{sink}/slack")
    (folder / "pagerduty.key").write_text("made-up")
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}",
             "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="],
            stdout=out, stderr=out)
    try:
        found = wait_for(lambda: re.search(r'"Listening on" address=(\S+)', log.read_text()), lambda: log.read_text())
        yield f"http://{found[1]}"
    finally:
        process.terminate()
        process.wait()


def wait_for(condition, what):
    deadline = time.monotonic() + LIMIT
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f"it does not come: {what()}")
        time.sleep(0.05)
    return found


def fire(address, rules, names, **labels):
    alerts = [
        {"labels": {"alertname": name, **rules[name]["labels"], **labels},
         "annotations": {**rules[name]["annotations"], "summary": f"{name} of {labels['namespace']}"}}
        for name in names
    ]
    urllib.request.urlopen(urllib.request.Request(
        address + "/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})).close()


def alerts_at(address):
    """{name of environment and alert: is it inhibited}"""
    with urllib.request.urlopen(address + "/api/v2/alerts") as answer:
        return {f"{a['labels']['namespace']}/{a['labels']['alertname']}": bool(a["status"]["inhibitedBy"]) for a in json.load(answer)}


def live_mistakes(config, rules, folder):
    sink = Receivers()
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    with running(config, folder, f"http://127.0.0.1:{sink.server_address[1]}") as address:
        # At once, since an effect without its cause would be told.
        fire(address, rules, ["BreakerOpen", "NoResults", "DeadLetters"], cluster="eu", namespace="a")
        fire(address, rules, ["NoResults"], cluster="eu", namespace="b")
        wanted = {"a/BreakerOpen": False, "a/NoResults": True, "a/DeadLetters": False, "b/NoResults": False}
        wait_for(lambda: alerts_at(address) == wanted, lambda: f"{wanted}, but {alerts_at(address)}")
        told = {
            "/pagerduty": ["BreakerOpen of a", "NoResults of b"],
            "/slack": ["BreakerOpen of a", "DeadLetters of a", "NoResults of b"],
        }
        count = sum(map(len, told.values()))
        wait_for(lambda: len(sink.got) >= count, lambda: f"{count} notifications, but {sink.got}")
    for path, summaries in told.items():
        bodies = sorted(json.dumps(body) for where, body in sink.got if where == path)
        if len(bodies) != len(summaries):
            yield f"{path} got {len(bodies)} notifications instead of {len(summaries)}: {bodies}"
        for summary in summaries:
            name = summary.split()[0]
            text = next((body for body in bodies if summary in body), None)
            if text is None:
                yield f"{path} was not told {summary}"
                continue
            for link in (f"{RUNBOOKS}#{name.lower()}", f"{GRAFANA}/d/sluice-consumer"):
                if link not in text:
                    yield f"{path}, {summary}: no link {link}"
            if "no value" in text:
                yield f"{path}, {summary}: a template without its value"


def main():
    project = pathlib.Path(sys.argv[1])
    config = project / "ops/prometheus/alertmanager.yml"
    rules = rules_of(project)
    with tempfile.TemporaryDirectory() as folder:
        mistakes = [*static_mistakes(config, rules)] or [*live_mistakes(config, rules, pathlib.Path(folder))]
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
