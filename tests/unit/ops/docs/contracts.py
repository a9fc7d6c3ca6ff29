#!/usr/bin/python3
"""usage: contracts.py PROJECT

Holds ops/docs/contracts to itself and to the code: the schemas are valid and so are the examples; every reference has a target;
every header that the code names is in the schemas; the documents name the same schemas as `check`. Then checks that `check`
finds deliberate mistakes. ops/validate asks the official validators of OpenAPI and AsyncAPI.
"""
import copy
import importlib.machinery
import importlib.util
import json
import pathlib
import re
import sys

import yaml
from jsonschema import Draft202012Validator

sys.dont_write_bytecode = True
PROJECT = pathlib.Path(sys.argv[1])
FOLDER = PROJECT / "ops/docs/contracts"
# Constants in common/domain, and the headers of an omitted body.
CONSTANT = r'k[A-Z]\w* = "([a-z.-]+)"'
HEADERS_IN_CODE = (("common/domain/record_headers.h", CONSTANT), ("common/domain/reconciled.h", CONSTANT), ("common/domain/copied_record.h", CONSTANT), ("common/domain/marker.h", r'k\w+Header = "([a-z.-]+)"'), ("common/domain/omitted_body.cc", r'"(dead\.[a-z0-9-]+)"'))
ANNOUNCED = {"attempts", "ingest-instance"}  # in the schemas before the code writes them
MESSAGES = {"callbacks": "callback", "callbacks.seen": "marker", "processes": "result", "callbacks.dead": "deadLetter", "callbacks.expected": "announcement"}
WITHOUT_HEADERS = {"callbacks.expected"}  # Others write these, too.


def imported_check():
    loader = importlib.machinery.SourceFileLoader("check", str(FOLDER / "check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
    loader.exec_module(module)
    return module


check = imported_check()


def nodes(node):
    """The node and all below it."""
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def pointed(document, pointer):
    for step in pointer.strip("/").split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def schema_mistakes(schemas):
    for path, schema in schemas.items():
        Draft202012Validator.check_schema(schema)
        for node in nodes(check.load(path.name)):
            for example in node.get("examples", []) if isinstance(node, dict) else []:
                for error in Draft202012Validator(node).iter_errors(example):
                    yield f"{path.name}: the example {example!r} is not valid: {error.message}"


def reference_mistakes(name, document):
    for node in nodes(document):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not reference:
            continue
        try:
            if reference.startswith("#/"):
                pointed(document, reference[1:])
            else:
                json.loads((FOLDER / reference).read_text())
        except (KeyError, TypeError, OSError) as error:
            yield f"{name}: {reference} leads nowhere: {error!r}"


def header_mistakes(schemas):
    described = {
        name
        for path in schemas
        if path.name.endswith("-headers.schema.json")
        for node in nodes(check.load(path.name))
        if isinstance(node, dict)
        for name in node.get("properties", {})
    }
    written = {name for path, pattern in HEADERS_IN_CODE for name in re.findall(pattern, (PROJECT / path).read_text())}
    yield from (f"no schema describes the header {name}" for name in sorted(written - described))
    yield from (f"nothing writes the header {name}" for name in sorted(described - written - ANNOUNCED))


def topic_mistakes(asyncapi):
    """The AsyncAPI document has the topics of `check` with its schemas, and valid examples."""
    addresses = {channel["address"] for channel in asyncapi["channels"].values()}
    if addresses != set(check.SCHEMAS):
        yield f"the channels are {sorted(addresses)}"
    for topic, (headers, value) in check.SCHEMAS.items():
        message = asyncapi["components"]["messages"][MESSAGES[topic]]
        if message["headers"] != {"$ref": f"{headers}.schema.json"}:
            yield f"{topic}: {message['headers']} instead of {headers}"
        if value and message["payload"] != {"$ref": f"{value}.schema.json"}:
            yield f"{topic}: {message['payload']} instead of {value}"
        examples = message["examples"]
        if topic == "processes":
            event = asyncapi["components"]["messages"]["eventResult"]
            if event["payload"] != {"$ref": f"{check.EVENT_RESULT}.schema.json"}:
                yield f"{topic}: {event['payload']} instead of {check.EVENT_RESULT}"
            examples = examples + event["examples"]
        for example in examples:
            yield from (f"{topic}, example {example['name']}: {mistake}" for mistake in mistakes(topic, as_record(example)))


def as_record(example):
    """An example of a message as kcat -J writes a record."""
    payload = example.get("payload", {})
    callback = payload.get("callback", {}) if payload else {}
    return {
        "headers": [text for header in example["headers"].items() for text in header],
        "key": payload.get("processId") if payload else None,
        "partition": callback.get("partition"),
        "payload": json.dumps(payload),
    }


STRICT, TOLERANT = check.Checker(True), check.Checker(False)


def mistakes(topic, record, checker=STRICT):
    return list(checker.mistakes(topic, record))


def blindness(asyncapi):
    """What `check` should find and does not, or should accept and does not."""
    for topic, name in MESSAGES.items():
        good = as_record(asyncapi["components"]["messages"][name]["examples"][0])
        changed = {"headers": good["headers"] + ["strange", "x"]}
        if not mistakes(topic, good | changed) or mistakes(topic, good | changed, TOLERANT):
            yield f"{topic}: an unknown header"
        if topic not in WITHOUT_HEADERS and not mistakes(topic, good | {"headers": []}, TOLERANT):
            yield f"{topic}: no headers"
        if topic != "callbacks.seen" and not mistakes(topic, good | {"headers": good["headers"] + ["schema", "2"]}, TOLERANT):
            yield f"{topic}: another schema"
    good = as_record(asyncapi["components"]["messages"]["result"]["examples"][0])
    value = json.loads(good["payload"])
    for member in value:
        less = {name: value[name] for name in value if name != member}
        if not mistakes("processes", good | {"payload": json.dumps(less)}, TOLERANT):
            yield f"processes: without {member}"
    more = copy.deepcopy(value)
    more["callback"]["strange"] = 1
    if not mistakes("processes", good | {"payload": json.dumps(more)}) or mistakes("processes", good | {"payload": json.dumps(more)}, TOLERANT):
        yield "processes: an unknown member"
    for changed in ({"key": "other"}, {"partition": 7}, {"payload": "no JSON"}, {"payload": None}):
        if not mistakes("processes", good | changed, TOLERANT):
            yield f"processes: {changed}"
    yield from blindness_to_references(asyncapi)
    yield from blindness_to_events(asyncapi)
    yield from blindness_to_announcements(asyncapi)
    letter = as_record(asyncapi["components"]["messages"]["deadLetter"]["examples"][0])
    invented = {"headers": letter["headers"] + ["dead.reason", "invented"]}
    if not mistakes("callbacks.dead", letter | invented) or mistakes("callbacks.dead", letter | invented, TOLERANT):
        yield "callbacks.dead: an unknown reason"


def blindness_to_references(asyncapi):
    examples = {example["name"]: example for example in asyncapi["components"]["messages"]["result"]["examples"]}
    good = as_record(examples["reference"])
    value = json.loads(good["payload"])
    for part in ("process", "dossier"):
        for change in ({"sha256": "short"}, {"sha256": value[part]["sha256"].upper()}, {"bytes": "2"}, {"bytes": 1}):
            changed = value | {part: value[part] | change}
            if not mistakes("processes", good | {"payload": json.dumps(changed)}, TOLERANT):
                yield f"processes: a reference with {change}"
        leaked = good | {"payload": json.dumps(value | {part: value[part] | {"firstName": "Ingrid"}})}
        if not mistakes("processes", leaked):
            yield "processes: a document beside its reference"
        for document in ({}, None, {"sha256": "of something else"}):
            if mistakes("processes", good | {"payload": json.dumps(value | {part: document})}):
                yield f"processes: {part} {document} is no reference"


def blindness_to_events(asyncapi):
    good = as_record(asyncapi["components"]["messages"]["eventResult"]["examples"][0])
    value = json.loads(good["payload"])
    for member in value:
        less = {name: value[name] for name in value if name != member}
        if not mistakes("processes", good | {"payload": json.dumps(less)}, TOLERANT):
            yield f"processes: an event without {member}"
    if not mistakes("processes", good | {"headers": good["headers"] + ["schema", "1"]}, TOLERANT):
        yield "processes: an event as a result of schema 1"
    reference = {"sha256": "0" * 64, "bytes": 2}
    if mistakes("processes", good | {"payload": json.dumps(value | {"event": reference})}):
        yield "processes: a reference to an event"
    if not mistakes("processes", good | {"payload": json.dumps(value | {"event": reference | {"data": {}}})}):
        yield "processes: an event beside its reference"


def blindness_to_announcements(asyncapi):
    good = as_record(asyncapi["components"]["messages"]["announcement"]["examples"][0])
    value = json.loads(good["payload"])
    for change in ({"payload": None}, {"headers": []}, {"payload": json.dumps(value | {"processId": " " + value["processId"].upper()})}):
        if mistakes("callbacks.expected", good | change):
            yield f"callbacks.expected: {change} is right"
    for member in ("dossierId", "processId", "provider"):
        less = {name: value[name] for name in value if name != member}
        if not mistakes("callbacks.expected", good | {"payload": json.dumps(less)}, TOLERANT):
            yield f"callbacks.expected: without {member}"
    for change in ({"key": "other"}, {"payload": ""}, {"payload": json.dumps(value | {"within": 30})}):
        if not mistakes("callbacks.expected", good | change, TOLERANT):
            yield f"callbacks.expected: {change}"


def found():
    schemas = {path: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.schema.json"))}
    documents = {path: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}
    if len(schemas) < 8 or len(documents) != 3:
        yield f"only {len(schemas)} schemas and {len(documents)} documents are there"
    yield from schema_mistakes(schemas)
    for path, document in (schemas | documents).items():
        yield from reference_mistakes(path.name, document)
    yield from header_mistakes(schemas)
    asyncapi = documents[FOLDER / "sluice.asyncapi.yaml"]
    yield from topic_mistakes(asyncapi)
    yield from (f"check is blind or too strict: {what}" for what in blindness(asyncapi))


wrong = list(found())
print("\n".join(wrong) if wrong else "the contracts hold")
sys.exit(1 if wrong else 0)
