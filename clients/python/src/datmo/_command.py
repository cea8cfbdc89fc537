"""The command line, as ``datmo`` or ``python -m datmo``: the program in the package, run by Node."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Becomes the program; ends with 125 when Node or the program is not there."""
    from ._find import EngineMissing, program_command

    try:
        words = [*program_command(), *sys.argv[1:]]
    except EngineMissing as missing:
        from .errors import make_error

        print(f"datmo: {make_error('ENGINE_NOT_FOUND', {'reason': str(missing)})}", file=sys.stderr)
        sys.exit(125)
    if sys.platform == "win32":
        import subprocess

        sys.exit(subprocess.call(words))
    os.execv(words[0], words)
