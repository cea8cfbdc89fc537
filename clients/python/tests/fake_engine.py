"""An engine for tests: answers by rote and writes down what it was sent.

FAKE_ENGINE_LOG names the file. FAKE_ENGINE_DO makes it misbehave: `die:METHOD` (killed when METHOD comes), `mute:METHOD`
(never answers it), `garbage` (prints text instead of the handshake), `old` (refuses the version), `slow` (one byte at
a time), `error:METHOD`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time

LOG = os.environ.get("FAKE_ENGINE_LOG") or os.path.join(os.getcwd(), "fake-engine.jsonl")
WHAT, _, WHICH = os.environ.get("FAKE_ENGINE_DO", "").partition(":")
RUN = {"name": "quiet-heron", "type": "script", "origin": "recorded", "status": "running", "config": {}, "metrics": {}}


def write_down(entry):
    # The test may be over, and its folder gone.
    with contextlib.suppress(FileNotFoundError), open(LOG, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            return None
        if line.strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        elif length:
            return json.loads(sys.stdin.buffer.read(length))


def send(message):
    body = json.dumps(message).encode()
    data = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    for part in [data[n : n + 1] for n in range(len(data))] if WHAT == "slow" else [data]:
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": 1, "engine": {"name": "datmo", "version": "0"}, "capabilities": {}}
    if method == "project.create":
        os.makedirs(os.path.join(params["directory"], ".datmo"), exist_ok=True)
        with open(os.path.join(params["directory"], ".datmo", "format"), "w", encoding="utf-8") as file:
            file.write('{"layout":1,"project":"x"}')
        return {"project": {"directory": params["directory"]}, "created": True}
    if method in ("run.create", "run.finish", "run.get", "run.start"):
        return {"run": {**RUN, "id": params.get("id", "a" * 26)}}
    if method == "metric.log":
        return {"points": 1, "durableTo": params["spool"]["to"]}
    if method == "metric.list":
        return {"items": [{"name": "loss", "lastStep": 41}]}
    if method == "snapshot.create":
        return {"snapshot": {"id": "s" * 26, **params}, "created": True}
    return {}


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    write_down({"start": os.getpid(), "argv": sys.argv[1:], "session": os.getsid(0) == os.getpid()})
    if WHAT == "garbage":
        print("Hello from a library that prints on import", flush=True)
    for message in iter(read, None):
        method = message.get("method")
        write_down({"method": method, "params": message.get("params"), "at": time.time()})
        if WHAT == "die" and WHICH == method:
            os.kill(os.getpid(), signal.SIGKILL)
        if "id" not in message or (WHAT == "mute" and WHICH == method):
            continue
        if WHAT == "old" and method == "initialize":
            data = {"kind": "PROTOCOL_VERSION_UNSUPPORTED", "details": {"engine": 9, "client": 1}}
            send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": 1700, "message": "too new", "data": data}})
        elif WHAT == "error" and WHICH == method:
            data = {"kind": "RUN_NOT_FOUND", "details": {"id": "x"}, "hint": "Look again."}
            send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": 1100, "message": "No run.", "data": data}})
        else:
            send({"jsonrpc": "2.0", "method": "$/logMessage", "params": {"level": "info", "message": "x", "at": ""}})
            send({"jsonrpc": "2.0", "id": message["id"], "result": answer(method, message.get("params") or {})})
    write_down({"end": "end of input"})


main()
