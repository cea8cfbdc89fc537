"""Recorded runs without an engine: folders, journal, config, output."""

from __future__ import annotations

import json
import os
import sys
import shutil
import unittest

from helpers import ProjectTest, read_journals


class Recorded(ProjectTest):
    def test_everything_is_in_the_project_without_an_engine(self):
        done = self.script(
            "import datmo, sys\n"
            "run = datmo.init(config={'lr': 0.1, 'opt': {'name': 'sgd'}}, name='first', tags=['a', 'b'], group='g', notes='n')\n"
            "run.log({'loss': 0.5}, step=3)\n"
            "run.config.opt.momentum = 0.9; run.config.update(batch=64); run.config['layers'] = [64, 64]\n"
            "run.summary['best'] = 0.93\n"
            "run.tag('c'); run.untag('a'); run.note('done')\n"
            "open('model.pt', 'w').write('weights'); run.log_file('model.pt', name='model')\n"
            "print(run.name, run.config.as_dict(), 'lr' in run.config, run.config.lr, dict(run.summary))\n",
            "--flag",
        )
        self.assertIn("DATMO_NODE", done.stderr)
        self.assertEqual(done.stderr.count("datmo:"), 1)
        config = {"lr": 0.1, "opt": {"name": "sgd", "momentum": 0.9}, "batch": 64, "layers": [64, 64]}
        self.assertIn(f"first {config} True 0.1 {{'best': 0.93}}", done.stdout)
        task = self.task_directory()
        run_id = os.path.basename(task)
        self.assertRegex(run_id, "^[a-z2-7]{26}$")
        self.assertEqual(os.stat(task).st_mode & 0o777, 0o700)
        self.assertEqual(sorted(os.listdir(task)), ["journal", "output.log", "reply", "spool"])
        self.assertEqual([point[:3] for point in self.points()], [("loss", 3, 0.5)])
        (begin,) = self.lines("begin")
        run = begin["run"]
        self.assertEqual(run["config"], {"lr": 0.1, "opt": {"name": "sgd"}})
        self.assertEqual(
            (run["id"], run["name"], run["tags"], run["group"], run["note"]), (run_id, "first", ["a", "b"], "g", "n")
        )
        self.assertEqual((run["directory"], run["snapshots"]), (self.folder, True))
        self.assertEqual(run["command"][-2:], [os.path.join(self.folder, "script.py"), "--flag"])
        merged = {}
        for line in self.lines("config"):
            merged.update(line["config"])
        self.assertEqual(merged, {"opt": {"momentum": 0.9}, "batch": 64, "layers": [64, 64]})
        self.assertEqual([line["summary"] for line in self.lines("summary")], [{"best": 0.93}])
        self.assertEqual(
            [(line.get("add"), line.get("remove")) for line in self.lines("tag")], [(["c"], None), (None, ["a"])]
        )
        self.assertEqual([line["note"] for line in self.lines("update")], ["done"])
        (file,) = self.lines("file")
        self.assertEqual((file["path"], file["name"]), (os.path.join(self.folder, "model.pt"), "model"))
        self.assertEqual(self.end(), {"status": "succeeded", "exitCode": 0})

    def test_open_file_names_this_process(self):
        done = self.script(
            "import datmo, os, time\nrun = datmo.init()\nprint(os.getpid(), open(f'/proc/{os.getpid()}/stat').read())"
        )
        pid, stat = done.stdout.split(" ", 1)
        (name,) = os.listdir(os.path.join(self.folder, ".datmo", "open"))
        with open(os.path.join(self.folder, ".datmo", "open", name), encoding="utf-8") as file:
            document = json.load(file)
        self.assertEqual(
            (document["v"], document["type"], name), (1, "recorded", f"{os.path.basename(self.task_directory())}.json")
        )
        owner = document["owner"]
        self.assertEqual((owner["pid"], owner["host"]), (int(pid), os.uname().nodename))
        self.assertEqual(owner["startTime"], stat.rpartition(")")[2].split()[19])
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            self.assertEqual(owner["bootId"], file.read().strip())

    def test_lines_follow_the_schema(self):
        code = (
            "import datmo\nrun = datmo.init(config={'nan': float('nan'), 'big': 2**60, 'path': __import__('pathlib').Path('/x')})\n"
            "run.log({'text': 'ünï\\udcff', 'loss': 1}); run.tag('t'); run.note('n'); run.summary['inf'] = float('-inf')\n"
        )
        self.script(code)
        for lines in read_journals(self.task_directory()).values():
            for line in lines:
                self.assertEqual(line["v"], 1)
                self.assertRegex(line["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertIn(line["type"], ("begin", "config", "summary", "tag", "update", "end"))
        (begin,) = self.lines("begin")
        self.assertEqual(begin["run"]["config"], {"nan": "NaN", "big": str(2**60), "path": "/x"})
        self.assertEqual(
            [line["summary"] for line in self.lines("summary")], [{"text": "ünï\udcff"}, {"inf": "-Infinity"}]
        )

    def test_long_records_are_split(self):
        self.script(
            "import datmo\nrun = datmo.init(config={f'k{i}': 'x' * 1000 for i in range(3000)})\n"
            "run.config.update({f'u{i}': 'y' * 1000 for i in range(3000)})\nrun.config.huge = 'z' * 2000000\n"
        )
        config = {}
        for line in self.lines():
            self.assertLess(len(json.dumps(line)), 1 << 20)
            config.update(line.get("config", {}))
        self.assertEqual(len(config), 6000)
        self.assertEqual(self.lines("begin")[0]["run"]["config"], {})

    def test_output_is_kept_and_the_streams_stay_themselves(self):
        done = self.script(
            "import datmo, sys, logging\n"
            "before, log = sys.stdout, logging.StreamHandler(sys.stderr)\n"
            "run = datmo.init()\n"
            "assert sys.stdout is before and sys.stdout.fileno() == 1 and not sys.stdout.isatty()\n"
            "print('häßlich', 5); log.emit(logging.makeLogRecord({'msg': 'logged'})); sys.stdout.writelines(['a\\n', 'b\\n'])\n"
            "run.finish(); print('after')\n"
            "assert 'write' not in vars(sys.stdout)\n"
        )
        with open(os.path.join(self.task_directory(), "output.log"), encoding="utf-8") as file:
            kept = file.read()
        self.assertEqual(kept, "häßlich 5\nlogged\na\nb\n")
        self.assertTrue(done.stdout.endswith("after\n"))

    def test_capture_can_be_left_out(self):
        self.script("import datmo\ndatmo.init(capture=False)\nprint('x')")
        self.assertFalse(os.path.exists(os.path.join(self.task_directory(), "output.log")))

    def test_module_functions_are_those_of_the_current_run(self):
        done = self.script(
            "import datmo\ndatmo.log({'x': 1}); datmo.log({'x': 1})\nprint(dict(datmo.config))\n"
            "run = datmo.init(config={'a': 1})\nassert datmo.current() is run\n"
            "datmo.log({'x': 2}); datmo.config.b = 2; datmo.summary['s'] = 3\nprint(dict(datmo.config))\n"
            "datmo.finish(); assert datmo.current() is None\n"
        )
        self.assertEqual(done.stdout, "{}\n{'a': 1, 'b': 2}\n")
        self.assertEqual(done.stderr.count("there is no run"), 1)
        self.assertEqual([point[2] for point in self.points()], [2.0])

    def test_a_second_init_ends_the_first_run(self):
        self.script("import datmo\nfor i in range(3):\n  datmo.init(config={'i': i}).log({'x': i})")
        tasks = os.path.join(self.folder, ".datmo", "tasks")
        self.assertEqual(len(os.listdir(tasks)), 3)
        for name in os.listdir(tasks):
            (lines,) = read_journals(os.path.join(tasks, name)).values()
            self.assertEqual([line["type"] for line in lines], ["begin", "end"])

    def test_config_file_at_the_root_stands_in(self):
        with open(os.path.join(self.folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump({"lr": 0.3}, file)
        done = self.script("import datmo\nprint(datmo.init().config.lr)\nprint(datmo.init(config={'a': 1}).config)")
        self.assertEqual(done.stdout, "0.3\n{'a': 1}\n")

    def test_a_value_without_a_name_is_told_in_words(self):
        done = self.script("import datmo\ndatmo.init().log(0.3)")
        self.assertIn("could not log 0.3: log takes values by name", done.stderr)

    def test_wrong_config_is_an_error_and_begins_nothing(self):
        done = self.script("import datmo\ndatmo.init(config=5)", check=1)
        self.assertIn("config must be a mapping", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".datmo", "tasks")))

    def test_no_node_with_strict_raises(self):
        done = self.script("import datmo\ndatmo.init()", check=1, DATMO_STRICT="1")
        self.assertIn("ENGINE_NOT_FOUND" if "ENGINE_NOT_FOUND" in done.stderr else "could not be started", done.stderr)

    def test_no_project_and_no_engine(self):
        shutil.rmtree(os.path.join(self.folder, ".datmo"))
        done = self.script("import datmo\ndatmo.init().log({'x': 1})")
        self.assertIn(f"created a project in {self.folder}", done.stderr)
        with open(os.path.join(self.folder, ".datmo", "format"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["layout"], 1)
        with open(os.path.join(self.folder, ".datmo", ".gitignore"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "*\n")
        self.assertEqual(len(self.points()), 1)

    def test_project_is_found_upwards_and_can_be_named(self):
        inner = os.path.join(self.folder, "a", "b")
        os.makedirs(inner)
        self.script(
            f"import datmo, os\nos.chdir({inner!r}); print(datmo.init().project)\ndatmo.finish()\nos.chdir('/')\nprint(datmo.init(project={inner!r}).project)"
        )
        self.assertEqual(len(os.listdir(os.path.join(self.folder, ".datmo", "tasks"))), 2)

    def test_a_project_that_cannot_be_written(self):
        os.chmod(os.path.join(self.folder, ".datmo"), 0o555)
        os.chmod(self.folder, 0o755)
        code = "import datmo\nrun = datmo.init()\nrun.log({'x': 1})\nprint('on')"
        # Root may write everywhere: there the script runs without that right.
        drop = ["setpriv", "--bounding-set=-dac_override", sys.executable, "-c", code]
        done = self.script(code if os.geteuid() != 0 else f"import os\nos.execvp('setpriv', {drop!r})")
        self.assertIn("nothing is recorded", done.stderr)

    def test_a_folder_that_cannot_be_made(self):
        with open(os.path.join(self.folder, ".datmo", "tasks"), "w", encoding="utf-8"):
            pass
        code = "import datmo\nrun = datmo.init(config={'a': 1})\nrun.log({'x': 1}); run.tag('t'); print(run.config.a); run.finish()"
        done = self.script(code)
        self.assertIn("nothing is recorded", done.stderr)
        self.assertEqual(done.stdout, "1\n")
        self.script(code, check=1, DATMO_STRICT="1")

    def test_disabled(self):
        code = (
            "import datmo\nwith datmo.init(config={'a': 1}) as run:\n"
            "  run.log({'x': 1}); run.log_file('nothing'); run.tag('t'); run.summary['s'] = 1; run.config.b = 2\n"
            "  assert run.snapshot('m') is None\n"
            "print(dict(run.config), datmo.runs(), datmo.run('false'), datmo.Engine().request('run.list'))\n"
        )
        done = self.script(code, DATMO_MODE="disabled")
        self.assertEqual((done.stdout, done.stderr), ("{'a': 1, 'b': 2} [] None None\n", ""))
        self.assertEqual(os.listdir(os.path.join(self.folder, ".datmo")), ["format"])

    def test_import_is_light(self):
        done = self.script(
            "import sys\nbefore = set(sys.modules)\nimport datmo, os, threading\n"
            "print(sorted(set(sys.modules) - before - {'threading'}), threading.active_count())"
        )
        loaded, threads = done.stdout.rsplit(" ", 1)
        for heavy in ("subprocess", "json", "mmap", "asyncio", "typing", "signal"):
            self.assertNotIn(f"'{heavy}'", loaded)
        self.assertEqual(int(threads), 1)


if __name__ == "__main__":
    unittest.main()
