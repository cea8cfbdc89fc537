"""Threads, signal handlers, forked and spawned processes, ranks: one run, nothing lost, nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unittest

from helpers import ProjectTest, read_spool


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
            self.assertEqual(sorted(point[2] for point in points if point[0] == f"t{k}"), list(range(3000)))
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
