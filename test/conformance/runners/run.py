"""Runs scenarios with the Python client (../README.md): ``python3 run.py SCENARIO.json…`` or ``--steps FILE``."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
if "DATMO_CONFORMANCE_INSTALLED" not in os.environ:
    sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "clients", "python", "src"))

import datmo
from datmo._framing import FrameReader, encode_frame
from matching import differences, pick, resolve

WAIT_SECONDS = 120


class Failed(Exception):
    """A step did not come out as it should."""


class Scenario:
    """One scenario in the current folder."""

    def __init__(self):
        self.folder = os.getcwd()
        self.saved = {}
        self.sent = {}
        self.engine = datmo.Engine(self.folder)
        self.run = None

    def carry_out(self, steps):
        for number, step in enumerate(steps, 1):
            try:
                getattr(self, "do_" + step["do"])(step)
            except Exception as error:
                where = "" if isinstance(error, Failed) else traceback.format_exc(limit=-2)
                raise Failed(number, f"{step['do']}: {error} {where}".strip()) from error

    def close(self):
        self.engine.close()
        if self.run is not None:
            self.run.finish()

    # Requests.

    def do_call(self, step):
        params = resolve(step.get("params", {}), self.saved)
        self._hold(step, lambda: self.engine.request(step["method"], params))

    def do_send(self, step):
        params = resolve(step.get("params", {}), self.saved)
        self.sent[step["as"]] = self.engine._connected().send(step["method"], params)

    def do_cancel(self, step):
        self.engine._connected().notify("$/cancelRequest", {"id": self.sent[step["of"]].id})

    def do_answer(self, step):
        pending = self.sent.pop(step["of"])
        if not pending.wait(WAIT_SECONDS):
            raise Failed(f"no answer within {WAIT_SECONDS} s")
        self._hold(step, pending.result)

    def _hold(self, step, ask):
        try:
            result = ask()
        except datmo.DatmoError as error:
            told = {key: getattr(error, key) for key in ("kind", "code", "message", "hint", "details")}
            if "error" in step:
                self._match(step["error"], told)
            elif error.kind == step.get("notError", error.kind):
                raise Failed(f"{error.kind}: {error}") from None
            return
        if "error" in step:
            raise Failed(f"expected the error {step['error']}, got {result!r:.300}")
        if "expect" in step:
            self._match(step["expect"], result)
        for name, path in step.get("save", {}).items():
            self.saved[name] = pick(result, path)

    def _match(self, expected, got):
        found = differences(resolve(expected, self.saved), got)
        if found:
            raise Failed("; ".join(found[:5]))

    # The engine and the connection.

    def do_kill(self, step):
        connection = self.engine._connected()
        os.kill(connection.process.pid, signal.SIGKILL)
        if connection.process.ended(WAIT_SECONDS) is None:
            raise Failed("the engine lives on")
        _wait_for(lambda: not connection.alive, "the client has not noticed")

    def do_disconnect(self, step):
        self.engine.close()

    def do_connect(self, step):
        self.engine = datmo.Engine(self.folder)

    def do_echo(self, step):
        frame = encode_frame(step["value"])
        places = iter(range(0, len(frame), 7))
        read = FrameReader(lambda size: frame[start : start + 7] if (start := next(places, None)) is not None else b"")
        back = read.next()
        if back != step["value"]:
            raise Failed(f"came back as {back!r:.300}")

    # A recorded run.

    def do_init(self, step):
        words = {key: step[key] for key in ("name", "tags", "group") if key in step}
        config = resolve(step.get("config"), self.saved)
        self.run = datmo.init(config=config, notes=step.get("note"), snapshots=False, capture=False, **words)
        self.saved["run"] = self.run.id

    def do_log(self, step):
        self.run.log(resolve(step["values"], self.saved), step.get("step"))

    def do_logMany(self, step):
        log, name, divide = self.run.log, step["name"], step["divide"]
        for index in range(step["count"]):
            log({name: index / divide}, index)

    def do_config(self, step):
        self.run.config.update(resolve(step["values"], self.saved))

    def do_summary(self, step):
        self.run.summary.update(resolve(step["values"], self.saved))

    def do_tag(self, step):
        self.run.tag(*step["tags"])

    def do_note(self, step):
        self.run.note(resolve(step["text"], self.saved))

    def do_logFile(self, step):
        self.run.log_file(step["path"])

    def do_finish(self, step):
        self.run.finish(step.get("exitCode", 0))
        self.run = None

    def do_killRecorder(self, step):
        sender = self.run._sender
        _wait_for(lambda: sender.name is not None, "the run is not known to its engine")
        os.kill(sender._connection.process.pid, signal.SIGKILL)
        _wait_for(lambda: not sender._connection.alive, "the client has not noticed")

    # Processes and files.

    def do_process(self, step):
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump({"steps": step["steps"]}, file)
        try:
            words = [sys.executable, os.path.abspath(__file__), "--steps", file.name]
            done = subprocess.run(words, cwd=self.folder, stdout=subprocess.PIPE, timeout=WAIT_SECONDS, check=False)
        finally:
            os.unlink(file.name)
        ends = -signal.SIGKILL if step.get("ends") == "killed" else step.get("ends", 0)
        if done.returncode != ends:
            raise Failed(f"ended with {done.returncode}: {done.stdout.decode()}")

    def do_die(self, step):
        os.kill(os.getpid(), signal.SIGKILL)

    def do_write(self, step):
        with open(step["path"], "w", encoding="utf-8", newline="") as file:
            file.write(resolve(step["text"], self.saved))

    def do_checkMany(self, step):
        points = self.engine.request("metric.history", {"runId": self.saved["run"], "name": step["name"]})["points"]
        wanted = [index / step["divide"] for index in range(step["count"])]
        if points["step"] != list(range(step["count"])) or points["value"] != wanted:
            raise Failed(f"{len(points['step'])} points that are not the {step['count']} that were logged")


def _wait_for(condition, complaint):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(complaint)
        time.sleep(0.005)


def _run_file(path):
    name = os.path.basename(path)[: -len(".json")]
    with open(path, encoding="utf-8") as file:
        scenario = json.load(file)
    before = os.getcwd()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="datmo-conformance-"))
    os.chdir(folder)
    running = Scenario()
    try:
        if scenario.get("project", True):
            running.engine.request("project.create", {})
        running.carry_out(scenario["steps"])
        return {"scenario": name, "ok": True}
    except Failed as failure:
        step, problem = failure.args
        return {"scenario": name, "ok": False, "step": step, "problem": problem}
    except Exception:
        return {"scenario": name, "ok": False, "step": 0, "problem": traceback.format_exc(limit=-2)}
    finally:
        running.close()
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    if sys.argv[1] == "--steps":
        with open(sys.argv[2], encoding="utf-8") as file:
            steps = json.load(file)["steps"]
        running = Scenario()
        try:
            running.carry_out(steps)
        except Failed as failure:
            sys.exit(f"step {failure.args[0]}: {failure.args[1]}")
        finally:
            running.close()
        return
    for path in map(os.path.abspath, sys.argv[1:]):
        print(json.dumps(_run_file(path)), flush=True)


if __name__ == "__main__":
    main()
