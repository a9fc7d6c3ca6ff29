#!/usr/bin/python3
"""usage: reader.py BOOTSTRAP [TOPIC [GROUP]] [--to-end]

Reads results and prints one line for each: provider, dossierId, processId, status, PARTITION:OFFSET. Needs
python3-confluent-kafka. --to-end stops at the end of the topic; without it the reader goes on.
"""
import json
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException


def handle(record):
    """A crash before the commit repeats it: store by partition and offset, so that a repetition changes nothing."""
    if dict(record.headers() or []).get("schema") not in (b"1", b"2"):  # 2: events that are their own result
        raise ValueError(f"unknown schema at {record.partition()}:{record.offset()}")
    result = json.loads(record.value())
    names = [result[name] or "-" for name in ("provider", "dossierId", "processId", "status")]
    print(*names, f"{record.partition()}:{record.offset()}")


def main(arguments):
    to_end = "--to-end" in arguments
    words = [word for word in arguments if word != "--to-end"]
    if not 1 <= len(words) <= 3:
        print(__doc__, file=sys.stderr)
        return 2
    bootstrap, topic, group = (words + ["processes", "sample-reader"][len(words) - 1 :])[:3]
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "isolation.level": "read_committed",  # never the results of aborted transactions
            "auto.offset.reset": "earliest",  # a new group begins with the oldest result
            "enable.auto.commit": False,  # committed below, once results are handled
            "enable.partition.eof": to_end,
        }
    )
    consumer.subscribe([topic])
    ended = set()
    while not to_end or not ended or len(ended) < len(consumer.assignment()):
        handled = 0
        for record in consumer.consume(num_messages=500, timeout=1.0):
            if not record.error():
                handle(record)
                handled += 1
            elif record.error().code() == KafkaError._PARTITION_EOF:
                ended.add(record.partition())
            else:
                raise KafkaException(record.error())
        if handled:
            consumer.commit(asynchronous=False)
    consumer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
