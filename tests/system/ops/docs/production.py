#!/usr/bin/python3
"""usage: production.py PROJECT BIN

Runs the commands of ops/docs/production.md, in their order, as they are written but for the addresses: against a real broker,
with the binaries of BIN and assure-sim. Each must end with status 0. Those about a lost cluster run after one is lost, with all
its data, and what the page says of it must be so.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

LIMIT = 120  # seconds, for a busy machine
BEFORE_THE_START = "ingest --config ingest.yaml --check --online"
START = "sluicectl send "
LOST = "A lost cluster, and a restored one"
# What changes something is run once; the others until all has settled.
RUN_ONCE = (START, "sluicectl topics create", "ops/prometheus/render")


def commands(page):
    """(heading of its section, command) of each."""
    heading, found = None, []
    for line in page.read_text().splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif re.match(r"    \S", line):
            found.append((heading, line[4:]))
    return found


def wait_for(condition, what):
    deadline = time.monotonic() + LIMIT
    while (found := condition()) is None:
        if time.monotonic() > deadline:
            raise SystemExit(what())
        time.sleep(0.1)
    return found


class Program:
    """A program that logs to FOLDER/NAME.log; stop() ends it."""

    def __init__(self, folder, program, *arguments):
        self.log = folder / f"{pathlib.Path(program).name}.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen([program, *arguments], stdout=out, stderr=out, cwd=folder)

    def await_event(self, event):
        """Its fields."""
        return wait_for(lambda: logged(self.log, event, self.process), lambda: f"no {event}: {self.log.read_text()}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()


def logged(log, event, process):
    """The fields of the event; None if it is not in the log yet."""
    for line in log.read_text().splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            if (fields := json.loads(line)).get("event") == event:
                return fields
    if process.poll() is not None:
        raise SystemExit(f"it has ended: {log.read_text()}")
    return None


class Cluster:
    """A broker of our own, whose data can be lost."""

    def __init__(self, project, folder):
        self.project, self.folder = project, folder
        done = subprocess.run([project / "ops/kafka/start", "--fresh", "--dir", folder, "--owner", str(os.getpid())],
                              stdout=subprocess.PIPE, text=True, check=True)
        self.bootstrap = done.stdout.strip()

    def lose(self):
        subprocess.run([self.project / "ops/kafka/stop", "--now", "--dir", self.folder], check=True)
        for node in self.folder.glob("node-*"):
            if node.is_dir():
                shutil.rmtree(node)


class World:
    """What the page supposes: configurations, and the programs once they are started."""

    def __init__(self, project, bin_folder, folder, ends):
        """`ends`: an ExitStack that ends what this starts."""
        self.project, self.bin, self.folder, self.ends = project, bin_folder, folder, ends
        self.path = f"{bin_folder}:{os.environ['PATH']}"
        self.addresses, self.programs = {}, {}
        self.clusters = 0
        self.api = Program(folder, f"{bin_folder}/assure-sim", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
        ends.callback(self.api.stop)
        self.api_address = f"http://127.0.0.1:{self.api.await_event('simulator.listening')['port']}"
        (folder / "ops").symlink_to(project / "ops")
        (folder / "onfido").write_text("Bearer made-up\n")
        (folder / "client-secret").write_text("made-up")
        self.name = uuid.uuid4().hex[:8]
        ends.callback(self.stop)
        self.get_a_cluster()

    def get_a_cluster(self):
        self.clusters += 1
        self.cluster = Cluster(self.project, self.folder / f"kafka-{self.clusters}")
        self.ends.callback(self.cluster.lose)
        self.configure()

    def configure(self):
        topics = {key: f"production-{self.name}.{key}" for key in ("callbacks", "seen", "processes", "dead", "expected")}
        kafka = {"bootstrap.servers": self.cluster.bootstrap}
        secret = {"authorization_file": str(self.folder / "onfido")}
        files = {
            "ingest.yaml": {
                "listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "kafka": kafka, "drain_delay": "0s",
                "topics": {key: topics[key] for key in ("callbacks", "expected")},
                "spool": {"path": str(self.folder / "spool.db")}, "providers": {"onfido": secret, "paper": secret}},
            "consumer.yaml": {
                "admin": "127.0.0.1:0", "group": f"production-{self.name}", "instance": "consumer-0", "kafka": kafka,
                "topics": topics,
                "assure": {"base_url": f"{self.api_address}/assure", "token_url": f"{self.api_address}/auth/open/connect/token",
                           "client_id": "made-up", "client_secret_file": str(self.folder / "client-secret")}},
        }
        for file, content in files.items():
            (self.folder / file).write_text(json.dumps(content))  # JSON is YAML.

    def start(self):
        """Both programs, anew if they run."""
        self.stop()
        ingest, consumer = (self.programs.setdefault(name, Program(self.folder, f"{self.bin}/{name}", "--config", f"{name}.yaml"))
                            for name in ("ingest", "consumer"))
        listening, started = ingest.await_event("ingest.listening"), consumer.await_event("consumer.started")
        self.addresses = {"127.0.0.1:8080": listening["port"], "127.0.0.1:9100": listening["admin_port"],
                          "127.0.0.1:9101": started["admin_port"]}

    def stop(self, *names):
        for name in names or list(self.programs):
            if name in self.programs:
                self.programs.pop(name).stop()

    def once(self, command):
        """(output, status)"""
        for address, free in self.addresses.items():
            command = command.replace(address, f"127.0.0.1:{free}")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, env={**os.environ, "PATH": self.path},
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr, done.returncode

    def run(self, command):
        last = self.once(command)
        deadline = time.monotonic() + LIMIT
        while last[1] and not command.startswith(RUN_ONCE) and time.monotonic() < deadline:
            time.sleep(0.5)
            last = self.once(command)
        print(f"{'ok' if not last[1] else 'FAILED'}: {command}", flush=True)
        if last[1]:
            raise SystemExit(f"status {last[1]}\n{last[0]}")

    def send(self, provider, process):
        self.run(f"sluicectl send --target http://127.0.0.1:8080 --provider {provider} --authorization-file onfido "
                 f"--dossier {process.replace('process', 'dossier')} --process {process}")

    def verdict(self, process):
        output, status = self.once(f"sluicectl trace --config consumer.yaml --json {process}")
        return json.loads(output)["verdict"] if status == 0 else f"status {status}"

    def expect_verdict(self, process, wanted):
        wait_for(lambda: True if self.verdict(process) == wanted else None,
                 lambda: f"{process} is {self.verdict(process)}, not {wanted}")


def lose_the_cluster(world):
    """A callback that nobody has handled goes with it; another one is in the spool."""
    world.stop("consumer")
    world.send("onfido", "unhandled-process")
    world.expect_verdict("unhandled-process", "waiting")
    world.cluster.lose()
    world.send("paper", "spooled-process")
    world.get_a_cluster()


def check_what_is_left(world):
    """What is in the spool is published, once; the rest is gone, and comes anew if it is sent again."""
    world.expect_verdict("spooled-process", "published")
    for lost in ("first-process", "unhandled-process"):
        world.expect_verdict(lost, "status 4")
    world.send("onfido", "first-process")
    world.expect_verdict("first-process", "published")
    output, status = world.once("sluicectl audit --config consumer.yaml --since 24h --json 2>/dev/null")
    sums = json.loads(output)["summary"]
    if status or (sums["callbacks"], sums["missing"], sums["surplus"]) != (2, 0, 0):
        raise SystemExit(f"the audit of the new cluster: status {status}, {output}")


def main():
    project, bin_folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    wanted = commands(project / "ops/docs/production.md")
    for needed in (BEFORE_THE_START, START):
        if not any(command.startswith(needed) for _, command in wanted):
            raise SystemExit(f"the page has no {needed}")
    if not any(heading == LOST for heading, _ in wanted):
        raise SystemExit(f"the page has no commands about {LOST}")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        play(World(project, bin_folder, pathlib.Path(folder), ends), wanted)
    print(f"{len(wanted)} commands")


def play(world, wanted):
    before, is_restarted = None, False
    for heading, command in wanted:
        if heading == LOST and before != LOST:
            lose_the_cluster(world)
        elif before == LOST and heading != LOST:
            check_what_is_left(world)
        if command.startswith(START):
            world.start()
        if heading == LOST and not is_restarted and not command.startswith("sluicectl topics"):
            is_restarted = True
            world.start()
        world.run(command)
        before = heading


if __name__ == "__main__":
    main()
