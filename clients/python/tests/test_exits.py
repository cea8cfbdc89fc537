"""However a script ends: what is kept, and what the run says about it. No engine takes part."""

from __future__ import annotations

import os
import signal
import unittest

from helpers import ProjectTest

BEGIN = """
import datmo, os, signal, sys, threading
run = datmo.init(config={"lr": 0.1})
run.log({"loss": 0.5})
"""


class Exits(ProjectTest):
    def ended(self, code, check=0, **variables):
        done = self.script(BEGIN + code, check=check, **variables)
        self.assertEqual([point[0] for point in self.points()][:1], ["loss"])
        return done, (self.end() if self.lines("end") else None)

    def test_normal(self):
        _, end = self.ended("")
        self.assertEqual(end, {"status": "succeeded", "exitCode": 0})

    def test_finish(self):
        _, end = self.ended("run.finish(3); run.finish(); print(run.active)")
        self.assertEqual(end, {"status": "failed", "exitCode": 3})

    def test_exception(self):
        done, end = self.ended("raise ValueError('no such thing')", check=1)
        self.assertEqual(end["status"], "failed")
        self.assertEqual(end["error"], {"kind": "ValueError", "message": "no such thing"})
        self.assertIn("Traceback", done.stderr)

    def test_exception_in_a_with_block(self):
        _, end = self.ended("try:\n  with run: 1/0\nexcept ZeroDivisionError: print('on')")
        self.assertEqual((end["status"], end["error"]["kind"]), ("failed", "ZeroDivisionError"))

    def test_end_of_a_with_block(self):
        _, end = self.ended("with run: run.log({'loss': 1})\nrun.log({'loss': 2})")
        self.assertEqual(end["status"], "succeeded")
        self.assertEqual(len(self.points()), 2)

    def test_sys_exit(self):
        for index, (call, code, status) in enumerate(
            [
                ("sys.exit()", 0, "succeeded"),
                ("sys.exit(4)", 4, "failed"),
                ("sys.exit('a message')", 1, "failed"),
                ("exit(5)", 5, "failed"),
                ("from sys import exit as leave; leave(6)", 6, "failed"),
            ]
        ):
            with self.subTest(call):
                if index:
                    self.doCleanups()
                    self.setUp()
                _, end = self.ended(call, check=code)
                self.assertEqual(end, {"status": status, "exitCode": code})

    def test_sys_exit_in_a_thread_ends_only_the_thread(self):
        _, end = self.ended("t = threading.Thread(target=lambda: sys.exit(3)); t.start(); t.join()")
        self.assertEqual(end["status"], "succeeded")

    def test_keyboard_interrupt(self):
        _, end = self.ended("raise KeyboardInterrupt", check=None)
        self.assertEqual(end, {"status": "stopped", "exitCode": 130})

    def test_sigterm(self):
        done, end = self.ended("os.kill(os.getpid(), signal.SIGTERM)", check=-signal.SIGTERM)
        self.assertEqual(end, {"status": "stopped", "exitCode": 143})

    def test_sigterm_handled_by_the_script(self):
        code = "signal.signal(signal.SIGTERM, lambda *_: (print('mine'), sys.exit(9)))\nos.kill(os.getpid(), signal.SIGTERM)"
        done, end = self.ended(code, check=9)
        self.assertIn("mine", done.stdout)
        self.assertEqual(end, {"status": "failed", "exitCode": 9})

    def test_handlers_that_were_there_are_left_alone_and_ours_leaves(self):
        code = (
            "mine = lambda *_: None\nsignal.signal(signal.SIGTERM, mine)\n"
            + BEGIN
            + (
                "assert signal.getsignal(signal.SIGTERM) is mine\nrun.finish()\n"
                "assert sys.excepthook is sys.__excepthook__\n"
                "assert sys.exit.__module__ == 'sys', sys.exit\n"
            )
        )
        self.script("import signal\n" + code)

    def test_os_exit_and_sigkill_leave_no_end_and_lose_nothing(self):
        for code in ("os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)"):
            with self.subTest(code):
                self.doCleanups()
                self.setUp()
                _, end = self.ended(f"for i in range(5000): run.log({{'loss': i}})\n{code}", check=None)
                self.assertIsNone(end)
                self.assertEqual(len(self.points()), 5001)
                self.assertTrue(os.listdir(os.path.join(self.folder, ".datmo", "open")))

    def test_a_custom_excepthook_is_called_as_well(self):
        code = "sys.excepthook = lambda *_: print('hook')\n" + BEGIN + "raise ValueError('x')"
        done = self.script("import sys\n" + code, check=1)
        self.assertIn("hook", done.stdout)
        self.assertEqual(self.end()["error"]["kind"], "ValueError")


class Kills(ProjectTest):
    def test_no_call_that_returned_is_lost_to_sigkill(self):
        """The child says each step after its call has returned; the file must hold every step that was said."""
        code = (
            "import datmo, os, sys\nrun = datmo.init(capture=False)\n"
            "for step in range(10**9):\n"
            "    run.log({'loss': step, 'acc': 1.0}, step)\n"
            "    if step % 50 == 0: os.write(1, b'%d\\n' % step)\n"
        )
        rounds = int(os.environ.get("DATMO_KILLS") or (200 if os.environ.get("DATMO_SOAK") else 20))
        for index in range(rounds):
            self.doCleanups()
            self.setUp()
            child = self.start(code)
            try:
                said = [child.stdout.readline() for _ in range(5 + 37 * index % 400)]
            finally:
                child.kill()
            rest = child.stdout.read()
            child.stdout.close()
            child.wait()
            last = int((b"".join(said) + rest).rsplit(b"\n", 2)[-2])
            steps = {point[1] for point in self.points() if point[0] == "loss"}
            missing = set(range(last + 1)) - steps
            self.assertEqual(missing, set(), f"{len(missing)} of {last + 1} lost in round {index}")


if __name__ == "__main__":
    unittest.main()
