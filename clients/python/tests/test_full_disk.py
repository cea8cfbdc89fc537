"""A disk that is really full: a small tmpfs, where mounting one is permitted."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest

from helpers import ProjectTest, make_project

FILL = (
    "import os\nballast = os.open('ballast', os.O_WRONLY | os.O_CREAT)\n"
    "try:\n  while True: os.write(ballast, b'0' * 4096)\nexcept OSError: pass\n"
)


def mounted(folder, size):
    return (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
        ).returncode
        == 0
    )


class FullDisk(ProjectTest):
    def setUp(self):
        super().setUp()
        inner = tempfile.mkdtemp(dir=self.folder)
        if not mounted(inner, "3m"):
            self.skipTest("mounting a tmpfs is not permitted here")
        self.addCleanup(subprocess.run, ["umount", inner], check=False)
        self.folder = inner
        make_project(inner)

    def test_full_for_a_while(self):
        """No SIGBUS, no exception; what was logged while the disk was full is written once there is space."""
        done = self.script(
            "import datmo, os, time\nrun = datmo.init(capture=False)\n"
            "for i in range(30000): run.log({'x': i}, i)\n"
            + FILL
            + "for i in range(30000, 70000): run.log({'x': i}, i)\n"
            "os.close(ballast); os.unlink('ballast')\ntime.sleep(0.2)\nrun.log({'x': 70000}, 70000)\n"
        )
        self.assertIn("cannot write points", done.stderr)
        self.assertEqual(sorted(point[1] for point in self.points()), list(range(70001)))
        self.assertEqual(self.end()["status"], "succeeded")

    def test_full_to_the_end(self):
        """The script ends well, what was on disk stays readable, and the rest is counted."""
        done = self.script(
            "import datmo\nrun = datmo.init(capture=False)\nrun.log({'x': 0}, 0)\n"
            + FILL
            + "for i in range(1, 50000): run.log({'x': i}, i)\nrun.tag('t'); print('done')\n"
        )
        self.assertEqual(done.stdout, "done\n")
        self.assertIn("points could not be written", done.stderr)
        written = sorted(point[1] for point in self.points())
        self.assertEqual(written, list(range(len(written))))
        self.assertGreater(len(written), 30000)


if __name__ == "__main__":
    unittest.main()
