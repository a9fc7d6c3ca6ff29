#!/usr/bin/env python3
"""usage: sbom.py PROJECT BIN

The bill of materials must name what the programs load and what is compiled into them, each once and with
the version that is installed here.
"""

import json
import subprocess
import sys

project, binaries = sys.argv[1:]
text = subprocess.run(
    [f"{project}/ops/deb/sbom", *(f"{binaries}/{name}" for name in ("ingest", "consumer", "sluicectl"))],
    check=True,
    capture_output=True,
    text=True,
).stdout
bill = json.loads(text)
assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5"), text[:200]
versions = {part["name"]: part["version"] for part in bill["components"]}
assert len(versions) == len(bill["components"]), "a component is there twice"
uses = {part["name"]: part["properties"][1]["value"] for part in bill["components"]}
for name, use in {"librdkafka1": "loaded", "libsqlite3-0": "loaded", "rapidjson-dev": "compiled in"}.items():
    assert uses.get(name) == use, f"{name}: {uses.get(name)}, not {use}"
for name in ("librdkafka1", "libc6"):
    here = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name], check=True, capture_output=True, text=True
    ).stdout
    assert versions[name] == here, f"{name}: {versions[name]}, not {here}"
references = [part["bom-ref"] for part in bill["components"]]
assert len(set(references)) == len(references), "two components have one reference"
