"""A plugin in Python, spoken to as the engine does."""

import os
import subprocess
import sys
import tempfile
import unittest

from datmo._framing import FrameReader, encode_frame

PLUGIN = """
import subprocess, sys, threading, datmo.plugin

def echo(params, engine):
    print("said aloud")
    subprocess.run(["echo", "said by a program"])
    return {"params": params, "project": engine.project_directory, "granted": engine.granted}

def wait(params, engine):
    while not engine.cancelled:
        threading.Event().wait(0.01)
    return "cancelled"

def fail(params, engine):
    raise KeyError("x")

def leave(params, engine):
    sys.exit("enough")

def ask(params, engine):
    try:
        return engine.request(params["method"])
    except datmo.DatmoError as error:
        return [error.kind, error.details]

def told(events, engine):
    engine.request("run.get", {"id": events[0]["runId"]})

datmo.plugin.serve({
    "commands": {"echo": echo, "wait": wait, "fail": fail, "leave": leave, "ask": ask, "set": lambda p, e: {1}},
    "hooks": {"run.finished": told},
    "calls": {"importer.open": lambda params, engine: {"opened": params["path"]}},
    "provides": ["importer csv"],
})
"""


class PluginServe(unittest.TestCase):
    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
            file.write(PLUGIN)
        self.addCleanup(os.unlink, file.name)
        self.plugin = subprocess.Popen(
            [sys.executable, file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self.addCleanup(self.end)
        self.reader = FrameReader(lambda size: os.read(self.plugin.stdout.fileno(), size))
        self.send(id=1, method="initialize", params={"projectDirectory": "/project", "granted": {"read": ["data"]}})
        self.welcome = self.reader.next()

    def end(self):
        if self.plugin.stdin.closed:
            return None
        self.plugin.stdin.close()
        self.printed = self.plugin.stderr.read().decode()
        code = self.plugin.wait(30)
        self.plugin.stdout.close()
        self.plugin.stderr.close()
        return code

    def send(self, **message):
        self.plugin.stdin.write(encode_frame({"jsonrpc": "2.0", **message}))

    def command(self, number, name, **params):
        self.send(id=number, method="command.call", params={"name": name, "params": params})

    def test_says_what_it_provides(self):
        names = ["echo", "wait", "fail", "leave", "ask", "set"]
        provides = [*(f"command {name}" for name in names), "hook run.finished", "importer csv"]
        self.assertEqual(self.welcome["result"], {"provides": provides})

    def test_answers_and_prints_elsewhere(self):
        self.command(2, "echo", a=[1, "ü"])
        result = {"params": {"a": [1, "ü"]}, "project": "/project", "granted": {"read": ["data"]}}
        self.assertEqual(self.reader.next(), {"jsonrpc": "2.0", "id": 2, "result": {"result": result}})
        self.assertEqual(self.end(), 0)
        self.assertEqual(sorted(self.printed.split("\n")), ["", "said aloud", "said by a program"])

    def test_answers_calls_that_are_open_at_once_and_hears_of_cancelling(self):
        self.command(2, "wait")
        self.command(3, "echo")
        self.assertEqual(self.reader.next()["id"], 3)
        self.send(method="$/cancelRequest", params={"id": 2})
        self.assertEqual(self.reader.next()["result"], {"result": "cancelled"})

    def test_tells_errors_by_kind(self):
        for name, kind, message in [
            ("fail", "KeyError", "'x'"),
            ("leave", "SystemExit", "enough"),
            ("set", "TypeError", "Object of type set is not JSON serializable"),
        ]:
            self.command(2, name)
            self.assertEqual(self.reader.next()["error"], {"code": 1, "message": message, "data": {"kind": kind}})
        self.send(id=3, method="exporter.open", params={})
        self.assertEqual(self.reader.next()["error"]["data"]["kind"], "LookupError")

    def test_asks_the_engine(self):
        self.command(2, "ask", method="run.list")
        asked = self.reader.next()
        self.assertEqual([asked["method"], asked["params"]], ["run.list", {}])
        self.send(id=asked["id"], result={"items": []})
        self.assertEqual(self.reader.next()["result"], {"result": {"items": []}})
        self.command(3, "ask", method="run.get")
        error = {"code": 1605, "message": "No.", "data": {"kind": "PLUGIN_PERMISSION_DENIED", "details": {"act": "x"}}}
        self.send(id=self.reader.next()["id"], error=error)
        self.assertEqual(self.reader.next()["result"], {"result": ["PLUGIN_PERMISSION_DENIED", {"act": "x"}]})

    def test_is_told_of_events_and_answers_other_kinds(self):
        self.send(id=2, method="hook.deliver", params={"event": "run.finished", "events": [{"runId": "r"}]})
        asked = self.reader.next()
        self.assertEqual([asked["method"], asked["params"]], ["run.get", {"id": "r"}])
        self.send(id=asked["id"], result={})
        self.assertEqual(self.reader.next(), {"jsonrpc": "2.0", "id": 2, "result": {}})
        self.send(id=3, method="importer.open", params={"path": "x"})
        self.assertEqual(self.reader.next()["result"], {"opened": "x"})


if __name__ == "__main__":
    unittest.main()
