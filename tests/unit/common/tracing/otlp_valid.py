#!/usr/bin/env python3
"""usage: otlp_valid.py FILE...

Reads each line as an ExportTraceServiceRequest with OpenTelemetry's own types (opentelemetry-proto
of PyPI). Refuses a field that they do not know, and ids of another length. ops/validate runs it.
"""
import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest



def with_base64_ids(value):
    """OTLP writes ids in hex, where Protobuf's own JSON has base64."""
    if isinstance(value, list):
        return [with_base64_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {name: with_base64_ids(one) for name, one in value.items()}
    for name in {"traceId", "spanId", "parentSpanId"} & changed.keys():
        changed[name] = base64.b64encode(bytes.fromhex(changed[name])).decode()
    return changed


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as lines:
        for line in lines:
            request = ExportTraceServiceRequest()
            json_format.ParseDict(with_base64_ids(json.loads(line)), request)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        assert len(span.trace_id) == 16 and len(span.span_id) == 8, span
                        assert len(span.parent_span_id) in (0, 8), span
                        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano, span
                        assert span.name and span.kind, span
