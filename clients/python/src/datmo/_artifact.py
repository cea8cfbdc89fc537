"""Named groups of files: ``artifacts/<name>/`` among the files of a run."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager

from ._ids import random_id
from ._values import to_json, to_object
from .errors import make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any, Optional

    from ._executed import ExecutedRun
    from ._run import Run

_FACTS = "artifact.json"


class Artifact:
    """Files that belong together, such as a data set or a model with its vocabulary.

    Fill it, then ``run.log_artifact(artifact)``. Nothing is copied before: the files must stay as they are until the
    run has ended, or ``log_artifact`` is followed by a snapshot.
    """

    def __init__(
        self, name: str, type: str = "", description: Optional[str] = None, metadata: Any = None, **_others: Any
    ) -> None:
        """Raises ValueError for a name with other characters than letters, digits, ``_``, ``-`` and ``.``."""
        if not re.fullmatch(r"[\w-][\w.-]{0,99}", name):
            raise ValueError(f"{name!r} is no name for an artifact: letters, digits, _, - and . only")
        self.name = name
        self.type = type
        self.description = description
        self.metadata: dict[str, Any] = to_object(metadata, "metadata")
        # Name inside → what it is made of.
        self._files: dict[str, str] = {}
        self._made: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def add_file(self, local_path: str | os.PathLike[str], name: Optional[str] = None, **_others: Any) -> None:
        """Adds a file under its own name or another. Raises DatmoError of kind FILE_NOT_FOUND."""
        path = os.path.abspath(os.fspath(local_path))
        if not os.path.isfile(path):
            raise make_error("FILE_NOT_FOUND", {"path": os.fspath(local_path)})
        self._files[_inside(name or os.path.basename(path))] = path

    def add_dir(self, local_path: str | os.PathLike[str], name: Optional[str] = None, **_others: Any) -> None:
        """Adds what is in a folder, into the artifact's root or the folder ``name``. Raises DatmoError."""
        root = os.path.abspath(os.fspath(local_path))
        if not os.path.isdir(root):
            raise make_error("FILE_NOT_FOUND", {"path": os.fspath(local_path)})
        for folder, _folders, names in os.walk(root):
            for file in names:
                path = os.path.join(folder, file)
                inside = os.path.relpath(path, root)
                self._files[_inside(os.path.join(name, inside) if name else inside)] = path

    def add(self, obj: Any, name: str) -> None:
        """Adds a table, picture or the like. Raises TypeError for anything else."""
        from ._keep import as_media

        found = as_media(obj)
        if found is None:
            raise TypeError(f"an artifact takes tables, pictures and files, not {type(obj).__name__}")
        inside = _inside(name)
        found.write(self._stage(inside if os.path.splitext(inside)[1] else f"{inside}.{found.ending}"))

    def add_reference(self, uri: str, name: Optional[str] = None, **_others: Any) -> None:
        """Notes where something else lies; it is not fetched."""
        self._references[_inside(name or uri.rstrip("/").rpartition("/")[2])] = uri

    @contextmanager
    def new_file(self, name: str, mode: str = "w", **_others: Any) -> Iterator[IO[Any]]:
        """A file to write, that is part of the artifact afterwards."""
        with open(self._stage(_inside(name)), mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file

    def wait(self, timeout: Optional[float] = None) -> Artifact:
        """Nothing to wait for."""
        return self

    def __repr__(self) -> str:
        return f"<datmo.Artifact {self.name}>"

    def _stage(self, inside: str) -> str:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="datmo-artifact-")
        os.close(descriptor)
        self._made[inside] = path
        return path

    def _log(self, run: Run, aliases: Iterable[str]) -> None:
        """Hands the files over; what was made here moves into the run's folder, under a name that is not kept twice."""
        staged = os.path.join(run.directory, f".artifact-{random_id()[:8]}")
        os.mkdir(staged, 0o700)
        for number, (inside, path) in enumerate(self._made.items()):
            self._files[inside] = os.path.join(staged, str(number))
            shutil.move(path, self._files[inside])
        self._made.clear()
        facts = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "metadata": to_json(self.metadata),
            "aliases": list(aliases),
            "references": self._references,
        }
        path = os.path.join(staged, _FACTS)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(facts, file, allow_nan=False)
        for inside, path in {**self._files, _FACTS: path}.items():
            run.log_file(path, f"artifacts/{self.name}/{inside}")
        run.tag(f"artifact:{self.name}", *(f"artifact:{self.name}:{alias}" for alias in aliases))


class UsedArtifact:
    """An artifact that a run of this project has logged."""

    def __init__(self, name: str, run: ExecutedRun) -> None:
        self.name = name
        self.run = run

    def download(self, root: Optional[str | os.PathLike[str]] = None) -> str:
        """Writes the files into a folder, ``artifacts/<name>/<run>`` when none is given; answers its path.

        Files that are there stay as they are; by default each version has a folder of its own. Raises DatmoError.
        """
        own = os.path.join("artifacts", self.name, self.run.id[:8])
        folder = os.path.abspath(own if root is None else os.fspath(root))
        prefix = f"artifacts/{self.name}/"
        for entry in self.run.files():
            inside = entry["path"][len(prefix) :]
            destination = os.path.join(folder, *inside.split("/"))
            if entry["path"].startswith(prefix) and inside != _FACTS and not os.path.exists(destination):
                os.makedirs(os.path.dirname(destination), exist_ok=True)
                self.run.get_file(entry["path"], destination)
        return folder

    def __repr__(self) -> str:
        return f"<datmo artifact {self.name} of run {self.run.id[:8]}>"


def log_artifact(
    run: Run, artifact: Any, name: Optional[str], type: Optional[str], aliases: Optional[Iterable[str]]
) -> Artifact:
    """Logs an artifact, or a file or folder as one."""
    if isinstance(artifact, Artifact):
        found = artifact
    else:
        path = os.fspath(artifact)
        found = Artifact(name or re.sub(r"[^\w.-]", "-", os.path.basename(os.path.abspath(path))), type or "")
        if os.path.isdir(path):
            found.add_dir(path)
        else:
            found.add_file(path)
    found._log(run, list(aliases or ()))
    return found


def find_artifact(wanted: str) -> UsedArtifact:
    """The newest run that logged ``name`` or ``name:alias``; ``latest`` is the newest. Raises DatmoError."""
    from ._runs import runs

    name, _, alias = wanted.rpartition("/")[2].partition(":")
    tag = f"artifact:{name}" if alias in ("", "latest") else f"artifact:{name}:{alias}"
    found = runs(filter=f"tag = {_quoted(tag)}", limit=1)
    if not found:
        raise make_error("FILE_NOT_FOUND", {"path": f"artifacts/{wanted}"})
    return UsedArtifact(name, found[0])


def _inside(name: str) -> str:
    parts = os.path.normpath(name).replace(os.sep, "/").split("/")
    if parts[0] in ("", "..", ".") or os.path.isabs(name):
        raise ValueError(f"{name!r} is no name inside an artifact")
    return "/".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'
