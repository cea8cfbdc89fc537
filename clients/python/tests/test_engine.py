"""The client and the real engine together. Skipped, visibly, until `npm run build` has made `dist/engine.js`."""

from __future__ import annotations

import os
import shutil
import signal
import time
import unittest

from with_engine import WithEngine

class Recorded(WithEngine):
    def test_whole_run(self):
        self.script(
            "import datmo\n"
            "run = datmo.init(config={'lr': 0.1, 'opt': {'name': 'sgd'}}, name='first', tags=['a'], group='g', notes='n')\n"
            "for i in range(1000): run.log({'loss': 1 / (i + 1), 'nan': float('nan')}, i)\n"
            "run.config.opt.decay = 0.5; run.summary['best'] = 0.001; run.tag('b')\n"
            "open('model.pt', 'w').write('weights'); run.log_file('model.pt')\n"
            "print('hello')\n"
        )
        run = self.run_of()
        self.assertEqual(
            (run["name"], run["status"], run["exitCode"], run["origin"]), ("first", "succeeded", 0, "recorded")
        )
        self.assertEqual(run["config"], {"lr": 0.1, "opt": {"name": "sgd", "decay": 0.5}})
        self.assertEqual((run["tags"], run["group"], run["note"]), (["a", "b"], "g", "n"))
        self.assertEqual((run["metrics"]["loss"], run["metrics"]["nan"]), (0.001, "NaN"))
        self.assertEqual(run["summary"]["best"], 0.001)
        self.assertEqual(self.history(run, "loss"), [(i, 1 / (i + 1)) for i in range(1000)])
        self.assertEqual(self.engine.request("run.logs", {"id": run["id"]})["text"], "hello\n")
        self.assertIn("beforeSnapshotId", run)
        files = self.engine.request("run.get", {"id": run["id"]})["files"]
        self.assertIn("model.pt", [file["path"] for file in files])

    def test_how_scripts_end(self):
        for code, status, exit_code in (
            ("1/0", "failed", 1),
            ("sys.exit(3)", "failed", 3),
            ("os.kill(os.getpid(), signal.SIGTERM)", "stopped", 143),
        ):
            with self.subTest(code):
                self.doCleanups()
                self.setUp()
                self.script(
                    f"import datmo, os, signal, sys\nrun = datmo.init()\nrun.log({{'x': 1}})\n{code}", check=None
                )
                run = self.run_of()
                self.assertEqual((run["status"], run["exitCode"]), (status, exit_code))
                self.assertEqual(self.history(run, "x"), [(0, 1.0)])

    def test_killed_script_is_lost_and_keeps_every_point(self):
        child = self.start(
            "import datmo, os\nrun = datmo.init()\nfor i in range(10**9):\n  run.log({'x': i}, i)\n"
            "  if i % 100 == 0: os.write(1, b'%d\\n' % i)\n"
        )
        said = [child.stdout.readline() for _ in range(2000)]
        child.kill()
        last = int((b"".join(said) + child.stdout.read()).rsplit(b"\n", 2)[-2])
        child.stdout.close()
        child.wait()
        run = self.run_of()
        self.assertEqual(run["status"], "lost")
        points = self.history(run, "x")
        self.assertEqual(points, [(i, float(i)) for i in range(len(points))])
        self.assertGreater(len(points), last)

    def test_script_and_engine_killed_together(self):
        code = (
            "import datmo, os, sys, time\nrun = datmo.init(snapshots=False)\n"
            "while run._sender._connection is None: time.sleep(0.001)\n"
            "os.write(1, f'{run._sender._connection.process.pid} {run.id}\\n'.encode())\n"
            "for i in range(10**9):\n  run.log({'x': i}, i)\n  if i % 100 == 0: os.write(1, b'%d\\n' % i)\n"
        )
        rounds = int(os.environ.get("DATMO_KILLS") or (210 if os.environ.get("DATMO_SOAK") else 6))
        for index in range(rounds):
            kind = (signal.SIGKILL, signal.SIGTERM)[index // 3 % 2]
            child = self.start(code)
            engine, run_id = child.stdout.readline().decode().split()
            said = [child.stdout.readline() for _ in range(10 + 397 * index % 3000)]
            victims = ((child.pid, int(engine)), (int(engine), child.pid), (child.pid,))[index % 3]
            for pid in victims:
                os.kill(pid, kind)
            last = int((b"".join(said) + child.stdout.read()).rsplit(b"\n", 2)[-2])
            child.stdout.close()
            child.wait()
            run = self.run_of(run_id)
            self.assertEqual(run["status"], "lost" if kind == signal.SIGKILL else "stopped")
            points = self.history(run, "x")
            self.assertEqual(points, [(i, float(i)) for i in range(len(points))])
            self.assertGreater(len(points), last)

    def test_recorded_without_an_engine_and_taken_in_later(self):
        for kept in ("yes", "no"):
            with self.subTest(project_known=kept):
                self.doCleanups()
                self.setUp()
                if kept == "no":
                    self.engine.close()
                    shutil.rmtree(os.path.join(self.folder, ".datmo"))
                self.script(
                    "import datmo\nrun = datmo.init(config={'a': 1}, tags=['t'])\nfor i in range(500): run.log({'x': i}, i)\nrun.config.b = 2",
                    DATMO_NODE="/nowhere/node",
                )
                run = self.run_of()
                self.assertEqual((run["status"], run["config"], run["tags"]), ("succeeded", {"a": 1, "b": 2}, ["t"]))
                self.assertEqual(len(self.history(run, "x")), 500)

    def test_snapshot_without_an_engine_says_so_at_once(self):
        done = self.script(
            "import datmo\nrun = datmo.init()\n"
            "try: run.snapshot('m', timeout=20)\nexcept datmo.DatmoError as e: print(e.kind)",
            DATMO_NODE="/nowhere/node",
        )
        self.assertEqual(done.stdout, "ENGINE_NOT_FOUND\n")

    def test_engine_killed_in_the_middle(self):
        self.script(
            "import datmo, os, signal, time\nrun = datmo.init(config={'a': 1}, name='n')\nrun.log({'x': 0})\n"
            "while not run.name or run._sender._connection is None: time.sleep(0.01)\ntime.sleep(0.3)\n"
            "os.kill(run._sender._connection.process.pid, signal.SIGKILL)\ntime.sleep(0.3)\n"
            "for i in range(1, 500): run.log({'x': i}, i)\nrun.config.b = 2\n"
        )
        run = self.run_of()
        self.assertEqual((run["status"], run["name"], run["config"]), ("succeeded", "n", {"a": 1, "b": 2}))
        self.assertEqual(self.history(run, "x"), [(i, float(i)) for i in range(500)])

    def test_children_and_threads(self):
        self.script(
            "import datmo, os, threading\nrun = datmo.init()\nrun.log({'p': 0})\n"
            "def work(k):\n  for i in range(100): run.log({f't{k}': i}, i)\n"
            "threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]\n"
            "pid = os.fork()\nif pid == 0:\n  [run.log({'c': i}, i) for i in range(100)]; run.config.child = True; os._exit(0)\n"
            "os.waitpid(pid, 0)\n"
        )
        run = self.run_of()
        for name in ("t0", "t1", "t2", "t3", "c"):
            self.assertEqual(self.history(run, name), [(i, float(i)) for i in range(100)])
        self.assertEqual(run["config"], {"child": True})

    def test_snapshot_and_resume(self):
        done = self.script(
            "import datmo\nrun = datmo.init()\nrun.log({'x': 1}, 5)\ns = run.snapshot('warm', label='best')\nprint(run.id, s.id, s.label, s.message, s.metrics['x'])\n"
        )
        run_id, snapshot_id, label, message, metric = done.stdout.split()
        self.assertEqual((label, message, metric), ("best", "warm", "1.0"))
        self.assertEqual(self.engine.request("snapshot.get", {"id": "best"})["snapshot"]["id"], snapshot_id)
        self.run_of()
        self.script(f"import datmo\nrun = datmo.init(resume={run_id[:6]!r})\nrun.log({{'x': 2}})\nrun.finish()")
        run = self.run_of(run_id)
        self.assertEqual(run["status"], "succeeded")
        self.assertEqual(self.history(run, "x"), [(5, 1.0), (6, 2.0)])


class Executed(WithEngine):
    def test_run_from_python(self):
        with open(os.path.join(self.folder, "train.py"), "w", encoding="utf-8") as file:
            file.write(
                "import datmo\nrun = datmo.init(config={'lr': 0.1, 'n': 3})\n"
                "for i in range(100): run.log({'loss': 1 / (i + 1)}, i)\nprint('lr', run.config.lr)\nrun.tag('inside')\n"
            )
        done = self.script(
            "import datmo, sys\n"
            "run = datmo.run([sys.executable, 'train.py'], name='x', tags=['t'], config={'lr': 0.5})\n"
            "print(run.status, run.exit_code, run.metrics, run.config, run.tags)\nprint(run.logs())\n"
            "print(len(run.history('loss')['value']), run.ended, run)\n"
            "bad = datmo.run('exit 7')\nprint(bad.status, bad.exit_code)\n"
            "slow = datmo.run('sleep 60', wait=False)\nprint(slow.status)\nprint(slow.stop(grace=2).wait().status)\n"
            "print([run.name for run in datmo.runs(filter='tag = t')], len(datmo.runs(limit=2)))\n"
        )
        lines = done.stdout.split("\n")
        self.assertEqual(lines[0], "succeeded 0 {'loss': 0.01} {'lr': 0.5, 'n': 3} ['inside', 't']")
        self.assertEqual(lines[1], "lr 0.5")
        self.assertTrue(lines[3].startswith("100 True <datmo run x "), lines[3])
        self.assertEqual(lines[4:], ["failed 7", "running", "stopped", "['x'] 2", ""])

    def test_snapshot_inside_a_run(self):
        done = self.script(
            "import datmo, sys\n"
            "code = \"import datmo; run = datmo.init(); run.log({'x': 2}); s = run.snapshot('inside', label='in')\"\n"
            "code += \"; print(s.label, s.metrics['x'])\"\n"
            "run = datmo.run([sys.executable, '-c', code])\nprint(run.status, run.logs())\n"
        )
        self.assertEqual(done.stdout.split(), ["succeeded", "in", "2.0"])

    def test_snapshots(self):
        with open(os.path.join(self.folder, "a.txt"), "w", encoding="utf-8") as file:
            file.write("one")
        done = self.script(
            "import datmo\n"
            "first = datmo.snapshot.create('one', label='l1', config={'a': 1}, metrics={'acc': 0.5})\n"
            "open('a.txt', 'w').write('two')\n"
            "second = datmo.snapshot.create('two')\n"
            "print([s.message for s in datmo.snapshot.ls()], datmo.snapshot.get('l1').metrics, first.label, second.label)\n"
            "print(datmo.snapshot.diff(first.id, second.id)['code'])\n"
            "open('a.txt', 'w').write('three')\n"
            "(change,) = datmo.snapshot.diff('l1', text='full', paths=['a.txt'])['code']\n"
            "print([line['text'] for line in change['content']['hunks'][0]['lines']], datmo.snapshot.diff()['config'])\n"
            "open('a.txt', 'w').write('two')\n"
            "datmo.snapshot.checkout('l1'); print(open('a.txt').read())\n"
            "print(datmo.snapshot.update(second.id, message='zwei').message, datmo.snapshot.delete(second.id) == [second.id])\n"
            "try: datmo.snapshot.get('nothing-like-it')\n"
            "except datmo.DatmoError as e: print(e.kind)\n"
        )
        self.assertEqual(
            done.stdout.split("\n"),
            [
                "['two', 'one'] {'acc': 0.5} l1 None",
                str([{"path": "a.txt", "status": "modified"}]),
                "['one', 'three'] []",
                "one",
                "zwei True",
                "SNAPSHOT_NOT_FOUND",
                "",
            ],
        )

    def test_errors_and_the_rest_of_the_protocol(self):
        done = self.script(
            "import datmo\n"
            "for call in (lambda: datmo.runs(filter='metrics.x >'), lambda: datmo.get_run('nope'), lambda: datmo.run(['/no/such'])):\n"
            "  try: print(call())\n"
            "  except datmo.DatmoError as e: print(type(e).__name__, e.kind)\n"
            "print(datmo.task.ls() != [], datmo.project.get()['project']['name'], datmo.Engine().methods.run_list()['items'] != [])\n"
        )
        name = os.path.basename(self.folder)
        lines = done.stdout.split("\n")
        self.assertEqual(lines[:2], ["RunError FILTER_INVALID", "RunError RUN_NOT_FOUND"])
        self.assertEqual(lines[3], f"True {name} True")


class ManyPoints(WithEngine):
    def test_every_point_arrives(self):
        """A million of them in the long tests (DATMO_SOAK=1)."""
        count = 10**6 if os.environ.get("DATMO_SOAK") else 10**5
        self.script(
            f"import datmo\nrun = datmo.init(snapshots=False)\nfor i in range({count}): run.log({{'x': i}}, i)", timeout=120
        )
        run = self.run_of()
        summary = self.engine.request("metric.list", {"runId": run["id"]})["items"][0]
        self.assertEqual((summary["count"], summary["min"], summary["max"]), (count, 0, count - 1))


if __name__ == "__main__":
    unittest.main()
