"""Recorded and joined runs without an engine: folders, journal, config, output, threads, fork."""

from __future__ import annotations

import json
import os
import sys
import unittest

from helpers import ProjectTest, read_journals, read_spool


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
        with open(os.path.join(self.folder, "..", os.path.basename(self.folder), "script.py"), encoding="utf-8"):
            pass
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

    def test_wrong_config_is_an_error_and_begins_nothing(self):
        done = self.script("import datmo\ndatmo.init(config=5)", check=1)
        self.assertIn("config must be a mapping", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".datmo", "tasks")))

    def test_no_node_with_strict_raises(self):
        done = self.script("import datmo\ndatmo.init()", check=1, DATMO_STRICT="1")
        self.assertIn("ENGINE_NOT_FOUND" if "ENGINE_NOT_FOUND" in done.stderr else "could not be started", done.stderr)

    def test_no_project_and_no_engine(self):
        os.rmdir(os.path.join(self.folder, ".datmo"))
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

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_project_that_cannot_be_written(self):
        os.chmod(os.path.join(self.folder, ".datmo"), 0o500)
        done = self.script("import datmo\nrun = datmo.init()\nrun.log({'x': 1})\nprint('on')")
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
        self.assertEqual(os.listdir(os.path.join(self.folder, ".datmo")), [])

    def test_import_is_light(self):
        done = self.script(
            "import sys\nbefore = set(sys.modules)\nimport datmo, os, threading\n"
            "print(sorted(set(sys.modules) - before - {'threading'}), threading.active_count())"
        )
        loaded, threads = done.stdout.rsplit(" ", 1)
        for heavy in ("subprocess", "json", "mmap", "asyncio", "typing", "signal"):
            self.assertNotIn(f"'{heavy}'", loaded)
        self.assertEqual(int(threads), 1)


class Joined(ProjectTest):
    RUN = "b" * 26

    def setUp(self):
        super().setUp()
        self.task = os.path.join(self.folder, ".datmo", "tasks", self.RUN)
        for name in ("", "journal", "spool", "reply"):
            os.makedirs(os.path.join(self.task, name), exist_ok=True)
        self.environment["DATMO_TASK_DIR"] = self.task
        self.environment["DATMO_RUN_ID"] = self.RUN

    def test_needs_no_node_and_says_nothing(self):
        done = self.script(
            "import datmo, threading\nrun = datmo.init(config={'lr': 0.1})\nrun.log({'x': 1})\n"
            "print(run.id, threading.active_count(), datmo.init() is run)\n"
        )
        self.assertEqual((done.stdout, done.stderr), (f"{self.RUN} 1 True\n", ""))
        self.assertEqual([line["type"] for line in self.lines()], ["config"])
        self.assertEqual(len(self.points()), 1)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".datmo", "open")))
        self.assertFalse(os.path.exists(os.path.join(self.task, "output.log")))

    def test_the_command_line_wins(self):
        path = os.path.join(self.task, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"lr": 0.5, "opt": {"name": "adam"}}, file)
        done = self.script(
            "import datmo\nrun = datmo.init(config={'lr': 0.1, 'opt': {'name': 'sgd', 'decay': 1}, 'n': 3})\nprint(run.config)",
            DATMO_CONFIG=path,
        )
        self.assertEqual(done.stdout.strip(), str({"lr": 0.5, "opt": {"name": "adam", "decay": 1}, "n": 3}))
        self.assertEqual([line["config"] for line in self.lines("config")], [{"opt": {"decay": 1}, "n": 3}])

    def test_log_without_init(self):
        self.script("import datmo\ndatmo.log({'x': 1})\ndatmo.config.a = 1")
        self.assertEqual(len(self.points()), 1)
        self.assertEqual([line["config"] for line in self.lines("config")], [{"a": 1}])

    def test_snapshot_asks_in_the_journal_and_reads_the_answer(self):
        child = self.start(
            "import datmo\nrun = datmo.init()\ns = run.snapshot('warm', label='best')\nprint(s.id, s.label)\n"
            "try: run.snapshot('again')\nexcept datmo.DatmoError as e: print(type(e).__name__, e.kind, e.details)\n"
        )
        answered = set()
        while len(answered) < 2:
            for name, lines in read_journals(self.task).items():
                for line in lines:
                    if line["type"] == "request" and line["id"] not in answered:
                        answered.add(line["id"])
                        result = {"snapshot": {"id": "s" * 26, **line["params"]}, "created": True}
                        error = {"code": 1500, "kind": "DISK_FULL", "message": "full", "details": {"operation": "x"}}
                        answer = {"result": result} if line["params"]["message"] == "warm" else {"error": error}
                        with open(os.path.join(self.task, "reply", name), "a", encoding="utf-8") as file:
                            file.write(json.dumps({"id": line["id"], **answer}) + "\n")
        output, _ = child.communicate(timeout=30)
        self.assertEqual(output.decode(), f"{'s' * 26} best\nStoreError DISK_FULL {{'operation': 'x'}}\n")

    def test_snapshot_that_nobody_answers(self):
        done = self.script(
            "import datmo\ntry: datmo.init().snapshot('m', timeout=0.2)\nexcept datmo.DatmoError as e: print(e.kind)"
        )
        self.assertEqual(done.stdout, "TIMEOUT\n")


class Processes(ProjectTest):
    def test_threads_each_keep_all_their_points(self):
        self.script(
            "import datmo, sys, threading\nsys.setswitchinterval(1e-5)\nrun = datmo.init()\n"
            "def work(k):\n  for i in range(3000): run.log({f't{k}': i, 'shared': i})\n"
            "threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]\n"
        )
        points = self.points()
        self.assertEqual(len(points), 8 * 3000 * 2)
        for k in range(8):
            self.assertEqual([point[2] for point in points if point[0] == f"t{k}"].sort(), list(range(3000)).sort())
        steps = [point[1] for point in points if point[0] == "shared"]
        self.assertEqual(sorted(steps), list(range(8 * 3000)))
        self.assertLessEqual(len(os.listdir(os.path.join(self.task_directory(), "spool"))), 9)

    def test_signal_handlers_may_log(self):
        self.script(
            "import datmo, signal\nrun = datmo.init()\ncaught = []\n"
            "def tick(*_):\n  caught.append(1); run.log({'tick': len(caught)})\n"
            "signal.signal(signal.SIGALRM, tick); signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)\n"
            "for i in range(100000): run.log({'x': i}, i)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0); print(len(caught))\n"
        )
        points = self.points()
        self.assertEqual(sorted(point[1] for point in points if point[0] == "x"), list(range(100000)))
        with open(os.path.join(self.task_directory(), "output.log"), encoding="utf-8") as file:
            self.assertEqual(len([point for point in points if point[0] == "tick"]), int(file.read()))

    def test_forked_children_use_files_of_their_own_and_end_nothing(self):
        done = self.script(
            "import datmo, os, sys\nrun = datmo.init()\nrun.log({'parent': 0})\nchildren = []\n"
            "for k in range(3):\n"
            "  pid = os.fork()\n"
            "  if pid == 0:\n"
            "    for i in range(1000): run.log({f'child{k}': i})\n"
            "    run.config[f'child{k}'] = k\n"
            "    if k == 0: os._exit(0)\n"
            "    if k == 1: sys.exit(3)\n"
            "    run.finish(); sys.exit(0)\n"
            "  children.append(pid)\n"
            "for i in range(1000): run.log({'parent': i + 1})\n"
            "print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])\n"
        )
        self.assertEqual(done.stdout.strip(), "[0, 3, 0]")
        counts = {}
        for point in self.points():
            counts[point[0]] = counts.get(point[0], 0) + 1
        self.assertEqual(counts, {"parent": 1001, "child0": 1000, "child1": 1000, "child2": 1000})
        self.assertEqual(self.end(), {"status": "succeeded", "exitCode": 0})
        self.assertEqual(len(self.lines("config")), 3)

    def test_multiprocessing_fork_and_spawn(self):
        self.script(
            "import datmo, multiprocessing, sys\n"
            "def work(run, k):\n  run.log({f'w{k}': k}); run.tag(f'w{k}')\n"
            "if __name__ == '__main__':\n"
            "  run = datmo.init()\n"
            "  for n, how in enumerate(('fork', 'spawn')):\n"
            "    context = multiprocessing.get_context(how)\n"
            "    workers = [context.Process(target=work, args=(run, 10 * n + k)) for k in range(2)]\n"
            "    [w.start() for w in workers]; [w.join() for w in workers]\n"
            "    assert all(w.exitcode == 0 for w in workers)\n"
        )
        self.assertEqual(sorted(point[0] for point in self.points()), ["w0", "w1", "w10", "w11"])
        self.assertEqual(len(self.lines("tag")), 4)
        self.assertEqual(len(self.lines("begin")) + len(self.lines("end")), 2)

    def test_ranks_share_a_run(self):
        rank = "import datmo, sys\nrun = datmo.init(config={'lr': 1})\nrun.log({f'rank{sys.argv[1]}': 1})\nsys.stdin.read()\n"
        import subprocess

        path = os.path.join(self.folder, "rank.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(rank)
        variables = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "3"}
        children = [
            subprocess.Popen(
                [sys.executable, path, str(k)],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**self.environment, **variables, "SLURM_PROCID": str(k)},
            )
            for k in range(3)
        ]
        import time

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if len(self.points()) == 3:
                    break
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        for child in children:
            child.communicate(timeout=30)
        self.assertEqual(sorted(point[0] for point in self.points()), ["rank0", "rank1", "rank2"])
        self.assertEqual(len(self.lines("begin")), 1)
        self.assertEqual(len(self.lines("end")), 1)

    def test_asyncio(self):
        self.script(
            "import asyncio, datmo\nrun = datmo.init()\n"
            "async def work(k):\n  for i in range(50):\n    run.log({f'a{k}': i}); await asyncio.sleep(0)\n"
            "async def main(): await asyncio.gather(*(work(k) for k in range(5)))\nasyncio.run(main())\n"
        )
        self.assertEqual(len(self.points()), 250)
        folder = os.path.join(self.task_directory(), "spool")
        (name,) = os.listdir(folder)
        self.assertEqual(read_spool(os.path.join(folder, name))[2], os.path.getsize(os.path.join(folder, name)))


if __name__ == "__main__":
    unittest.main()
