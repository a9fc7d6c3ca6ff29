#!/usr/bin/python3
"""usage: dashboards.py PROJECT

Rules on ops/grafana/dashboards that Grafana does not know: every query selects the environment; what is unknown never looks well;
links lead to sections of the runbook, or to a search for traces by what the programs write into spans; no colour judges a provider; panels neither overlap nor share an id. promtool evaluates what
the stats show while Kafka or the API is away. Then checks that each rule finds a deliberate mistake.
"""
import copy
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

VARIABLES = ["datasource", "cluster", "namespace", "provider", "instance", "runbooks", "traces"]
ANNOTATIONS = ["Deployments", "Starts", "Alerts"]
JUDGEMENTS = {"green", "red", "orange", "yellow"}
SELECTOR = re.compile(r"\b(?:sluice[_:][a-z0-9_:]+|process_[a-z_]+|up|ALERTS)\b(\{[^}]*\})?")
TRACES = "${traces:raw}/search?"
# Jaeger adds two of its own; the others are literals of the programs.
TAGS = {"error", "span.kind"}
ENVIRONMENT = 'cluster=~"$cluster",namespace=~"$namespace"}'


def mistakes(name, dashboard, sections):
    if (found := [v["name"] for v in dashboard["templating"]["list"]]) != VARIABLES:
        yield f"its variables are {found}"
    if (found := [a["name"] for a in dashboard["annotations"]["list"]]) != ANNOTATIONS:
        yield f"its annotations are {found}"
    panels = dashboard["panels"]
    for one, other in itertools.combinations(panels, 2):
        if one["id"] == other["id"]:
            yield f"'{one['title']}' and '{other['title']}' share an id"
        if overlap(one["gridPos"], other["gridPos"]):
            yield f"'{one['title']}' covers '{other['title']}'"
    queries = [(a["name"], a["expr"]) for a in dashboard["annotations"]["list"]]
    queries += [(p["title"], t["expr"]) for p in panels for t in p.get("targets", [])]
    for title, query in queries:
        for selector in SELECTOR.finditer(query):
            if not (selector[1] or "").endswith(ENVIRONMENT):
                yield f"'{title}' does not select the environment: {selector[0]}"
    for panel in panels:
        for mistake in panel_mistakes(panel, sections):
            yield f"'{panel['title']}' {mistake}"
    for variable in ("runbooks", "traces"):
        if not any(link["url"].startswith(f"${{{variable}:raw}}") for p in panels for link in p.get("links", [])):
            yield f"no panel links to ${variable}"


def overlap(one, other):
    return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in (("x", "w"), ("y", "h")))


def panel_mistakes(panel, sections):
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if panel["type"] == "stat":
        # The last known value of a range would still be shown when nothing is known any more.
        if not all(target.get("instant") and not target.get("range") for target in panel["targets"]):
            yield "shows what was known last"
    if panel["type"] in ("stat", "state-timeline"):
        special = [m["options"] for m in defaults["mappings"] if m["type"] == "special"]
        if [o["match"] for o in special] != ["null+nan"] or special[0]["result"]["color"] in JUDGEMENTS:
            yield "does not show unknown values as such"
    if any(target.get("legendFormat") == "{{provider}}" for target in panel.get("targets", [])):
        colours = [defaults.get("color", {"fixedColor": "green"})["fixedColor"]]
        colours += [p["value"]["fixedColor"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "color"]
        if judging := JUDGEMENTS & set(colours):
            yield f"judges providers: {sorted(judging)}"
    for link in panel.get("links", []):
        if link["url"].startswith(TRACES):
            yield from search_mistakes(link["url"].removeprefix(TRACES))
            continue
        address, section = link["url"].split("#")
        if address != "${runbooks:raw}" or section not in sections:
            yield f"links to {link['url']}"


def search_mistakes(query):
    """Of a search of Jaeger: at the time that is shown, by what our spans have."""
    asked = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
    if (asked.pop("start", None), asked.pop("end", None)) != ("${__from}000", "${__to}000"):
        yield "searches traces of another time"
    if asked.pop("service", None) not in ("sluice-ingest", "sluice-consumer"):
        yield "searches traces of nobody"
    for tag in json.loads(asked.pop("tags", "{}")):
        if tag not in TAGS:
            yield f"searches traces by {tag}, which no span has"
    if unknown := set(asked) - {"limit", "minDuration"}:
        yield f"searches traces by {sorted(unknown)}"


# What the stats of Overview show: by situation the series, and by panel the value; None if it is unknown.
UP = 'up{{job="sluice-consumer",instance="{}"}}'
WELL = {
    UP.format("c1"): "1x9", UP.format("c2"): "1x9", 'up{job="sluice-ingest",instance="i1"}': "1x9",
    'sluice_consumer_lag{job="sluice-consumer",instance="c1"}': "0x9",
    'sluice_consumer_lag{job="sluice-consumer",instance="c2"}': "0x9",
    'sluice_consumer_oldest_pending_age_seconds{job="sluice-consumer",instance="c1"}': "0x9",
    'sluice_consumer_partitions{job="sluice-consumer",instance="c1",state="running"}': "12x9",
    'sluice_consumer_breaker_open{job="sluice-consumer",instance="c1"}': "0x9",
    'sluice_consumer_fetch_attempts_total{job="sluice-consumer",instance="c1",resource="process",result="ok"}': "0+5x9",
    'sluice_ingest_spool_records{job="sluice-ingest",instance="i1"}': "0x9",
    'sluice_ingest_spool_limit_bytes{job="sluice-ingest",instance="i1"}': "100x9",
    "sluice:watched:environment": "1x9",
}
SITUATIONS = {
    "all is well": ({}, {
        "Verdict": 0, "Unread callbacks": 0, "Oldest pending callback": 0, "Running partitions": 12, "Circuit breaker": 0,
        "In the spool": 0, "consumer: up of expected": 1,
    }),
    "Kafka is away": (
        {key: None for key in WELL if "_lag" in key or "oldest" in key},
        {"Unread callbacks": None, "Oldest pending callback": None, "Running partitions": None, "Circuit breaker": None},
    ),
    "one consumer knows nothing, the other has an old callback": (
        {'sluice_consumer_lag{job="sluice-consumer",instance="c2"}': None,
         'sluice_consumer_oldest_pending_age_seconds{job="sluice-consumer",instance="c1"}': "1000x9"},
        {"Unread callbacks": None, "Oldest pending callback": 1000, "Running partitions": None},
    ),
    "nothing was asked of the API": (
        {'sluice_consumer_fetch_attempts_total{job="sluice-consumer",instance="c1",resource="process",result="ok"}': "5x9"},
        {"Circuit breaker": None},
    ),
    "the API is away": (
        {'sluice_consumer_breaker_open{job="sluice-consumer",instance="c1"}': "1x9",
         'sluice_consumer_fetch_attempts_total{job="sluice-consumer",instance="c1",resource="process",result="ok"}': "5x9"},
        {"Circuit breaker": 1},
    ),
    "the API is asked for tokens only": (
        {'sluice_consumer_fetch_attempts_total{job="sluice-consumer",instance="c1",resource="process",result="ok"}': "5x9",
         'sluice_consumer_fetch_attempts_total{job="sluice-consumer",instance="c1",resource="token",result="ok"}': "0+5x9"},
        {"Circuit breaker": None},
    ),
    "the spool's disk hangs": ({'sluice_ingest_spool_records{job="sluice-ingest",instance="i1"}': None}, {"In the spool": None}),
    "there is no spool": (
        {'sluice_ingest_spool_limit_bytes{job="sluice-ingest",instance="i1"}': "0x9"}, {"In the spool": 0}),
    "one consumer is down": ({UP.format("c2"): "1x3 0x5"}, {"consumer: up of expected": 0.5}),
    "both are down": ({UP.format("c1"): "1x3 0x5", UP.format("c2"): "1x2 _x6"}, {"consumer: up of expected": 0}),
    "an alert is pending": ({'ALERTS{alertname="A",alertstate="pending",service="sluice",severity="page"}': "1x9"}, {"Verdict": 0.5}),
    "a ticket fires": ({'ALERTS{alertname="A",alertstate="firing",service="sluice",severity="ticket"}': "1x9"}, {"Verdict": 1}),
    "a page and a ticket fire, and one is pending": (
        {'ALERTS{alertname="A",alertstate="firing",service="sluice",severity="ticket"}': "1x9",
         'ALERTS{alertname="B",alertstate="firing",service="sluice",severity="page"}': "1x9",
         'ALERTS{alertname="C",alertstate="pending",service="sluice",severity="page"}': "1x9"}, {"Verdict": 2}),
    "a page of another service fires": (
        {'ALERTS{alertname="B",alertstate="firing",service="other",severity="page"}': "1x9"}, {"Verdict": 0}),
    "the rules are not evaluated": ({"sluice:watched:environment": None}, {"Verdict": None}),
}


def evaluation_mistakes(overview):
    expressions = {
        panel["title"]: re.sub(r"\$(cluster|namespace|provider|instance)", ".*", panel["targets"][0]["expr"])
        for panel in overview["panels"] if panel["type"] == "stat"
    }
    tests = [
        {"name": situation, "interval": "1m",
         "input_series": [{"series": s, "values": v} for s, v in {**WELL, **changes}.items() if v],
         "promql_expr_test": [
             {"expr": expressions[title], "eval_time": "8m",
              "exp_samples": [] if value is None else [{"labels": "{}", "value": value}]}
             for title, value in wanted.items()]}
        for situation, (changes, wanted) in SITUATIONS.items()
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"rule_files": [], "evaluation_interval": "1m", "tests": tests}, file)
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True, check=False)
    if done.returncode:
        yield done.stdout + done.stderr


def found_mistakes(dashboard, sections):
    def panel(of, **wanted):
        return next(p for p in of["panels"] if all(p.get(key) == value for key, value in wanted.items()))

    def by_provider(of):
        return next(p for p in of["panels"] if p.get("targets", [{}])[0].get("legendFormat") == "{{provider}}")

    for what, change in [
        ("does not select", lambda d: panel(d, type="timeseries")["targets"][0].update(expr="up")),
        ("share an id", lambda d: d["panels"][0].update(id=d["panels"][1]["id"])),
        ("covers", lambda d: d["panels"][2]["gridPos"].update(d["panels"][1]["gridPos"])),
        ("as such", lambda d: panel(d, type="state-timeline")["fieldConfig"]["defaults"]["mappings"].pop()),
        ("known last", lambda d: panel(d, type="timeseries").update(type="stat")),
        ("judges providers", lambda d: by_provider(d)["fieldConfig"]["defaults"].pop("color")),
        ("links to", lambda d: d["panels"][1].update(links=[{"url": "${runbooks:raw}#nothing"}])),
        ("which no span has", lambda d: d["panels"][1].update(links=[{"url": TRACES + "service=sluice-ingest&tags=%7B%22a.b%22%3A1%7D"}])),
        ("of another time", lambda d: d["panels"][1].update(links=[{"url": TRACES + "service=sluice-ingest"}])),
        ("its variables", lambda d: d["templating"]["list"].pop()),
        ("its annotations", lambda d: d["annotations"]["list"].pop()),
    ]:
        mutant = copy.deepcopy(dashboard)
        change(mutant)
        yield what, any(what in mistake for mistake in mistakes("mutant", mutant, sections))


def main():
    project = pathlib.Path(sys.argv[1])
    runbook = (project / "ops/docs/runbook.md").read_text()
    for folder in ("consumer/tracing", "ingest/tracing", "common/tracing"):
        for file in (project / folder).glob("*.cc"):
            TAGS.update(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', file.read_text()))
    sections = {title.lower() for title in re.findall(r"^## (\w+)$", runbook, re.MULTILINE)}
    dashboards = {p.stem: json.loads(p.read_text()) for p in sorted((project / "ops/grafana/dashboards").glob("*.json"))}
    found = [f"{name}: {m}" for name, dashboard in dashboards.items() for m in mistakes(name, dashboard, sections)]
    found += [f"not found, though it was made: {what}" for what, seen in found_mistakes(dashboards["consumer"], sections) if not seen]
    found += evaluation_mistakes(dashboards["overview"])
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
