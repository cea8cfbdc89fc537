"""``python -m datmo`` is the command line."""

from ._command import main

main()
