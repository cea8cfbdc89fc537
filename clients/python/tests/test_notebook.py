"""A real kernel: what becomes of its run when it is restarted, gently or not."""

from __future__ import annotations

import importlib.util
import unittest

from with_engine import WithEngine

MISSING = [name for name in ("ipykernel", "jupyter_client") if importlib.util.find_spec(name) is None]
BEGIN = "import datmo; run = datmo.init(config={'a': 1})\nfor i in range(1000): run.log({'x': i}, i)\nprint(run.id)"


@unittest.skipIf(MISSING, f"needs {', '.join(MISSING)}: pip install ipykernel")
class Restarts(WithEngine):
    def setUp(self):
        super().setUp()
        from jupyter_client import KernelManager

        environment = {**self.environment, "IPYTHONDIR": self.folder, "JUPYTER_RUNTIME_DIR": self.folder}
        self.manager = KernelManager(kernel_name="python3")
        # The kernel of the interpreter that runs this, whatever else is installed.
        self.manager.start_kernel(cwd=self.folder, env=environment)
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.client = self.manager.client()
        self.client.start_channels()
        self.addCleanup(self.client.stop_channels)
        self.client.wait_for_ready(timeout=60)

    def cell(self, code):
        """What the cell printed on stdout."""
        texts = []

        def take(message):
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                texts.append(content["text"])
            if message["msg_type"] == "error":
                texts.append("\n".join(content["traceback"]))

        self.client.execute_interactive(code, timeout=60, output_hook=take)
        return "".join(texts).strip()

    def test_gently(self):
        """The run has ended, with every point; the next kernel begins another."""
        first = self.cell(BEGIN)
        self.manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=60)
        run = self.run_of(first)
        self.assertEqual((run["status"], run["type"], run["config"]), ("succeeded", "notebook", {"a": 1}))
        self.assertEqual(len(self.history(run, "x")), 1000)
        second = self.cell(BEGIN)
        self.assertNotEqual(second, first)
        self.assertEqual(self.cell("run.finish(); print(run.active)"), "False")
        self.assertEqual(self.run_of(second)["status"], "succeeded")

    def test_by_force(self):
        """The run is lost, with every point."""
        first = self.cell(BEGIN)
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=60)
        run = self.run_of(first)
        self.assertEqual(run["status"], "lost")
        self.assertEqual(self.history(run, "x"), [(i, float(i)) for i in range(1000)])

    def test_an_interrupted_cell_ends_no_run(self):
        first = self.cell(BEGIN)
        said = self.cell("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(30)")
        self.assertIn("KeyboardInterrupt", said)
        self.assertEqual(self.cell("run.log({'x': 1000}, 1000); print(run.active, run.id)"), f"True {first}")
        self.cell("run.finish()")
        self.assertEqual(len(self.history(self.run_of(first), "x")), 1001)


if __name__ == "__main__":
    unittest.main()
