"""Types for users, and that every supported Python can read the package."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

from helpers import HERE, REPOSITORY, SOURCE
from packages import needs

import datmo

PACKAGE = os.path.join(SOURCE, "datmo")
USER = """
import datmo
from datmo import Run

run: Run = datmo.init(config={"lr": 0.1}, resume=True, id="x")
run.log({"loss": 0.5}, step=1, commit=False)
run.config.lr = 1
datmo.log({"image": datmo.Image("x.png", caption="c")})
executed = datmo.run(["python", "x.py"], gpu=1, memory="4g")
reveal_type(executed.status)
reveal_type(datmo.runs()[0].metrics)
reveal_type(datmo.runs()[0].history("loss").to_pandas())
reveal_type(datmo.environment.list()[0]["name"])
reveal_type(datmo.task.run("abcd").exit_code)
reveal_type(datmo.Engine().methods.run_list({"limit": 3})["items"][0]["status"])
reveal_type(datmo.snapshot.get("x").message)
datmo.task.get()
datmo.queue.add("true", nothing=1)
"""


def mypy(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], capture_output=True, text=True, timeout=400, check=False, cwd=REPOSITORY
    )
    return done.stdout + done.stderr


class Types(unittest.TestCase):
    @needs("mypy")
    def test_the_package_is_strict(self):
        with tempfile.TemporaryDirectory() as cache:
            options = ("--config-file", "clients/python/pyproject.toml", "--cache-dir", cache)
            # The oldest that mypy still knows.
            self.assertIn("Success", mypy(*options, "--python-version", "3.10", PACKAGE))

    @needs("mypy")
    def test_a_users_script_gets_types(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "user.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(USER)
            done = subprocess.run(
                [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder, path],
                env={**os.environ, "MYPYPATH": SOURCE}, capture_output=True, text=True, timeout=400, check=False,
            )
            told = [line.split(": ", 2)[1:] for line in done.stdout.splitlines() if line.startswith(path)]
            types = [text.partition('"')[2].rstrip('"') for kind, text in told if kind == "note" and "Revealed" in text]
            self.assertEqual(
                [name.replace("builtins.", "") for name in types],
                [
                    "str", "dict[str, float]", "Any", "str", "int | None",
                    "Literal['queued'] | Literal['preparing'] | Literal['running'] | Literal['succeeded'] | "
                    "Literal['failed'] | Literal['stopped'] | Literal['lost']", "str",
                ],
                done.stdout,
            )  # fmt: skip
            errors = [text for kind, text in told if kind == "error"]
            self.assertEqual(len(errors), 2, done.stdout)
            self.assertIn('Missing positional argument "id"', errors[0])
            self.assertIn('Unexpected keyword argument "nothing"', errors[1])

    def test_every_method_of_the_protocol_has_a_function(self):
        with open(os.path.join(REPOSITORY, "protocol", "openrpc.json"), encoding="utf-8") as file:
            methods = [method["name"] for method in json.load(file)["methods"]]
        for method in methods:
            noun, _, verb = method.partition(".")
            if not verb or method.startswith("$"):
                continue
            name = method.replace(".", "_")
            self.assertTrue(hasattr(datmo.Engine().methods, snake(name)), method)
            if noun not in ("run", "config", "snapshot"):
                self.assertTrue(callable(getattr(getattr(datmo, noun), snake(verb))), method)
                self.assertTrue(getattr(getattr(datmo, noun), snake(verb)).__doc__, method)

    def test_every_public_name_is_there(self):
        for name in (*datmo.__all__, *dir(datmo)):
            getattr(datmo, name)


class Versions(unittest.TestCase):
    @needs("vermin")
    def test_nothing_newer_than_python_3_9_is_used(self):
        done = subprocess.run(
            # Annotations are never evaluated; `tomllib` is asked for where it may be missing.
            [sys.executable, "-c", "import vermin; vermin.main()", "-t=3.9-", "--no-eval-annotations", "--no-parse-comments", "--violations",
             "--exclude", "tomllib", PACKAGE],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(os.environ.get("DATMO_TEST_PYTHONS"), "needs DATMO_TEST_PYTHONS: see tests/other_pythons.sh")
    def test_other_pythons(self):
        parts = ("test_connection", "test_familiar", "test_framing", "test_joined", "test_recorded", "test_spool")
        if importlib.util.find_spec("numpy") is None:
            self.fail("this Python must have numpy, so that only the others go without")
        for python in os.environ["DATMO_TEST_PYTHONS"].split(os.pathsep):
            with self.subTest(python):
                done = subprocess.run(
                    [python, "-m", "unittest", *parts, "test_values.Plain", "test_integrations.Imports"],
                    cwd=HERE, capture_output=True, text=True, timeout=600, check=False,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join([SOURCE, HERE]), "DATMO_TEST_TORCH_PYTHON": ""},
                )  # fmt: skip
                self.assertEqual(done.returncode, 0, done.stderr[-5000:])


def snake(name):
    """`environment_setUp` becomes `environment_set_up`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


if __name__ == "__main__":
    unittest.main()
