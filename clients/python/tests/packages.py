"""Other packages that the client works with. Without them their tests are skipped, visibly; `.ci/run` installs all."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import unittest

# PyTorch and what needs it may live in an environment of their own.
TORCH_PYTHON = os.environ.get("DATMO_TEST_TORCH_PYTHON") or sys.executable


def needs(*names):
    """Skips a test unless all of these can be imported."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"needs {', '.join(missing)}: pip install {' '.join(missing)}")


def needs_with_torch(*names):
    """Skips a test unless the Python that has PyTorch can import all of these."""
    code = "import importlib.util as u, sys\nsys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))"
    there = subprocess.run([TORCH_PYTHON, "-c", code, *names], check=False).returncode == 0
    return unittest.skipUnless(there, f"needs {', '.join(names)} in {TORCH_PYTHON} (DATMO_TEST_TORCH_PYTHON)")
