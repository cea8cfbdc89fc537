"""Speaking with an engine: a fake one that answers by rote, dies, falls silent, or talks nonsense."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import unittest
from unittest import mock

from helpers import FAKE_ENGINE, ProjectTest

import datmo
from datmo._find import engine_is_here
from datmo.errors import DatmoError


class Engines(ProjectTest):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(self.folder, "fake-engine.jsonl")
        variables = {"DATMO_ENGINE": FAKE_ENGINE, "FAKE_ENGINE_LOG": self.log}
        patched = mock.patch.dict(os.environ, variables)
        patched.start()
        self.addCleanup(patched.stop)
        self.engine = datmo.Engine(self.folder)
        self.addCleanup(self.engine.close)

    def misbehave(self, what):
        patched = mock.patch.dict(os.environ, {"FAKE_ENGINE_DO": what})
        patched.start()
        self.addCleanup(patched.stop)

    def failure(self, method="run.get"):
        with self.assertRaises(DatmoError) as caught:
            self.engine.request(method, {"id": "a" * 26})
        return caught.exception

    def test_handshake_request_and_end(self):
        with self.engine as engine:
            run = engine.methods.run_get({"id": "b" * 26})["run"]
        self.assertEqual(run["name"], "quiet-heron")
        first, *messages, last = self.fake_log()
        self.assertTrue(first["session"])
        self.assertEqual(first["argv"], ["--stdio"])
        self.assertEqual(last, {"end": "end of input"})
        self.assertEqual(
            [message["method"] for message in messages], ["initialize", "initialized", "run.get", "shutdown", "exit"]
        )
        params = messages[0]["params"]
        self.assertEqual((params["protocolVersion"], params["projectDir"]), (1, self.folder))
        self.assertEqual(params["client"]["name"], "datmo-python")
        # A command may lead to another machine, where the id would be that of another process.
        self.assertNotIn("processId", params)
        named = ({}, {"DATMO_ENGINE": "/e.js"}, {"DATMO_ENGINE": "ssh host datmo"})
        self.assertEqual([engine_is_here(variables) for variables in named], [True, True, False])

    def test_byte_by_byte(self):
        self.misbehave("slow")
        self.assertEqual(self.engine.request("run.get", {"id": "x"})["run"]["id"], "x")

    def test_errors_arrive_as_exceptions(self):
        self.misbehave("error:run.get")
        error = self.failure()
        self.assertEqual((type(error).__name__, error.kind, error.code), ("RunError", "RUN_NOT_FOUND", 1100))
        self.assertEqual((error.details, error.hint), ({"id": "x"}, "Look again."))

    def test_an_engine_that_dies_fails_what_is_pending_and_is_started_again(self):
        self.misbehave("die:run.get")
        error = self.failure()
        self.assertEqual(error.kind, "ENGINE_GONE")
        self.assertIn("signal 9", str(error))
        os.environ["FAKE_ENGINE_DO"] = ""
        self.assertEqual(self.engine.request("run.get", {"id": "x"})["run"]["id"], "x")
        self.assertEqual(sum("start" in entry for entry in self.fake_log()), 2)

    def test_text_on_its_stdout(self):
        self.misbehave("garbage")
        error = self.failure()
        self.assertIn(error.kind, ("ENGINE_GONE", "ENGINE_NOT_FOUND"))

    def test_another_version(self):
        self.misbehave("old")
        self.assertEqual(self.failure().kind, "PROTOCOL_VERSION_UNSUPPORTED")

    def test_nothing_to_start(self):
        os.environ["DATMO_ENGINE"] = os.path.join(self.folder, "none")
        self.assertEqual(self.failure().kind, "ENGINE_NOT_FOUND")

    def test_many_threads_one_engine(self):
        answers = {}

        def work(index):
            for turn in range(20):
                name = f"{index}-{turn}"
                answers[name] = self.engine.request("run.get", {"id": name})["run"]["id"]

        # The first request of all comes from several threads at once as well.
        threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, {name: name for name in answers})
        self.assertEqual(len(answers), 160)
        self.assertEqual(sum("start" in entry for entry in self.fake_log()), 1)

    def test_many_threads_one_default_engine(self):
        from datmo._default import default_engine

        found = []
        together = threading.Barrier(8)

        def work():
            together.wait(30)
            found.append(default_engine())

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(map(id, found))), 1)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_a_child_forked_while_an_engine_starts_starts_its_own(self):
        with self.engine._starting:
            child = os.fork()
            if child == 0:
                signal.alarm(60)
                answer = self.engine.request("run.get", {"id": "x"})["run"]["id"]
                os._exit(0 if answer == "x" else 1)
        _, status = os.waitpid(child, 0)
        self.assertEqual(status, 0)

    def test_interrupting_a_wait_cancels_it_and_keeps_the_engine(self):
        self.misbehave("mute:run.wait")
        self.engine.request("run.get", {"id": "first"})
        interrupt = threading.Timer(0.3, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
        interrupt.start()
        with self.assertRaises(KeyboardInterrupt):
            self.engine.request("run.wait", {"id": "x"})
        self.assertEqual(self.engine.request("run.get", {"id": "x"})["run"]["id"], "x")
        methods = [entry.get("method") for entry in self.fake_log()]
        self.assertEqual(methods[-3:], ["run.wait", "$/cancelRequest", "run.get"])

    def test_a_forked_child_starts_its_own_and_does_not_hold_ours_up(self):
        self.engine.request("run.get", {"id": "first"})
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                if self.engine.request("run.get", {"id": "x"})["run"]["id"] == "x":
                    code = 0
            finally:
                os._exit(code)
        child = os.fork()
        if child == 0:
            time.sleep(30)
            os._exit(0)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        self.engine.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.assertEqual(sum("start" in entry for entry in self.fake_log()), 2)
        self.assertEqual(self.engine.request("run.get", {"id": "y"})["run"]["id"], "y")

    def test_notifications(self):
        heard = []
        self.engine.on_notification(lambda method, params: heard.append(method))
        self.engine.request("run.get", {"id": "x"})
        self.assertIn("$/logMessage", heard)

    def test_params_json_cannot_hold(self):
        with self.assertRaises(TypeError):
            self.engine.request("run.get", {"id": object()})
        self.assertEqual(self.engine.request("run.get", {"id": "x"})["run"]["id"], "x")


class Behind(ProjectTest):
    """The sender thread of a recorded run."""

    def setUp(self):
        super().setUp()
        self.environment["DATMO_ENGINE"] = FAKE_ENGINE

    def methods(self):
        return [entry["method"] for entry in self.fake_log() if "method" in entry]

    def stretches(self):
        return [entry["params"]["spool"] for entry in self.fake_log() if entry.get("method") == "metric.log"]

    def test_whole_run(self):
        done = self.script(
            "import datmo, time\ndef told(to):\n  while run.writers()[0].told < to: time.sleep(0.01)\n"
            "run = datmo.init(config={'lr': 1}, name='n')\nrun.log({'x': 1})\ntold(160)\n"
            "run.log({'x': 2})\ntold(192)\nprint(run.name, run.snapshot('m').message)\nrun.log({'x': 3})\n"
        )
        self.assertEqual((done.stdout, done.stderr), ("n m\n", ""))
        self.assertEqual(
            [m for m in self.methods() if m != "metric.log"],
            ["initialize", "initialized", "run.create", "snapshot.create", "run.finish"],
        )
        told = self.stretches()
        self.assertEqual([(s["from"], s["to"]) for s in told], [(0, 160), (160, 192)])
        create = next(entry["params"] for entry in self.fake_log() if entry.get("method") == "run.create")
        (begin,) = self.lines("begin")
        self.assertEqual(create, begin["run"])
        finish = next(entry["params"] for entry in self.fake_log() if entry.get("method") == "run.finish")
        self.assertEqual((finish["id"], finish["status"], finish["exitCode"]), (create["id"], "succeeded", 0))
        # The script does not wait for its engine to leave.
        deadline = time.monotonic() + 30
        while self.fake_log()[-1] != {"end": "end of input"} and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.fake_log()[-1], {"end": "end of input"})

    def test_news_are_told_within_a_tenth_of_a_second_or_so(self):
        self.script(
            "import datmo, time\nrun = datmo.init()\nfor i in range(20):\n  run.log({'x': i}); time.sleep(0.05)"
        )
        self.assertGreaterEqual(len(self.stretches()), 5)

    def test_a_full_file_is_removed_once_it_is_durable(self):
        self.script(
            "import datmo, time\nimport datmo._spool\ndatmo._spool.LARGEST = 1 << 20\nrun = datmo.init()\n"
            "for i in range(70000): run.log({'x': i}, i)\ntime.sleep(1)\n"
        )
        left = os.listdir(os.path.join(self.task_directory(), "spool"))
        self.assertEqual(len(left), 1)
        names = {stretch["file"] for stretch in self.stretches()}
        self.assertEqual(len(names), 3)

    def test_dead_engine(self):
        # An engine that starts slowly is told of no news before the end, unless the script waits for that.
        until_told = "while run._sender._connection is None or run._sender._connection.alive: time.sleep(0.01)\n"
        for method in ("initialize", "run.create", "metric.log", "run.finish"):
            with self.subTest(method):
                self.doCleanups()
                self.setUp()
                done = self.script(
                    "import datmo, time\nrun = datmo.init()\n"
                    "for i in range(300): run.log({'x': i}); time.sleep(0.001)\n"
                    + until_told
                    * (method == "metric.log"),
                    FAKE_ENGINE_DO=f"die:{method}",
                )
                self.assertEqual(done.stderr.count("datmo:"), 1, done.stderr)
                self.assertIn("signal 9", done.stderr)
                self.assertEqual(len(self.points()), 300)
                self.assertEqual(self.end()["status"], "succeeded")

    def test_an_engine_killed_on_the_way_is_replaced_at_the_end(self):
        self.script(
            "import datmo, json, os, signal, time\nrun = datmo.init()\nrun.log({'x': 1})\n"
            "while not run.name: time.sleep(0.01)\n"
            "os.kill(json.loads(open('fake-engine.jsonl').readline())['start'], signal.SIGKILL)\n"
            "time.sleep(0.3)\nrun.log({'x': 2})\n"
        )
        self.assertEqual(self.methods()[-4:], ["initialize", "initialized", "run.create", "run.finish"])
        creates = [entry["params"] for entry in self.fake_log() if entry.get("method") == "run.create"]
        self.assertEqual([create.get("resume") for create in creates], [None, True])

    def test_stopped_engine_never_blocks_the_script(self):
        done = self.script(
            "import datmo, json, os, signal, sys, time\nrun = datmo.init()\nrun.log({'x': -1})\n"
            "while not run.name: time.sleep(0.01)\n"
            "pid = json.loads(open('fake-engine.jsonl').readline())['start']\nos.kill(pid, signal.SIGSTOP)\n"
            "import datmo._sender; datmo._sender._SILENCE_SECONDS = 0.5\n"
            "begin = time.perf_counter(); slowest = 0\n"
            "while time.perf_counter() - begin < 1.5:\n"
            "  t = time.perf_counter(); run.log({'x': 1}); slowest = max(slowest, time.perf_counter() - t)\n"
            "t = time.perf_counter(); run.finish(); print(slowest, time.perf_counter() - t)\n"
            "os.kill(pid, signal.SIGKILL)\n"
        )
        slowest, finish = map(float, done.stdout.split())
        # No measurement: waiting for a stopped engine would take for ever.
        self.assertLess(slowest, 1.0)
        self.assertLess(finish, 5.0)
        self.assertEqual(done.stderr.count("does not answer"), 2)
        self.assertGreater(len(self.points()), 1000)
        self.assertEqual(self.end()["status"], "succeeded")

    def test_finish_does_not_wait_for_ever(self):
        code = "import datmo, datmo._run\ndatmo._run._FINISH_SECONDS = 0.5\nrun = datmo.init()\nrun.log({'x': 1})\nrun.finish()"
        done = self.script(code, FAKE_ENGINE_DO="mute:run.finish")
        self.assertIn("does not answer", done.stderr)
        self.assertEqual(len(self.points()), 1)

    def test_sigterm_and_exception_reach_the_engine(self):
        for code, status in (("os.kill(os.getpid(), signal.SIGTERM)", "stopped"), ("1/0", "failed")):
            with self.subTest(code):
                self.doCleanups()
                self.setUp()
                self.script(f"import datmo, os, signal\nrun = datmo.init()\nrun.log({{'x': 1}})\n{code}", check=None)
                finish = next(entry["params"] for entry in self.fake_log() if entry.get("method") == "run.finish")
                self.assertEqual(finish["status"], status)

    def test_a_child_that_lives_on_does_not_hold_the_engine_up(self):
        self.script(
            "import datmo, os, time\nrun = datmo.init()\nrun.log({'x': 1})\nwhile not run.name: time.sleep(0.01)\n"
            "if os.fork() == 0:\n  os.close(1); os.close(2); time.sleep(2); os._exit(0)\n"
            "run.finish()\nfor _ in range(100):\n"
            "  if 'end of input' in open('fake-engine.jsonl').read(): break\n"
            "  time.sleep(0.01)\nelse: raise SystemExit('the engine is still up')\n"
        )

    def test_creates_a_project_through_the_engine_and_says_so(self):
        shutil.rmtree(os.path.join(self.folder, ".datmo"))
        done = self.script("import datmo\ndatmo.init().log({'x': 1})")
        self.assertEqual(done.stderr.count("created a project"), 1)
        self.assertIn("project.create", self.methods())
        self.assertEqual(len(self.points()), 1)

    def test_resume(self):
        done = self.script(
            "import datmo\nrun = datmo.init(resume='aaaa', config={'n': 1})\nprint(run.id, run.step)\nrun.log({'x': 1})"
        )
        self.assertEqual(done.stdout, "aaaa 42\n")
        creates = [entry["params"] for entry in self.fake_log() if entry.get("method") == "run.create"]
        self.assertEqual([create["resume"] for create in creates], [True])

    def test_a_run_to_resume_that_is_not_there_is_an_error(self):
        done = self.script("import datmo\ndatmo.init(resume='zzzz')", check=1, FAKE_ENGINE_DO="error:run.get")
        self.assertIn("No run.", done.stderr)

    def test_the_engine_does_not_hold_our_output_open(self):
        """`python train.py 2>&1 | tee log` ends with the script, not with the engine's after-snapshot."""
        begin = time.monotonic()
        self.script(
            "import datmo, json, os, signal, time\nrun = datmo.init()\nwhile not run.name: time.sleep(0.01)\n"
            "import datmo._run; os.kill(json.loads(open('fake-engine.jsonl').readline())['start'], signal.SIGSTOP)\n"
            "import datmo._sender; datmo._sender._SILENCE_SECONDS = 0\ntime.sleep(0.3); run.log({'x': 1}); time.sleep(0.3)\n",
            timeout=30,
        )
        self.assertLess(time.monotonic() - begin, 25)
        os.kill(self.fake_log()[0]["start"], signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
