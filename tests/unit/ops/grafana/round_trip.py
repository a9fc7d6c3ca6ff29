"""usage: round_trip.py DASHBOARD.json…

Reads each dashboard with the types of the vendor's grafana-foundation-sdk and writes it again: what these types do not know is
lost or changed. Status 1 with each such place. ops/validate runs it, since the SDK is on PyPI alone.
"""
import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# Fields of Prometheus's variables and annotations, which the types of a dashboard do not have.
OF_PROMETHEUS = {"definition", "step", "titleFormat", "textFormat", "tagKeys", "useValueForTime"}


def losses(raw, read, where):
    if isinstance(raw, dict) and isinstance(read, dict):
        of_prometheus = OF_PROMETHEUS if ".templating" in where or ".annotations" in where else set()
        for key, value in raw.items():
            if key in of_prometheus:
                continue
            if key not in read:
                yield f"{where}: '{key}' was unexpected"
            else:
                yield from losses(value, read[key], f"{where}.{key}")
    elif isinstance(raw, list) and isinstance(read, list) and len(raw) == len(read):
        for number, (one, other) in enumerate(zip(raw, read)):
            yield from losses(one, other, f"{where}[{number}]")
    elif raw != read:
        yield f"{where}: {json.dumps(raw)} is read as {json.dumps(read)}"


found = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    found += losses(raw, json.loads(JSONEncoder().encode(Dashboard.from_json(raw))), path)
print(*found, sep="\n", end="\n" if found else "")
sys.exit(1 if found else 0)
