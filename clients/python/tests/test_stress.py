"""Rough treatment with the real engine: each test says what is kept."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
import unittest

from with_engine import WithEngine

# Ends of the line at which a script has told how far it is.
SAY = "  if i % 100 == 0: os.write(1, b'%d\\n' % i)\n"
KNOWN = "while not run.name or run._sender._connection is None: time.sleep(0.005)\n"


class Stress(WithEngine):
    def keeps(self, run, name, count):
        """Exactly the points 0 to ``count`` - 1 are there, each once."""
        self.assertEqual(self.history(run, name), [(i, float(i)) for i in range(count)])


class Interrupts(Stress):
    """Ctrl-C in a terminal reaches the whole foreground group, so a real one is used."""

    def in_terminal(self, code):
        """Starts the code in a terminal of its own; answers the process's id and the terminal."""
        import pty

        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(code)
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(sys.executable, [sys.executable, "-u", path], self.environment)
        self.addCleanup(os.close, terminal)
        return pid, terminal

    def read_until(self, terminal, text):
        seen = b""
        while text not in seen:
            seen += os.read(terminal, 4096)
        return seen

    def end_of(self, pid, terminal):
        """Exit code and what was still printed. Whoever else holds the terminal, such as an engine, is not waited for."""
        seen, ended, status = b"", 0, 0
        while True:
            while select.select([terminal], [], [], 0.05)[0]:
                try:
                    seen += os.read(terminal, 4096)
                except OSError:
                    break
            if ended:
                return os.waitstatus_to_exitcode(status), seen.decode()
            ended, status = os.waitpid(pid, os.WNOHANG)

    def test_once_keeps_everything_and_says_stopped(self):
        pid, terminal = self.in_terminal(
            "import datmo, os, time\nrun = datmo.init(config={'a': 1})\n"
            + KNOWN
            + "for i in range(1000): run.log({'x': i}, i)\nprint('ready')\ntime.sleep(120)\n"
        )
        self.read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        code, said = self.end_of(pid, terminal)
        self.assertIn("KeyboardInterrupt", said)
        self.assertNotEqual(code, 0)
        run = self.run_of()
        self.assertEqual((run["status"], run["exitCode"], run["config"]), ("stopped", 130, {"a": 1}))
        self.keeps(run, "x", 1000)

    def test_twice_leaves_at_once_and_the_next_engine_takes_the_run_in(self):
        """The second one comes while the script waits for an engine that does not answer."""
        pid, terminal = self.in_terminal(
            "import datmo, os, signal, time\nrun = datmo.init()\n"
            + KNOWN
            + "os.kill(run._sender._connection.process.pid, signal.SIGSTOP)\n"
            + "for i in range(1000): run.log({'x': i}, i)\nfinish = run._sender.finish\n"
            + "def told(end, seconds): print('finishing'); finish(end, 600)\n"
            + "run._sender.finish = told\nprint(f'engine {run._sender._connection.process.pid}.')\ntime.sleep(120)\n"
        )
        said = self.read_until(terminal, b".\r\n")
        engine = int(said.decode().rpartition("engine ")[2].split(".")[0])
        self.addCleanup(_kill, engine)
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"finishing")
        # What follows the word in the script takes a moment.
        time.sleep(0.3)
        os.write(terminal, b"\x03")
        _, said = self.end_of(pid, terminal)
        self.assertIn("is safe in its folder", said)
        os.kill(engine, signal.SIGKILL)
        run = self.run_of()
        self.assertEqual((run["status"], run["exitCode"]), ("stopped", 130))
        self.keeps(run, "x", 1000)


class Engines(Stress):
    def test_stopped_and_going_on_counts_nothing_twice(self):
        """SIGSTOP in the middle, SIGCONT after the script's end: all points, each once."""
        done = self.script(
            "import datmo, os, signal, sys, time\nrun = datmo.init()\n"
            + KNOWN
            + "for i in range(2000): run.log({'x': i}, i)\ntime.sleep(0.3)\n"
            + "os.kill(run._sender._connection.process.pid, signal.SIGSTOP)\n"
            + "for i in range(2000, 5000): run.log({'x': i}, i)\ntime.sleep(0.3)\n"
            + "run._sender._silent = True\nprint(run._sender._connection.process.pid)\nrun.finish()\nprint('on')\n"
        )
        engine, on = done.stdout.split()
        os.kill(int(engine), signal.SIGCONT)
        self.assertEqual(on, "on")
        run = self.run_of()
        self.assertEqual(run["status"], "succeeded")
        self.keeps(run, "x", 5000)

    def test_a_stopped_engine_costs_the_script_no_memory(self):
        """A million points wait on disk, not in the process."""
        done = self.script(
            "import datmo, os, signal, time\n"
            "def anonymous():\n"
            "  with open('/proc/self/status') as f:\n"
            "    return next(int(line.split()[1]) for line in f if line.startswith('RssAnon')) / 1024\n"
            "before = anonymous()\nrun = datmo.init(snapshots=False)\n"
            + KNOWN
            + "os.kill(run._sender._connection.process.pid, signal.SIGSTOP)\n"
            + "for i in range(1000000): run.log({'x': 0.5}, i)\n"
            + "print(anonymous() - before)\n"
            + "os.kill(run._sender._connection.process.pid, signal.SIGCONT)\n",
            timeout=120,
        )
        self.assertLess(float(done.stdout), 30)
        run = self.run_of()
        (metric,) = self.engine.request("metric.list", {"runId": run["id"]})["items"]
        self.assertEqual((metric["count"], metric["lastStep"]), (10**6, 10**6 - 1))


class Processes(Stress):
    def test_workers_that_are_terminated_end_nothing(self):
        """As a data loader has them: forked, kept for the whole training, ended by SIGTERM."""
        self.script(
            "import datmo, multiprocessing, os\nrun = datmo.init()\n"
            "def load(k): run.log({'loaded': k}, k); return k\n"
            "pool = multiprocessing.get_context('fork').Pool(3)\n"
            "for epoch in range(3):\n"
            "  for k in pool.imap_unordered(load, range(100 * epoch, 100 * epoch + 100)): run.log({'seen': k}, k)\n"
            "pool.terminate(); pool.join()\nrun.log({'last': 1})\n"
        )
        run = self.run_of()
        self.assertEqual((run["status"], run["metrics"]["last"]), ("succeeded", 1))
        self.keeps(run, "loaded", 300)
        self.keeps(run, "seen", 300)

    def test_spawned_workers_join_by_the_run_they_are_handed(self):
        self.script(
            "import datmo, multiprocessing\n"
            "def work(run, k):\n  for i in range(100): run.log({f'w{k}': i}, i)\n"
            "if __name__ == '__main__':\n"
            "  run = datmo.init()\n"
            "  workers = [multiprocessing.get_context('spawn').Process(target=work, args=(run, k)) for k in range(2)]\n"
            "  [w.start() for w in workers]; [w.join() for w in workers]\n"
        )
        run = self.run_of()
        self.keeps(run, "w0", 100)
        self.keeps(run, "w1", 100)

    def test_ranks_of_one_job_are_united(self):
        """Each rank logs the same names at the same steps; the run has all of them, and one end."""
        path = os.path.join(self.folder, "rank.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                "import datmo, os, sys\nrun = datmo.init(config={'lr': 1}, snapshots=False)\nrank = int(os.environ['RANK'])\n"
                "for i in range(500): run.log({'loss': 10 * i + rank}, i)\nrun.config[f'rank{rank}'] = rank\n"
                "print('logged', flush=True); sys.stdin.read()\n"
            )
        variables = {"TORCHELASTIC_RUN_ID": "job-7", "WORLD_SIZE": "3", "LOCAL_WORLD_SIZE": "3"}
        ranks = [
            subprocess.Popen(
                [sys.executable, path],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**self.environment, **variables, "RANK": str(rank)},
            )
            for rank in range(3)
        ]
        for rank in ranks:
            self.assertEqual(rank.stdout.readline(), b"logged\n")
        for rank in ranks:
            rank.communicate(timeout=60)
        run = self.run_of()
        self.assertEqual(run["status"], "succeeded")
        self.assertEqual(run["config"], {"lr": 1, "rank0": 0, "rank1": 1, "rank2": 2})
        points = sorted(self.history(run, "loss"))
        self.assertEqual(points, sorted((i, float(10 * i + rank)) for i in range(500) for rank in range(3)))

    def test_a_thread_that_logs_into_the_end_of_the_script(self):
        """What it logged before the run ended is kept; the script ends as if the thread were not there."""
        done = self.script(
            "import datmo, itertools, threading, time\nrun = datmo.init()\n"
            "def work():\n  for i in itertools.count(): run.log({'x': i}, i)\n"
            "threading.Thread(target=work, daemon=True).start()\ntime.sleep(0.2)\n"
        )
        self.assertNotIn("Traceback", done.stderr)
        run = self.run_of()
        self.assertEqual(run["status"], "succeeded")
        points = self.history(run, "x")
        self.assertGreater(len(points), 0)
        self.keeps(run, "x", len(points))

    def test_asyncio_that_is_interrupted(self):
        self.script(
            "import asyncio, datmo, os, signal\nrun = datmo.init()\n"
            "async def work(k):\n  for i in range(200): run.log({f'a{k}': i}, i); await asyncio.sleep(0)\n"
            "async def main():\n"
            "  await asyncio.gather(*(work(k) for k in range(3)))\n"
            "  os.kill(os.getpid(), signal.SIGINT); await asyncio.sleep(60)\nasyncio.run(main())\n",
            check=None,
        )
        run = self.run_of()
        self.assertEqual((run["status"], run["exitCode"]), ("stopped", 130))
        for k in range(3):
            self.keeps(run, f"a{k}", 200)


class Kills(Stress):
    def test_at_random_moments(self):
        """Script, engine or both, by SIGKILL or SIGTERM: no call that returned is lost (200 times with DATMO_SOAK=1)."""
        code = (
            "import datmo, os, sys, time\nrun = datmo.init(snapshots=False)\nos.write(1, f'{run.id}\\n'.encode())\n"
            "engine = run._sender._process.pid\nos.write(1, b'%d\\n' % engine)\n"
            "for i in range(10**9):\n  run.log({'x': i}, i)\n" + SAY
        )
        seed = int(os.environ.get("DATMO_SEED", "0")) or random.randrange(10**6)
        moments = random.Random(seed)
        lost = 0
        for index in range(200 if os.environ.get("DATMO_SOAK") else 8):
            child = self.start(code)
            run_id, engine = child.stdout.readline().decode().strip(), int(child.stdout.readline())
            said = [child.stdout.readline() for _ in range(1 + moments.randrange(20))]
            time.sleep(moments.random() * 0.4)
            number = moments.choice([signal.SIGKILL, signal.SIGTERM])
            victims = moments.choice([[child.pid], [engine], [child.pid, engine], [engine, child.pid]])
            for pid in victims:
                _kill(pid, number)
            if child.pid not in victims:
                said += [child.stdout.readline() for _ in range(20)]
                child.kill()
            last = int((b"".join(said) + child.stdout.read()).rsplit(b"\n", 2)[-2])
            child.stdout.close()
            child.wait()
            run = self.run_of(run_id)
            what = f"round {index} of seed {seed}: {number.name} to {victims} of {child.pid} and {engine}"
            self.assertIn(run["status"], ("lost", "stopped"), what)
            steps = [step for step, _ in self.history(run, "x")]
            lost += len(set(range(last + 1)) - set(steps))
            self.assertEqual(steps, list(range(len(steps))), what)
            self.assertGreater(len(steps), last, what)
        self.assertEqual(lost, 0)


def _kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    unittest.main()
