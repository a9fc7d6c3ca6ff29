#!/usr/bin/python3
"""usage: production.py PROJECT BIN BOOTSTRAP_FILE

Runs the commands of ops/docs/production.md, in their order, as they are written but for the addresses: against a real broker,
with the binaries of BIN and assure-sim. Each must end with status 0.
"""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import uuid

LIMIT = 120  # seconds, for a busy machine
BEFORE_THE_START = "ingest --config ingest.yaml --check --online"
START = "sluicectl send "
# What changes something is run once; the others until all has settled.
RUN_ONCE = (START, "sluicectl topics create", "ops/prometheus/render")


def commands(page):
    return [line[4:] for line in page.read_text().splitlines() if re.match(r"    \S", line)]


def wait_for(condition, what):
    deadline = time.monotonic() + LIMIT
    while (found := condition()) is None:
        if time.monotonic() > deadline:
            raise SystemExit(what())
        time.sleep(0.1)
    return found


@contextlib.contextmanager
def running(folder, program, *arguments):
    """A program that logs to FOLDER/NAME.log, and ends with this block."""
    log = folder / f"{pathlib.Path(program).name}.log"
    with log.open("w") as out:
        process = subprocess.Popen([program, *arguments], stdout=out, stderr=out, cwd=folder)
    try:
        yield lambda event: wait_for(lambda: logged(log, event, process), lambda: f"no {event}: {log.read_text()}")
    finally:
        process.terminate()
        process.wait()


def logged(log, event, process):
    """The fields of the event; None if it is not in the log yet."""
    for line in log.read_text().splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            if (fields := json.loads(line)).get("event") == event:
                return fields
    if process.poll() is not None:
        raise SystemExit(f"it has ended: {log.read_text()}")
    return None


def configure(folder, bootstrap, api):
    name = uuid.uuid4().hex[:8]
    topics = {key: f"production-{name}.{key}" for key in ("callbacks", "seen", "processes", "dead", "expected")}
    kafka = {"bootstrap.servers": bootstrap}
    (folder / "onfido").write_text("Bearer made-up\n")
    (folder / "client-secret").write_text("made-up")
    files = {
        "ingest.yaml": {
            "listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "kafka": kafka,
            "topics": {key: topics[key] for key in ("callbacks", "expected")}, "spool": {"path": str(folder / "spool.db")},
            "providers": {"onfido": {"authorization_file": str(folder / "onfido")}}},
        "consumer.yaml": {
            "admin": "127.0.0.1:0", "group": f"production-{name}", "instance": "consumer-0", "kafka": kafka, "topics": topics,
            "assure": {"base_url": f"{api}/assure", "token_url": f"{api}/auth/open/connect/token", "client_id": "made-up",
                       "client_secret_file": str(folder / "client-secret")}},
    }
    for file, content in files.items():
        (folder / file).write_text(json.dumps(content))  # JSON is YAML.


def run(command, folder, path):
    def once():
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env={**os.environ, "PATH": path},
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr, done.returncode

    last = once()
    deadline = time.monotonic() + LIMIT
    while last[1] and not command.startswith(RUN_ONCE) and time.monotonic() < deadline:
        time.sleep(0.5)
        last = once()
    print(f"{'ok' if not last[1] else 'FAILED'}: {command}", flush=True)
    if last[1]:
        raise SystemExit(f"status {last[1]}\n{last[0]}")


def main():
    project, bin_folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    wanted = commands(project / "ops/docs/production.md")
    for needed in (BEFORE_THE_START, START):
        if not any(command.startswith(needed) for command in wanted):
            raise SystemExit(f"the page has no {needed}")
    with contextlib.ExitStack() as programs:
        folder = pathlib.Path(programs.enter_context(tempfile.TemporaryDirectory()))
        (folder / "ops").symlink_to(project / "ops")
        path = f"{bin_folder}:{os.environ['PATH']}"
        api = programs.enter_context(running(folder, f"{bin_folder}/assure-sim", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"))
        port = api("simulator.listening")["port"]
        configure(folder, pathlib.Path(sys.argv[3]).read_text().strip(), f"http://127.0.0.1:{port}")
        addresses = {}
        for command in wanted:
            if command.startswith(START):
                ingest = programs.enter_context(running(folder, f"{bin_folder}/ingest", "--config", "ingest.yaml"))("ingest.listening")
                consumer = programs.enter_context(running(folder, f"{bin_folder}/consumer", "--config", "consumer.yaml"))("consumer.started")
                addresses = {"127.0.0.1:8080": ingest["port"], "127.0.0.1:9100": ingest["admin_port"],
                             "127.0.0.1:9101": consumer["admin_port"]}
            for address, free in addresses.items():
                command = command.replace(address, f"127.0.0.1:{free}")
            run(command, folder, path)
    print(f"{len(wanted)} commands")


if __name__ == "__main__":
    main()
