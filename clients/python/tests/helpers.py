"""What the tests share: projects in temporary folders, child scripts, an independent reader of the formats."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(os.path.dirname(HERE), "src")
REPOSITORY = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
FAKE_ENGINE = f"{sys.executable} {os.path.join(HERE, 'fake_engine.py')}"
if SOURCE not in sys.path:
    sys.path.insert(0, SOURCE)


def read_spool(path):
    """(run id, points, valid end), written from docs/formats.md alone. Points are (name, step, value, at)."""
    with open(path, "rb") as file:
        data = file.read()
    magic, version, header, _spool_id, run_id = struct.unpack_from("<8sII8s26s", data)
    assert magic == b"DATMOSPL" and version == 1 and header == 64, (magic, version, header)
    assert data[50:60] == bytes(10)
    assert struct.unpack_from("<I", data, 60)[0] == zlib.crc32(data[:60])
    names, points, offset = {}, [], 64
    while offset + 32 <= len(data):
        step, value, at, number, check = struct.unpack_from("<qddII", data, offset)
        index = (offset - 64) // 32
        expected = (index * 2654435761 + number + 1) % 2**32
        if number == 0xFFFFFFFF:
            length = int(value) if 0 <= value <= 1000 else 0
            name = data[offset + 32 : offset + 32 + length]
            if check != zlib.crc32(name) ^ expected or len(name) < length:
                break
            names[step] = name.decode("utf-8")
            offset += 32 + -(-length // 32) * 32
            continue
        if check != expected:
            break
        points.append((names[number], step, value, at))
        offset += 32
    return run_id.decode("ascii"), points, offset


def read_journals(task_directory):
    """All whole lines, by file."""
    folder = os.path.join(task_directory, "journal")
    lines = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            whole, _, _torn = file.read().rpartition(b"\n")
        lines[name] = [json.loads(line) for line in whole.split(b"\n") if line]
    return lines


def merge(into, changes):
    """Deep-merges mappings in place."""
    for key, value in changes.items():
        if isinstance(into.get(key), dict) and isinstance(value, dict):
            merge(into[key], value)
        else:
            into[key] = value


def make_project(folder):
    """The least that makes a folder a project."""
    os.mkdir(os.path.join(folder, ".datmo"), 0o700)
    with open(os.path.join(folder, ".datmo", "format"), "w", encoding="utf-8") as file:
        file.write('{"layout":1,"project":"00000000-0000-4000-8000-000000000000"}\n')


class ProjectTest(unittest.TestCase):
    """A project for each test, and child scripts in it."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="datmo-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.messages = io.StringIO()
        hide = contextlib.redirect_stderr(self.messages)
        hide.__enter__()
        self.addCleanup(hide.__exit__, None, None, None)
        make_project(self.folder)
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": self.folder,
            "PYTHONPATH": os.pathsep.join([SOURCE, HERE]),
            "DATMO_NODE": os.path.join(self.folder, "no-node"),
        }

    def script(self, code, *arguments, check=0, timeout=60, python=sys.executable, **variables):
        """Runs the code as `script.py` of the project; answers its result with text output."""
        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(code)
        done = subprocess.run(
            [python, path, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check is not None:
            self.assertEqual(done.returncode, check, done.stdout + done.stderr)
        return done

    def start(self, code, *arguments, **variables):
        """Starts the code and answers the process, with its output as a pipe."""
        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(code)
        return subprocess.Popen(
            [sys.executable, "-u", path, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def task_directory(self):
        """Folder of the only run."""
        tasks = os.path.join(self.folder, ".datmo", "tasks")
        (only,) = os.listdir(tasks)
        return os.path.join(tasks, only)

    def points(self, task_directory=None):
        """Every point of the only run, over all of its spools."""
        folder = os.path.join(task_directory or self.task_directory(), "spool")
        names = sorted(name for name in os.listdir(folder) if name.endswith(".bin"))  # others are not begun yet
        return [point for name in names for point in read_spool(os.path.join(folder, name))[1]]

    def lines(self, kind=None):
        """Journal lines of the only run, of all processes, in the order of time."""
        lines = [line for lines in read_journals(self.task_directory()).values() for line in lines]
        return sorted((line for line in lines if kind in (None, line["type"])), key=lambda line: line["at"])

    def config(self):
        """Config of the only run: what it began with and what was added."""
        config = {}
        for line in self.lines():
            merge(config, line.get("run", line).get("config", {}))
        return config

    def summary(self):
        """Summary of the only run."""
        return {key: value for line in self.lines("summary") for key, value in line["summary"].items()}

    def series(self, name):
        """(step, value) of one metric of the only run, in the order of time."""
        return [(step, value) for key, step, value, _at in sorted(self.points(), key=lambda p: p[3]) if key == name]

    def end(self):
        """The only `end` line."""
        (line,) = self.lines("end")
        return {key: value for key, value in line.items() if key not in ("v", "type", "at")}

    def fake_log(self):
        """What the fake engine was sent, in order."""
        with open(os.path.join(self.folder, "fake-engine.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]
