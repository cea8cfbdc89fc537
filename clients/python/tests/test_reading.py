"""Looking runs up, their histories, and both as tables of pandas and Arrow; what a notebook shows."""

from __future__ import annotations

import os
import sys
import unittest

from packages import needs
from with_engine import WithEngine

import datmo

WRITE = (
    "import datmo\n"
    "for lr in (0.1, 'auto', None):\n"
    "    run = datmo.init(config={'lr': lr, 'net': {'n': 3}}, name=f'r{lr}', tags=['<b>'], snapshots=False)\n"
    "    for i in range(5): run.log({'loss': 1 / (i + 1), 'acc': i}, i)\n"
    "    run.summary['best'] = 1; run.finish()\n"
)


class Reading(WithEngine):
    def setUp(self):
        super().setUp()
        self.script(WRITE)
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.folder)
        self.addCleanup(self.close_engines)

    def close_engines(self):
        from datmo import _default

        _default.default_engine().close()

    def test_filter_sort_and_history(self):
        runs = datmo.runs(filter="config.lr = 0.1")
        self.assertEqual([run.name for run in runs], ["r0.1"])
        self.assertEqual([run.name for run in datmo.runs(sort="name", limit=2)], ["r0.1", "rNone"])
        history = runs[0].history("loss")
        self.assertEqual(history["step"], [0, 1, 2, 3, 4])
        self.assertEqual(history["value"], [1 / (i + 1) for i in range(5)])
        everything = runs[0].history()
        self.assertEqual(everything["name"], ["acc"] * 5 + ["loss"] * 5)
        self.assertEqual(repr(everything), "<datmo history of 10 points>")

    OWN = (
        "found = {run.name: run for run in datmo.runs()}\nassert 'own' in found, found\n"
        "for i in range(25):\n"
        "    run.log({'x': i}, i); run.config.i = i; run.summary['s'] = i; run.tag(f't{i}')\n"
        "    (found,) = datmo.runs(filter=f'metrics.x = {i} and config.i = {i} and tag = t{i}')\n"
        "    assert found.summary == {'s': i}, found.summary\n"
        "    assert found.history('x')['step'] == list(range(i + 1)), found.history('x')\n"
        "print('seen', flush=True)\n"
    )

    def test_a_script_finds_its_own_run_as_it_is_now(self):
        code = "import datmo\nrun = datmo.init(name='own', snapshots=False)\n" + self.OWN
        self.assertEqual(self.script(code).stdout, "seen\n")

    def test_a_run_that_was_joined_finds_itself_as_it_is_now(self):
        with open("joins.py", "w", encoding="utf-8") as file:
            file.write("import datmo\nrun = datmo.init()\n" + self.OWN)
        variables = {key: self.environment[key] for key in ("PYTHONPATH", "DATMO_ENGINE", "DATMO_NODE")}
        run = datmo.run([sys.executable, "joins.py"], name="own", env=variables)
        self.assertEqual((run.status, run.logs()), ("succeeded", "seen\n"))

    def test_a_forked_worker_finds_what_it_wrote_itself(self):
        code = (
            "import datmo, os\nrun = datmo.init(name='own', snapshots=False)\n"
            "if os.fork() == 0:\n    try:\n"
            + "".join(f"        {line}\n" for line in self.OWN.splitlines())
            + "    finally: os._exit(0)\nos.wait()\n"
        )
        self.assertEqual(self.script(code).stdout, "seen\n")

    def test_an_engine_that_died_hides_nothing(self):
        code = (
            "import datmo, os, signal\nrun = datmo.init(name='own', snapshots=False)\n"
            "run.log({'y': 1}); datmo.runs()\nos.kill(run._sender._process.pid, signal.SIGKILL)\n"
        )
        self.assertEqual(self.script(code + self.OWN).stdout, "seen\n")

    def test_an_engine_that_is_stopped_is_waited_for_once_and_not_long(self):
        done = self.script(
            "import datmo, os, signal\nfrom datmo import _sender, _visible\n"
            "run = datmo.init(name='own', snapshots=False)\nassert len(datmo.runs()) == 4\n"
            "_visible._WAIT_SECONDS = 0.2; _sender._SILENT_WAIT_SECONDS = 0.1\n"
            "os.kill(run._sender._process.pid, signal.SIGSTOP)\nrun.log({'x': 1})\n"
            "for _ in range(2): assert len(datmo.runs()) == 4\n"
            "os.kill(run._sender._process.pid, signal.SIGCONT)\n"
        )
        self.assertEqual(done.stderr.count("what is read may lack the latest of this run"), 1, done.stderr)

    def test_a_key_with_a_dot_stands_beside_a_nested_one(self):
        self.script(
            "import datmo\nrun = datmo.init(name='dots', config={'a.b': 1, 'a': {'b': 2, 'c.d': 3}, 'e.f': 4}, snapshots=False)\n"
            "assert run.config['a.b'] == 1 and run.config.a.b == run.config['a']['b'] == 2 and run.config['a']['c.d'] == 3\n"
            "assert 'a.c' not in run.config and run.config.get('a.c.d') is None\n"
            "run.config['a.b'] += 10; run.config.a.b += 20; run.config.update({'e.f': 5})\n"
        )
        (run,) = datmo.runs(filter="name = dots")
        self.assertEqual(run.config, {"a.b": 11, "a": {"b": 22, "c.d": 3}, "e.f": 5})
        for filter in ("config.a.b = 22", "config.`a.b` = 11", "config.a.c.d = 3", "config.e.f = 5", "config.`e.f` = 5"):
            self.assertEqual(len(datmo.runs(filter=filter)), 1, filter)
        columns = datmo.runs(filter="name = dots").to_columns()
        found = {name: values for name, values in columns.items() if name.startswith("config.")}
        self.assertEqual(
            found, {"config.`a.b`": [11], "config.a.b": [22], "config.a.c.d": [3], "config.e.f": [5]}
        )

    def test_changing_a_run(self):
        run = datmo.get_run("r0.1").update("other", add_tags=["x"], remove_tags=["<b>"], group="g", notes="n")
        self.assertEqual((run.name, run.tags, run.group, run.note), ("other", ["x"], "g", "n"))
        run.delete()
        self.assertEqual(len(datmo.runs()), 2)
        run.undelete()
        self.assertEqual(len(datmo.runs()), 3)
        self.assertEqual({change["key"] for change in run.diff(datmo.get_run("rauto"))["config"]}, {"lr"})

    def test_executing_with_what_the_command_line_has(self):
        run = datmo.run("echo acc = 0.5", name="x", isolated=True, message="m", environment="host", timeout=60)
        self.assertEqual((run.status, run.isolated, run.metrics), ("succeeded", True, {"acc": 0.5}))
        again = run.rerun()
        self.assertTrue(again.verify()["same"])
        self.assertEqual(datmo.run("echo acc = 0.5", parse=False).metrics, {})
        open("model.txt", "w", encoding="utf-8").close()
        kept = datmo.run('echo hi > "$DATMO_TASK_DIR/out.txt"')
        self.assertEqual([entry["path"] for entry in kept.files()], ["out.txt"])
        with open(kept.get_file("out.txt", "fetched.txt"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "hi\n")
        with self.assertRaises(ValueError):
            datmo.run("true", memory="much")

    def test_every_noun(self):
        self.assertEqual(datmo.project.get()["project"]["name"], os.path.basename(self.folder))
        self.assertEqual(datmo.queue.add("true", config={"a": 1}).status, "queued")
        self.assertEqual(len(datmo.queue.list()["items"]), 1)
        task = datmo.task.create(["true"])["task"]
        self.assertIn(task["id"], [item["id"] for item in datmo.task.ls()])
        self.assertEqual(datmo.task.run(task["id"], name="of task").wait().status, "succeeded")
        self.assertTrue(datmo.environment.list())
        self.assertTrue(datmo.store.fsck()["clean"])
        self.assertTrue(datmo.graph.get()["runs"])
        self.assertEqual(len(datmo.metric.list(datmo.get_run("r0.1").id)["items"]), 2)
        with self.assertRaises(datmo.DatmoError):
            datmo.task.get("nothing")

    def test_notebook(self):
        html = datmo.runs()._repr_html_()
        self.assertIn("&lt;b&gt;", html)
        self.assertNotIn("<b>'", html)
        run = datmo.get_run("r0.1")
        self.assertIn("config.lr", run._repr_html_())
        self.assertIn("<table>", run.history("loss")._repr_html_())
        done = self.script(
            "import datmo\nrun = datmo.init(config={'a': '<i>'}, snapshots=False)\nrun.log({'loss': 2}); run.log({'loss': 1})\n"
            "print(run._repr_html_())\nhistory = run.history('loss')\nprint(history['step'], history['value'])\n"
        )
        self.assertIn("&lt;i&gt;", done.stdout)
        self.assertIn("[0, 1] [2.0, 1.0]", done.stdout)

    @needs("pandas")
    def test_pandas(self):
        frame = datmo.runs(sort="name").to_pandas()
        self.assertEqual(frame["config.lr"].tolist()[0], 0.1)
        self.assertEqual(frame["metrics.loss"].tolist(), [0.2] * 3)
        self.assertEqual((str(frame["created_at"].dt.tz), frame["config.net.n"].tolist()), ("UTC", [3, 3, 3]))
        points = datmo.get_run("r0.1").history("loss").to_pandas()
        self.assertEqual((list(points.columns), points["value"].iloc[-1]), (["step", "value", "at"], 0.2))
        self.assertEqual(str(points["at"].dt.tz), "UTC")
        self.assertEqual(len(datmo.runs(filter="name = 'none such'").to_pandas()), 0)

    @needs("pyarrow")
    def test_arrow(self):
        table = datmo.runs(sort="name").to_arrow()
        self.assertEqual(table["config.lr"].to_pylist(), ["0.1", None, "auto"])
        self.assertEqual(table["metrics.acc"].to_pylist(), [4.0] * 3)
        self.assertEqual(str(table.schema.field("created_at").type), "timestamp[us, tz=UTC]")
        points = datmo.get_run("r0.1").history().to_arrow()
        self.assertEqual(
            [str(field.type) for field in points.schema], ["string", "int64", "double", "timestamp[us, tz=UTC]"]
        )
        self.assertEqual(points.num_rows, 10)
        self.assertEqual(datmo.runs(filter="name = 'none such'").to_arrow().num_rows, 0)


if __name__ == "__main__":
    unittest.main()
