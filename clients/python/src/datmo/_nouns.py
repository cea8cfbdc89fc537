# generated from protocol/, do not edit; npm run generate
"""The nouns of the protocol, each a module of functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import environment, exporter, file, graph, importer, metric, plugin, project, queue, store, sweep, task, workspace

__all__ = [
    "environment",
    "exporter",
    "file",
    "graph",
    "importer",
    "metric",
    "plugin",
    "project",
    "queue",
    "store",
    "sweep",
    "task",
    "workspace",
]
