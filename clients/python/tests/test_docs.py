"""Every block of Python in the user's pages is run."""

from __future__ import annotations

import os
import re
import unittest

from helpers import REPOSITORY
from packages import needs
from with_engine import WithEngine


def blocks(*path):
    with open(os.path.join(REPOSITORY, *path), encoding="utf-8") as file:
        return re.findall(r"^```python\n(.*?)^```", file.read(), re.M | re.S)


class Docs(WithEngine):
    @needs("pandas", "pyarrow")
    def test_every_block_runs(self):
        pages = (("README.md",), ("clients", "python", "README.md"), ("docs", "python.md"))
        found = [code for page in pages for code in blocks(*page)]
        self.assertGreater(len(found), 8)
        for code in found:
            with self.subTest(code.split("\n")[2]):
                done = self.script(code, timeout=120)
                self.assertNotIn("could not", done.stderr)
                self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
