#!/usr/bin/python3
"""usage: watchdog.py BIN

Plays the service manager for both programs: each must give signs of life to the watchdog as long as it runs, also without Kafka,
and none while it is frozen.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

CONFIGURATIONS = {
    "ingest": {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "kafka": {"bootstrap.servers": "127.0.0.1:1"},
               "providers": {"onfido": {"auth": "none"}}},
    "consumer": {"admin": "127.0.0.1:0", "instance": "a", "kafka": {"bootstrap.servers": "127.0.0.1:1"},
                 "assure": {"base_url": "http://127.0.0.1:1", "token_url": "http://127.0.0.1:1", "client_id": "a",
                            "client_secret": "a"}},
}
SIGN = b"WATCHDOG=1"
LIMIT = 60  # seconds, for a busy machine


def take_all(manager):
    manager.setblocking(False)
    try:
        while manager.recv(64):
            pass
    except BlockingIOError:
        manager.settimeout(LIMIT)


def state_of(process):
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def watch(program, folder):
    """What is wrong; empty if all is well."""
    config = folder / f"{program}.yaml"
    config.write_text(json.dumps(CONFIGURATIONS[program]))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / f"{program}.notify"))
        manager.settimeout(LIMIT)
        environment = {**os.environ, "NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "400000"}
        with subprocess.Popen([f"{sys.argv[1]}/{program}", "--config", config], env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                for _ in range(5):
                    if (sign := manager.recv(64)) != SIGN:
                        return f"{program} says {sign}"
                process.send_signal(signal.SIGSTOP)
                while state_of(process) != "T":
                    pass
                take_all(manager)
                manager.settimeout(1)  # Ten signs of one that works.
                try:
                    return f"{program} is frozen, but says {manager.recv(64)}"
                except TimeoutError:
                    manager.settimeout(LIMIT)
                process.send_signal(signal.SIGCONT)
                if (sign := manager.recv(64)) != SIGN:
                    return f"{program} works again, but says {sign}"
            except TimeoutError:
                return f"{program} gives no sign of life"
            finally:
                process.kill()
    return ""


def main():
    with tempfile.TemporaryDirectory() as folder:
        mistakes = [found for program in CONFIGURATIONS if (found := watch(program, pathlib.Path(folder)))]
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
