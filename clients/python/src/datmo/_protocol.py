# generated from protocol/, do not edit; npm run generate
"""What goes over the wire. The types are for type checkers only, so that importing this costs next to nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Literal, Mapping, Optional, TypedDict, Union

    JsonObject = Dict[str, Any]
    Request = Callable[[str, Mapping[str, Any]], Any]

    Command = Union[str, List[str]]
    """A command. One string is given to /bin/sh; an array is executed as it is, word by word."""

    MetricValue = Union[float, Literal["NaN", "Infinity", "-Infinity"]]
    """A number, or one of three words for what JSON cannot write."""

    class _FileEntryRequired(TypedDict):
        path: str
        """Name inside its component, separated by slashes."""
        bytes: int
        """Size of the content."""
        sha256: str
        """SHA-256 of the content, hexadecimal."""

    class FileEntry(_FileEntryRequired, total=False):
        """A file that was kept."""
        source: str
        """Where it lay in the project, relative; a checkout brings it back there. Absent: it lay
        elsewhere, or in a run's own folder.
        """

    class _KeyChangeRequired(TypedDict):
        key: str
        """The key; dots separate nested keys."""

    class KeyChange(_KeyChangeRequired, total=False):
        """One key that differs."""
        a: Any
        """Value on the left side. Absent: the key is not there."""
        b: Any
        """Value on the right side. Absent: the key is not there."""

    class _PathSideRequired(TypedDict):
        mode: Literal["file", "executable", "link"]
        """What it is."""
        bytes: int
        """Size of its content; of the big file, not of its pointer."""

    class PathSide(_PathSideRequired, total=False):
        """What lies at a path on one side."""
        sha256: str
        """SHA-256 of its content, hexadecimal. Absent: it is no big file."""

    class _HunkLineRequired(TypedDict):
        kind: Literal["context", "removed", "added"]
        """Whether both sides have it, or only the left or the right one."""
        text: str
        """The line without its line feed; a carriage return in front of that is part of it."""

    class HunkLine(_HunkLineRequired, total=False):
        """One line of a hunk."""
        noNewline: bool
        """True: no line feed follows, the file ends here. Absent: one follows."""

    class Hunk(TypedDict):
        """Lines that differ, close together, with some around them: a hunk of a unified diff."""
        oldStart: int
        """Number of its first line on the left side, from 1; with no lines there, the number of the line
        before.
        """
        oldLines: int
        """How many lines of the left side it holds."""
        newStart: int
        """Number of its first line on the right side, from 1; with no lines there, the number of the line
        before.
        """
        newLines: int
        """How many lines of the right side it holds."""
        lines: List[HunkLine]
        """Its lines."""

    class _CellChangeRequired(TypedDict):
        status: Literal["added", "removed", "modified", "moved"]
        """What happened to it from the left side to the right side; one that was moved may have other text
        as well.
        """
        type: str
        """Type of the cell; on the right side where it is on both."""
        added: int
        """Lines that only the right side has."""
        removed: int
        """Lines that only the left side has."""

    class CellChange(_CellChangeRequired, total=False):
        """One cell of a notebook that differs. Outputs, execution counts and metadata do not count."""
        oldType: str
        """Type on the left side. Absent: the same."""
        id: str
        """Id of the cell. Absent: it has none."""
        oldIndex: int
        """Number on the left side, from 1. Absent: not there."""
        newIndex: int
        """Number on the right side, from 1. Absent: not there."""
        hunks: List[Hunk]
        """How its text differs. Absent: only numbers were asked for."""

    class _ContentChangeRequired(TypedDict):
        kind: str
        """`same`: it does not, only the name or mode does. `text`: by lines. `notebook`: by cells. `link`:
        the hunks hold where it leads. Not compared by lines: `binary`, `notUtf8` (some other encoding),
        `big` (kept as a big file; by hash and size), `tooLarge` (too many bytes), `tooLong` (more lines
        differ than are told), `omitted` (the answer is full: ask for this path alone).
        """

    class ContentChange(_ContentChangeRequired, total=False):
        """How the content at a path differs."""
        added: int
        """Lines that only the right side has. Absent: not compared by lines."""
        removed: int
        """Lines that only the left side has. Absent: not compared by lines."""
        coarse: bool
        """True: too different to look for the smallest change; lines that stayed may count as replaced.
        Absent: it is the smallest.
        """
        hunks: List[Hunk]
        """The lines that differ. Absent: only numbers were asked for, or not compared by lines."""
        cells: List[CellChange]
        """Cells that differ, in the order of the right side; none: only outputs, execution counts or
        metadata do. Absent: no notebook.
        """

    _PathChangeRequired = TypedDict("_PathChangeRequired", {
        "path": "str",
        "status": "Literal[\"added\", \"removed\", \"modified\", \"renamed\", \"typeChanged\", \"modeChanged\"]",
    })

    _PathChangeOptional = TypedDict("_PathChangeOptional", {
        "from": "str",
        "similarity": "int",
        "a": "PathSide",
        "b": "PathSide",
        "content": "ContentChange",
    }, total=False)

    class PathChange(_PathChangeRequired, _PathChangeOptional):
        """One path that differs."""

    class _PackageChangeRequired(TypedDict):
        name: str
        """Name of the package, with its language in front: `python:numpy`."""

    class PackageChange(_PackageChangeRequired, total=False):
        """One package that differs."""
        a: str
        """Version on the left side. Absent: not installed."""
        b: str
        """Version on the right side. Absent: not installed."""

    class StateDiff(TypedDict):
        """What differs between two states."""
        config: List[KeyChange]
        """Config keys that differ."""
        metrics: List[KeyChange]
        """Metrics that differ."""
        environment: List[KeyChange]
        """Facts of the environment that differ: interpreters, names of definition files."""
        packages: List[PackageChange]
        """Packages that differ."""
        environmentFiles: List[PathChange]
        """Files that define the environment that differ: `definition/…` for those of the project,
        `requirements.txt` for the one made from the imports.
        """
        code: List[PathChange]
        """Source files that differ."""
        files: List[PathChange]
        """Kept files that differ."""

    class Problem(TypedDict):
        """Something that is wrong with the project's store, or with a plugin."""
        kind: str
        """An error kind of the store or the plugin category."""
        message: str
        """One sentence."""
        details: JsonObject
        """Details, by the error table."""

    class PortMapping(TypedDict):
        """A port of the container that this machine shows on 127.0.0.1."""
        host: int
        """Port of this machine; 0: a free one."""
        container: int
        """Port inside."""

    class _DataSourceRequired(TypedDict):
        source: str
        """Relative to the project's root, or absolute."""

    class DataSource(_DataSourceRequired, total=False):
        """A file or folder that a command gets as data."""
        name: str
        """Its name in the data folder. Absent: the last part of `source`."""
        readOnly: bool
        """In a container it cannot be written to. Absent: it can."""

    class _BuildFactsRequired(TypedDict):
        at: str
        """When, RFC 3339 UTC."""
        host: str
        """Machine it was made on."""
        engine: str
        """Container engine and its version, or the tool that made the venv."""
        digests: List[str]
        """Digests under which registries know the image; empty for one that was only built here."""
        bases: List[str]
        """Base images with their digests, in the order of the FROM lines, as far as the engine knew them."""
        platform: str
        """Operating system and architecture, or Python's name for them."""
        packageCount: int
        """Packages found inside."""

    class BuildFacts(_BuildFactsRequired, total=False):
        """What a build gave on one machine."""
        imageId: str
        """Content id of the image. Absent: no image."""
        venvKey: str
        """Name of the venv in the user's cache: hash of lock and interpreter. Absent: no venv."""
        python: str
        """Version of Python inside. Absent: none."""
        r: str
        """Version of R inside. Absent: none."""
        bytes: int
        """Size. Absent: not known."""

    _EnvironmentRequired = TypedDict("_EnvironmentRequired", {
        "id": "str",
        "name": "str",
        "kind": "str",
        "description": "str",
        "createdAt": "str",
        "files": "List[FileEntry]",
    })

    _EnvironmentOptional = TypedDict("_EnvironmentOptional", {
        "image": "str",
        "python": "str",
        "framework": "str",
        "type": "str",
        "language": "str",
        "build": "BuildFacts",
        "active": "bool",
        "from": "str",
    }, total=False)

    class Environment(_EnvironmentRequired, _EnvironmentOptional):
        """Where code runs; the same definition is the same environment, on any machine."""

    class _EnvironmentFileRequired(TypedDict):
        path: str
        """Name, separated by slashes."""
        bytes: int
        """Size."""

    class EnvironmentFile(_EnvironmentFileRequired, total=False):
        """A definition file."""
        text: str
        """Its content. Absent: it is large, or no text."""

    class EnvironmentPackage(TypedDict):
        """A package inside."""
        name: str
        """Name with its manager in front: `python:numpy`, `apt:libc6`."""
        version: str
        """Version."""

    class CatalogueEntryVariantsItem(TypedDict):
        """One choice."""
        type: str
        """`cpu` or `gpu`."""
        language: str
        """Language and version: `py313`, `r45`."""
        image: str
        """Public image that it builds on."""

    class _CatalogueEntryRequired(TypedDict):
        framework: str
        """Its name; `PLUGIN/NAME` where another entry has that name."""
        description: str
        """What is in it."""
        variants: List[CatalogueEntryVariantsItem]
        """What can be chosen, the default first."""

    class CatalogueEntry(_CatalogueEntryRequired, total=False):
        """An environment that can be set up."""
        plugin: str
        """Plugin whose catalogue it is of. Absent: it is datmo's own."""

    class _ExportedFactsRequired(TypedDict):
        id: str
        """Its id."""
        name: str
        """Its name."""
        status: str
        """How it ended."""
        createdAt: str
        """RFC 3339 UTC."""
        tags: List[str]
        """Tags."""
        config: JsonObject
        """Its inputs."""
        summary: JsonObject
        """What was put into its summary by hand."""
        metrics: List[str]
        """Names of its metrics, sorted."""
        last: Dict[str, MetricValue]
        """Last value of each metric."""
        files: List[FileEntry]
        """Files kept with it, by path."""

    class ExportedFacts(_ExportedFactsRequired, total=False):
        """A run, as it is exported."""
        exitCode: int
        """Exit code of its command. Absent: not known."""
        command: Command
        """What was executed. Absent: not known."""
        startedAt: str
        """RFC 3339 UTC. Absent: not known."""
        endedAt: str
        """RFC 3339 UTC. Absent: not known, or it goes on."""
        group: str
        """Its group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        message: str
        """Its message. Absent: none."""
        environmentId: str
        """Where it ran. Absent: not known."""
        beforeSnapshotId: str
        """State before it. Absent: none."""
        afterSnapshotId: str
        """State after it. Absent: none."""
        userGit: UserGit
        """State of the user's repository. Absent: none."""

    class _ExportPieceRequired(TypedDict):
        path: str
        """Path in the folder, `/`-separated."""
        mode: Literal["create", "append"]
        """`create` begins the file, `append` goes on with it."""

    class ExportPiece(_ExportPieceRequired, total=False):
        """A piece of a file."""
        text: str
        """Text. Absent: `base64` or `kept` is given."""
        base64: str
        """Bytes. Absent: `text` or `kept` is given."""
        kept: str
        """Path of a file kept with the run: all that is in it. Absent: `text` or `base64` is given."""

    class _GraphSnapshotRequired(TypedDict):
        id: str
        """Id."""
        message: str
        """Message."""
        visible: bool
        """A person asked for it."""
        createdAt: str
        """RFC 3339 UTC."""
        metrics: Dict[str, MetricValue]
        """Its metrics."""

    class GraphSnapshot(_GraphSnapshotRequired, total=False):
        """A state."""
        label: str
        """Label. Absent: none."""

    _GraphRunRequired = TypedDict("_GraphRunRequired", {
        "id": "str",
        "name": "str",
        "status": "Literal[\"queued\", \"preparing\", \"running\", \"succeeded\", \"failed\", \"stopped\", \"lost\"]",
        "createdAt": "str",
        "metrics": "Dict[str, MetricValue]",
    })

    _GraphRunOptional = TypedDict("_GraphRunOptional", {
        "command": "Command",
        "from": "str",
        "to": "str",
    }, total=False)

    class GraphRun(_GraphRunRequired, _GraphRunOptional):
        """What led from one state to another."""

    _HookEventRequired = TypedDict("_HookEventRequired", {
        "id": "str",
        "at": "str",
    })

    _HookEventOptional = TypedDict("_HookEventOptional", {
        "runId": "str",
        "runName": "str",
        "status": "str",
        "exitCode": "int",
        "snapshotId": "str",
        "visible": "bool",
        "from": "int",
        "to": "int",
    }, total=False)

    class HookEvent(_HookEventRequired, _HookEventOptional):
        """Something that happened. It names what it is about; a plugin asks the engine for the rest."""

    class ImportedFactsError(TypedDict):
        """Why it failed. Absent: not told."""
        kind: str
        """Class of the error."""
        message: str
        """One sentence."""

    class ImportedFacts(TypedDict, total=False):
        """What a run is, as far as its source tells. What is told later replaces what was told before."""
        name: str
        """Its name. Absent: made from its key."""
        status: Literal["succeeded", "failed", "stopped", "lost"]
        """How it ended; `lost`: nobody saw the end, or it goes on. Absent: `lost`."""
        startedAt: str
        """RFC 3339 UTC. Absent: not told."""
        endedAt: str
        """RFC 3339 UTC. Absent: not told."""
        exitCode: int
        """Its exit code. Absent: not told."""
        command: Command
        """What was executed. Absent: not told."""
        group: str
        """What it belonged to, such as an experiment. Absent: nothing."""
        note: str
        """Free text. Absent: none."""
        message: str
        """What was said of its state. Absent: nothing."""
        tags: List[str]
        """Tags. Absent: none."""
        labels: JsonObject
        """Tags with values of the source. Absent: none."""
        config: JsonObject
        """Its inputs. Absent: none."""
        summary: JsonObject
        """Values that stand in place of a metric's last one, and texts. Absent: none."""
        machine: JsonObject
        """Facts of the machine. Absent: none."""
        userGit: UserGit
        """State of the user's repository. Absent: none."""
        error: ImportedFactsError
        """Why it failed. Absent: not told."""

    _ImportedPointsRequired = TypedDict("_ImportedPointsRequired", {
        "stream": "str",
        "from": "int",
        "points": "Points",
    })

    _ImportedPointsOptional = TypedDict("_ImportedPointsOptional", {
        "system": "bool",
    }, total=False)

    class ImportedPoints(_ImportedPointsRequired, _ImportedPointsOptional):
        """Points that follow each other in a stream of the source."""

    class _ImportedFileRequired(TypedDict):
        name: str
        """Path among the run's files, `/`-separated."""

    class ImportedFile(_ImportedFileRequired, total=False):
        """A file to keep with the run."""
        path: str
        """Absolute path of a file, below what is imported. Absent: `text` is given."""
        text: str
        """Its content. Absent: `path` is given."""

    ImportPieceOutput = TypedDict("ImportPieceOutput", {
        "from": "int",
        "text": "str",
    })
    """A stretch of what it printed. Absent: none."""

    class ImportPiece(TypedDict, total=False):
        """A part of what is known of one run. Pieces of one run follow each other."""
        run: str
        """Key of the run, unique within its identity. Absent: what is told is about no run."""
        identity: str
        """What makes the key unique in the world, such as a project. Absent: the key is."""
        facts: ImportedFacts
        """Absent: nothing more of them."""
        points: List[ImportedPoints]
        """Absent: none."""
        files: List[ImportedFile]
        """Absent: none."""
        output: ImportPieceOutput
        """A stretch of what it printed. Absent: none."""
        problems: List[str]
        """What could not be read, a sentence each. Absent: nothing."""

    class _ClientInfoRequired(TypedDict):
        name: str
        """Name of the client, e.g. `datmo-python`."""
        version: str
        """Its version."""

    class ClientInfo(_ClientInfoRequired, total=False):
        """Who is calling."""
        language: str
        """Language it is written in. Absent: not told."""

    class ClientCapabilities(TypedDict, total=False):
        """What the client can do. Unknown ones are ignored."""
        notifications: List[str]
        """Notifications the client wants besides `run.output` and `run.statusChanged` of runs it started
        itself: `metric.logged`, `plugin.output`, `run.output`, `run.statusChanged` (of every run).
        Absent: none.
        """
        logMessages: bool
        """The client wants `$/logMessage`. Absent: no."""

    class EngineInfo(TypedDict):
        """Which engine answers."""
        name: str
        """Always `datmo`."""
        version: str
        """Version of the engine."""

    class Points(TypedDict):
        """Points as columns of equal length."""
        name: List[str]
        """Name of the metric of each point."""
        step: List[int]
        """Step of each point."""
        value: List[MetricValue]
        """Value of each point."""
        at: List[float]
        """Time of each point, seconds since the epoch."""

    class _MetricSummaryRequired(TypedDict):
        name: str
        """Its name."""
        last: MetricValue
        lastStep: int
        """Step of the last value."""
        lastAt: str
        """Time of the last value, RFC 3339 UTC."""
        min: MetricValue
        max: MetricValue
        count: int
        """How many points there are."""

    class MetricSummary(_MetricSummaryRequired, total=False):
        """A metric in short."""
        mean: float
        """Of a system metric: the mean over the time that was measured. Absent: it is one that the run
        logged.
        """

    class SystemMetric(TypedDict):
        """A system metric in short."""
        last: float
        """The last value."""
        min: float
        """The least value."""
        max: float
        """The greatest value."""
        mean: float
        """The mean over the time that was measured."""
        count: int
        """How many points there are."""

    class _ParsedPointRequired(TypedDict):
        name: str
        """Name of the metric."""
        value: MetricValue

    class ParsedPoint(_ParsedPointRequired, total=False):
        """A metric that was found in the output."""
        step: int
        """Its step. Absent: each name counts its own points, from 0."""

    class PluginPermissions(TypedDict, total=False):
        """What a plugin asks for, or was granted. Paths are relative to the project's root, or absolute."""
        read: List[str]
        """Files and folders that may be read, relative to the project's root or absolute. Absent: none."""
        write: List[str]
        """Files and folders that may be written. Absent: none."""
        net: List[str]
        """Hosts that may be connected to, as `host` or `host:port`. Absent: none."""
        env: List[str]
        """Environment variables that may be read. Absent: none."""
        run: List[str]
        """Programs that may be started, outside any sandbox; `*` is every one. Absent: none."""
        engine: List[str]
        """Methods of this protocol that may be called. Absent: none."""

    class _PluginProvidesRequired(TypedDict):
        kind: str
        """What it is."""

    class PluginProvides(_PluginProvidesRequired, total=False):
        """One thing that a plugin provides."""
        name: str
        """Its name. Absent: a hook has none."""
        description: str
        """What it is, in a line. Absent: not told."""
        params: JsonObject
        """JSON Schema of a command's params. Absent: it takes none."""
        on: List[str]
        """Events that a hook is told of. Absent: it is no hook."""

    class _PluginRequired(TypedDict):
        name: str
        """Its name, unique in the project."""
        version: str
        """Its own version."""
        runtime: str
        """`deno`: sandboxed. `process`: a program of any language, which nothing confines. `builtin`: part
        of datmo, always on.
        """
        hash: str
        """Hash of its content. Grants hold for exactly this content. Empty for one that is part of datmo."""
        provides: List[PluginProvides]
        """What it provides."""
        asks: PluginPermissions
        """What its manifest asks for."""
        state: str
        """`ready`; `ungranted`: this content was never granted anything, and is not run; `off`: it failed
        several times in a row and rests; `broken`: its files cannot be used.
        """
        installedAt: str
        """When it was installed, RFC 3339 UTC. Empty for one that is part of datmo, or broken."""
        source: str
        """Folder that it was installed from; `built in` for one that is part of datmo."""

    class Plugin(_PluginRequired, total=False):
        """A plugin that is installed, or part of datmo."""
        description: str
        """What it is, in a line. Absent: not told."""
        problem: str
        """Why it is not ready, or what went wrong last. Absent: nothing."""
        granted: PluginPermissions
        """What it may do: what was both asked for and granted. Absent: never granted."""
        grantedAll: bool
        """It runs without a sandbox. Absent: no."""
        grantedAt: str
        """When it was granted, RFC 3339 UTC. Absent: never granted."""

    class PluginPermission(TypedDict):
        """One permission in words."""
        kind: str
        """`read`, `write`, `net`, `env`, `run` or `engine`."""
        value: str
        """What exactly."""
        sentence: str
        """What it lets the plugin do."""
        granted: bool
        """Whether it was granted."""

    class _PluginTestOutcomeRequired(TypedDict):
        name: str
        """What was tested, in a line."""
        kind: str
        """`types`: Deno's type check; `unit`: a test of its own, run by Deno; `start`: the handshake;
        `case`: a test of `tests.json`.
        """
        passed: bool
        """Whether it is as it should be."""
        durationMs: float
        """How long it took, milliseconds."""

    class PluginTestOutcome(_PluginTestOutcomeRequired, total=False):
        """One thing that was tested of a plugin."""
        problem: str
        """What is wrong. Absent: nothing."""

    class Project(TypedDict):
        """A project."""
        id: str
        """Random id of the project."""
        name: str
        """Its name."""
        description: str
        """Its description; may be empty."""
        directory: str
        """Absolute path of its root."""
        createdAt: str
        """When it was created, RFC 3339 UTC."""
        updatedAt: str
        """When its name or description last changed, RFC 3339 UTC."""

    class _SnapshotRefRequired(TypedDict):
        id: str
        """Its id."""
        message: str
        """Its message."""
        createdAt: str
        """When it was made, RFC 3339 UTC."""

    class SnapshotRef(_SnapshotRefRequired, total=False):
        """A snapshot in short."""
        label: str
        """Its label. Absent: none."""

    class _RunRefRequired(TypedDict):
        id: str
        """Its id."""
        name: str
        """Its readable name."""
        status: str
        """Its status."""

    class RunRef(_RunRefRequired, total=False):
        """A run in short."""
        command: Command
        """Its command. Absent: a recorded run that named none."""

    class _ToolFactRequired(TypedDict):
        name: str
        """Name of the tool."""
        found: bool
        """Whether it is there and works."""

    class ToolFact(_ToolFactRequired, total=False):
        """A program that datmo can use."""
        version: str
        """Its version. Absent: unknown."""
        path: str
        """Where it is. Absent: unknown."""
        problem: str
        """Why it cannot be used. Absent: no problem."""
        howToGet: str
        """How to get it. Absent: it is there."""

    class _QueuedRunRequired(TypedDict):
        run: Run

    class QueuedRun(_QueuedRunRequired, total=False):
        """A run that waits."""
        gpu: str
        """GPUs that it asks for. Absent: none."""
        sweepId: str
        """The sweep it belongs to. Absent: none."""
        held: bool
        """A worker has it and is about to start it. Absent: it waits."""

    class _RunImportedRequired(TypedDict):
        format: str
        """Which importer took it over: the other tool."""
        key: str
        """What it is called there."""

    class RunImported(_RunImportedRequired, total=False):
        """Where an imported run came from. Absent: it was not imported."""
        labels: JsonObject
        """Its tags with values there. Absent: none."""

    class RunEnvironment(TypedDict):
        """Where it ran, and why there. Absent: recorded runs, and runs of older versions."""
        name: str
        """Name of the environment."""
        kind: str
        """Its kind."""
        reason: str
        """Why it was chosen."""

    class RunImage(TypedDict):
        """The image that its container was made of. Absent: no container."""
        id: str
        """Content id: `sha256:…`."""
        digests: List[str]
        """Names under which registries know it, with digest."""

    class _RunContainerRequired(TypedDict):
        id: str
        """Id of the container."""

    class RunContainer(_RunContainerRequired, total=False):
        """What its container said of itself. Absent: none was started."""
        gpus: List[JsonObject]
        """GPUs as they are seen inside. Absent: none were asked for."""
        ports: List[PortMapping]
        """Ports that this machine showed. Absent: none."""

    class RunError(TypedDict):
        """Why it failed, when datmo knows more than the exit code. Absent: nothing more."""
        kind: str
        """An error kind, or the class of the script's exception."""
        message: str
        """One sentence."""

    _RunRequired = TypedDict("_RunRequired", {
        "id": "str",
        "name": "str",
        "type": "str",
        "origin": "Literal[\"executed\", \"recorded\", \"imported\"]",
        "status": "Literal[\"queued\", \"preparing\", \"running\", \"succeeded\", \"failed\", \"stopped\", \"lost\"]",
        "config": "JsonObject",
        "metrics": "Dict[str, MetricValue]",
        "tags": "List[str]",
        "createdAt": "str",
    })

    _RunOptional = TypedDict("_RunOptional", {
        "imported": "RunImported",
        "from": "str",
        "exitCode": "int",
        "outOfMemory": "bool",
        "command": "Command",
        "directory": "str",
        "driver": "str",
        "taskId": "str",
        "environmentId": "str",
        "environment": "RunEnvironment",
        "image": "RunImage",
        "container": "RunContainer",
        "gpu": "str",
        "memoryBytes": "int",
        "cpus": "float",
        "ports": "List[PortMapping]",
        "data": "List[DataSource]",
        "dataContents": "List[DataContent]",
        "beforeSnapshotId": "str",
        "afterSnapshotId": "str",
        "late": "bool",
        "rerunOf": "str",
        "isolated": "bool",
        "notCaptured": "List[str]",
        "parser": "str",
        "parserProblem": "str",
        "system": "Dict[str, SystemMetric]",
        "summary": "JsonObject",
        "group": "str",
        "sweepId": "str",
        "note": "str",
        "message": "str",
        "startedAt": "str",
        "endedAt": "str",
        "durationMs": "int",
        "error": "RunError",
        "deleted": "bool",
    }, total=False)

    class Run(_RunRequired, _RunOptional):
        """A run."""

    class _MachineFactsRequired(TypedDict):
        host: str
        """Host name."""
        os: str
        """Operating system."""
        kernel: str
        """Kernel release."""
        arch: str
        """Processor architecture."""
        cpu: str
        """Processor model."""
        cpus: int
        """Logical processors."""
        memoryBytes: int
        """Memory in bytes."""
        gpus: List[JsonObject]
        """Graphics processors, as found."""

    class MachineFacts(_MachineFactsRequired, total=False):
        """The machine a run was on."""
        variables: JsonObject
        """Environment variables that steer randomness or threads. Absent: none seen."""

    class _UserGitRequired(TypedDict):
        commit: str
        """Commit id."""

    class UserGit(_UserGitRequired, total=False):
        """State of the user's own git repository."""
        branch: str
        """Branch. Absent: detached."""
        remote: str
        """Address of `origin`, without password. Absent: none."""

    class _DataContentRequired(TypedDict):
        name: str
        """Its name in the data folder."""
        kind: Literal["file", "folder"]
        """What it is."""
        files: int
        """Number of files."""
        bytes: int
        """Size of all of them."""

    class DataContent(_DataContentRequired, total=False):
        """What one file or folder that a run gets as data held."""
        sha256: str
        """SHA-256 of the file, or of the folder's list: lines of hash, size and path as JSON, sorted by
        path. Absent: it was not read; `reason` says why.
        """
        reason: str
        """Why it was not read, as the end of a sentence. Absent: it was."""

    class _DifferenceRequired(TypedDict):
        kind: Literal["status", "exitCode", "config", "package", "environment", "code", "file", "metric", "seed", "variable", "data", "image", "gpu", "driver", "machine"]
        """What differs."""
        role: Literal["cause", "effect"]
        """`cause`: something that went in; it does not make a verification fail, it explains it. `effect`:
        something that came out.
        """
        name: str
        """Name of the package, file, key or metric; of data its name, and the path of the file in a
        folder.
        """

    class Difference(_DifferenceRequired, total=False):
        """One difference that a verification found."""
        a: Any
        """On the original's side. Absent: not there."""
        b: Any
        """On the repetition's side. Absent: not there."""
        step: float
        """Of a metric: the first step at which its points differ. Absent: they do not, or have no steps in
        common.
        """

    class _SnapshotRequired(TypedDict):
        id: str
        """Random id, 26 characters."""
        message: str
        """What it is; may be empty for those that runs make."""
        visible: bool
        """False for those that runs make by themselves."""
        createdAt: str
        """When it was taken, RFC 3339 UTC."""
        codeId: str
        """Id of the code component: a git tree."""
        environmentId: str
        """Id of the environment's definition."""
        config: JsonObject
        """Its config."""
        metrics: Dict[str, MetricValue]
        """Its metrics."""
        files: List[FileEntry]
        """Its files."""

    class Snapshot(_SnapshotRequired, total=False):
        """A snapshot: one state, five components."""
        label: str
        """Short category, e.g. `best`. Absent: none."""
        runId: str
        """The run that made it. Absent: none."""
        codeFiles: int
        """How many files the code component holds. Absent: not recorded."""
        codeBytes: int
        """Their size together, in bytes. Absent: not recorded."""
        late: bool
        """Taken later than the end of its run. Absent: no."""
        current: bool
        """Equals the project's folder. Absent: nobody asked to look."""

    class EnvironmentSummaryPackagesItem(TypedDict):
        """A package."""
        name: str
        """Name with its language in front: `python:numpy`."""
        version: str
        """Version."""

    class _EnvironmentSummaryRequired(TypedDict):
        kind: str
        """`host`, `venv` or `docker`."""
        packages: List[EnvironmentSummaryPackagesItem]
        """Packages, by name."""
        definition: List[str]
        """Names of definition files at the root of the project."""

    class EnvironmentSummary(_EnvironmentSummaryRequired, total=False):
        """Environment component of a snapshot."""
        python: str
        """Version of Python. Absent: none found."""
        r: str
        """Version of R. Absent: none found."""
        requirements: str
        """requirements.txt made from the imports. Absent: no Python code."""

    class Skipped(TypedDict):
        """Something that could not be taken."""
        path: str
        """Its path."""
        reason: str
        """Why."""

    class _PointerStateRequired(TypedDict):
        key: str
        """Its key in the config, dotted."""
        target: str
        """Where the data is: an address, or a path (relative ones from the project's root)."""
        state: str
        """`ok`; `missing`; `changed`: it has another size or content; `unchecked`: it lies on another
        machine, or its content was not read; `invalid`: it is no pointer.
        """

    class PointerState(_PointerStateRequired, total=False):
        """A pointer in a config to data that is kept elsewhere, and what was found of it."""
        sha256: str
        """SHA-256 that its content should have, hexadecimal. Absent: any."""
        size: int
        """Bytes that it should have. Absent: any."""
        reason: str
        """More about the state, as half a sentence. Absent: nothing to add."""

    class SweepSpecGridItem(TypedDict):
        """A key and its values."""
        name: str
        """Key of the config; dots nest."""
        values: List[Any]
        """What is tried, in this order."""

    class _SweepSpecRandomParametersItemRequired(TypedDict):
        name: str
        """Key of the config; dots nest."""
        kind: Literal["uniform", "int", "choice"]
        """How."""

    class SweepSpecRandomParametersItem(_SweepSpecRandomParametersItemRequired, total=False):
        """One key."""
        low: float
        """Least value of `uniform` and `int`. Absent: `choice`."""
        high: float
        """Greatest value. Absent: `choice`."""
        log: bool
        """Evenly in the logarithm. Absent: no."""
        values: List[Any]
        """Values of `choice`. Absent: the other kinds."""

    class _SweepSpecRandomRequired(TypedDict):
        count: int
        """Samples."""
        parameters: List[SweepSpecRandomParametersItem]
        """What is drawn."""

    class SweepSpecRandom(_SweepSpecRandomRequired, total=False):
        """Keys whose values are drawn. Absent: none."""
        seed: int
        """The same seed draws the same values. Absent: one is made, and kept."""

    class SweepSpec(TypedDict, total=False):
        """Which values are tried: every combination of `grid`, and for each of them `random.count`
        samples.
        """
        grid: List[SweepSpecGridItem]
        """Keys with the values to try; the last one varies fastest. Absent: none."""
        random: SweepSpecRandom
        """Keys whose values are drawn. Absent: none."""

    class Sweep(TypedDict):
        """A sweep."""
        id: str
        """Id, 26 characters."""
        name: str
        """Readable name."""
        group: str
        """Group of its runs."""
        command: Command
        spec: SweepSpec
        total: int
        """Combinations."""
        snapshotId: str
        """The state that all its runs begin with."""
        createdAt: str
        """RFC 3339 UTC."""

    class _SweepRunRequired(TypedDict):
        index: int
        """Its place, from 0."""
        values: JsonObject
        """What it sets in the config."""

    class SweepRun(_SweepRunRequired, total=False):
        """One combination."""
        run: Run
        """Its run. Absent: it was not added yet, or was deleted."""

    class SweepOverview(TypedDict):
        """A sweep in a list."""
        sweep: Sweep
        counts: Dict[str, int]
        """How many of its runs have each status; those that are not there are left out."""

    class _TaskRequired(TypedDict):
        id: str
        """Hash of its definition."""
        command: Command
        driver: str
        """Where it runs. Absent: `host`."""
        createdAt: str
        """When it was first used, RFC 3339 UTC."""

    class Task(_TaskRequired, total=False):
        """A task."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        environmentId: str
        """Where it runs: id of an environment. Absent: the machine as it is."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        secrets: List[str]
        """Names of variables whose values it is given and nobody keeps. Absent: none."""
        envFiles: List[str]
        """Files of variables that are read when it starts. Absent: none."""
        interactive: bool
        """The command gets the terminal or standard input. Absent: no."""
        runs: int
        """Runs that executed it. Absent: not counted."""

    WorkspaceKind = Literal["notebook", "jupyterlab", "rstudio", "terminal"]
    """Which program it is."""

    class _WorkspaceRequired(TypedDict):
        runId: str
        """Id of its run."""
        name: str
        """Name of its run."""
        kind: WorkspaceKind
        status: str
        """Status of its run."""

    class Workspace(_WorkspaceRequired, total=False):
        """A workspace that runs."""
        environment: str
        """Name of its environment. Absent: not known."""
        startedAt: str
        """When its program began, RFC 3339 UTC. Absent: not yet."""
        url: str
        """Address on this machine's loopback with which it can be opened. It holds the secret. Absent: a
        terminal, or it does not answer yet.
        """
        port: int
        """Port of this machine. Absent: a terminal, or it does not answer yet."""
        user: str
        """Name to log in with. Absent: none is asked for."""
        password: str
        """Password to log in with. Absent: none is asked for."""
        openFile: str
        """A file of the user's alone that leads a browser to the address, so that the secret is on no
        command line. Absent: it has no address.
        """

    class ConfigLogParams(TypedDict):
        """Params of `config.log`."""
        runId: str
        """Id of the run."""
        config: JsonObject
        """Values by key; nested objects are merged."""

    class ConfigLogResult(TypedDict):
        """Result of `config.log`."""
        config: JsonObject
        """The run's config after it, as far as this engine knows it."""

    class EnvironmentCatalogParams(TypedDict):
        """Params of `environment.catalog`."""

    class _EnvironmentCatalogResultRequired(TypedDict):
        entries: List[CatalogueEntry]
        """Entries, the default first."""

    class EnvironmentCatalogResult(_EnvironmentCatalogResultRequired, total=False):
        """Result of `environment.catalog`."""
        problems: List[str]
        """Plugins whose entries could not be had, and why. Absent: none."""

    class EnvironmentSetupParams(TypedDict, total=False):
        """Params of `environment.setup`."""
        framework: str
        """Entry of the catalogue; `requirements`: the packages that the project's scripts import, of
        Python and of R, as they are installed. Absent: `python-base`.
        """
        kind: Literal["docker", "venv"]
        """What is made of `requirements`. Absent: `docker`."""
        type: str
        """`cpu` or `gpu`. Absent: `cpu`."""
        language: str
        """Language and version. Absent: the entry's default."""
        name: str
        """Name. Absent: `framework:type-language`."""
        force: bool
        """Replace files in `datmo_environment/` that no environment holds. Absent: refuse."""

    class _EnvironmentSetupResultRequired(TypedDict):
        environment: Environment
        created: bool
        """False when this definition was recorded before."""
        written: List[str]
        """Paths of the files written, relative to the project."""

    class EnvironmentSetupResult(_EnvironmentSetupResultRequired, total=False):
        """Result of `environment.setup`."""
        notes: List[str]
        """What one should know of it. Absent: nothing."""

    class EnvironmentCreateParams(TypedDict, total=False):
        """Params of `environment.create`."""
        paths: List[str]
        """Files and folders, each `SRC` or `SRC>NAME`; a single folder stands for what is in it. Absent:
        none.
        """
        image: str
        """An image, by name. Absent: none."""
        kind: Literal["docker", "venv"]
        """`docker` or `venv`, where the files allow both. Absent: `docker` when there is a Dockerfile or
        nothing at all, else `venv`.
        """
        python: str
        """Version of Python for a venv or a generated Dockerfile, such as `3.12`. Absent: that of the
        project.
        """
        name: str
        """Name. Absent: made from what it is."""
        description: str
        """What it is for. Absent: none."""

    class EnvironmentCreateResult(TypedDict):
        """Result of `environment.create`."""
        environment: Environment
        created: bool
        """False when this definition was recorded before."""
        source: str
        """What it was made from."""
        notes: List[str]
        """What one should know: files left out, credentials not kept."""

    class EnvironmentGetParams(TypedDict):
        """Params of `environment.get`."""
        id: str
        """Id, name or unique prefix; `host` is the machine as it is."""

    class EnvironmentGetResult(TypedDict):
        """Result of `environment.get`."""
        environment: Environment
        files: List[EnvironmentFile]
        """Definition files."""
        packages: List[EnvironmentPackage]
        """Packages found by its newest build; of the host, those of the project's interpreters."""
        builds: List[BuildFacts]
        """Its builds, newest first."""
        runs: List[RunRef]
        """Runs that used it, newest first, at most 20."""
        runCount: int
        """How many runs used it."""
        snapshotCount: int
        """How many snapshots hold it."""

    class EnvironmentListParams(TypedDict, total=False):
        """Params of `environment.list`."""
        limit: int
        """At most this many items. Absent: 100."""
        cursor: str
        """`nextCursor` of the answer before. Absent: from the beginning."""

    class _EnvironmentListResultRequired(TypedDict):
        items: List[Environment]
        """Environments."""

    class EnvironmentListResult(_EnvironmentListResultRequired, total=False):
        """Result of `environment.list`."""
        nextCursor: str
        """Where to go on. Absent: this was the end."""

    class _EnvironmentUpdateParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""

    class EnvironmentUpdateParams(_EnvironmentUpdateParamsRequired, total=False):
        """Params of `environment.update`."""
        name: str
        """New name. Absent: unchanged."""
        description: str
        """New description. Absent: unchanged."""

    class EnvironmentUpdateResult(TypedDict):
        """Result of `environment.update`."""
        environment: Environment

    class EnvironmentUseParams(TypedDict, total=False):
        """Params of `environment.use`."""
        id: str
        """Id, name or unique prefix; `host` is the machine as it is. Absent: forget the choice; then
        `datmo_environment/` counts, else the host.
        """

    class _EnvironmentUseResultRequired(TypedDict):
        environment: Environment
        reason: str
        """Why it is the active one, a sentence."""

    class EnvironmentUseResult(_EnvironmentUseResultRequired, total=False):
        """Result of `environment.use`."""
        folderDiffers: bool
        """There are files in `datmo_environment/` that are another environment; they do not count now.
        Absent: no.
        """

    class EnvironmentBuildParams(TypedDict, total=False):
        """Params of `environment.build`."""
        id: str
        """Id, name or unique prefix. Absent: the active one."""
        noCache: bool
        """Build again although it is there. Absent: no."""
        originId: str
        """Any text; comes back in the `environment.buildOutput` notifications of this request. Absent:
        none.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _EnvironmentBuildResultRequired(TypedDict):
        environment: Environment
        cached: bool
        """It was there; nothing was done."""
        notes: List[str]
        """What one should know."""

    class EnvironmentBuildResult(_EnvironmentBuildResultRequired, total=False):
        """Result of `environment.build`."""
        build: BuildFacts
        """The build. Absent: the host needs none."""

    class _EnvironmentDeleteParamsRequired(TypedDict):
        ids: List[str]
        """Ids, names or unique prefixes."""

    class EnvironmentDeleteParams(_EnvironmentDeleteParamsRequired, total=False):
        """Params of `environment.delete`."""
        force: bool
        """Also those that runs or snapshots used. Absent: no."""
        images: bool
        """Remove their images from the container engine as well. Absent: no."""

    class EnvironmentDeleteResult(TypedDict):
        """Result of `environment.delete`."""
        ids: List[str]
        """Ids of the deleted environments."""
        images: List[str]
        """Images of theirs that were removed."""

    class _EnvironmentExportParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""
        directory: str
        """Absolute path of an empty or absent folder."""

    class EnvironmentExportParams(_EnvironmentExportParamsRequired, total=False):
        """Params of `environment.export`."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class EnvironmentExportResult(TypedDict):
        """Result of `environment.export`."""
        files: int
        """Files written."""
        bytes: int
        """Their size together."""

    class _ExporterRunParamsRequired(TypedDict):
        format: str
        """`mlruns`, `tfevents`, `dvclive`, `csv`, `parquet`, or what a plugin writes."""
        directory: str
        """Folder, absolute or relative to where the connection began; created when it is not there."""

    class ExporterRunParams(_ExporterRunParamsRequired, total=False):
        """Params of `exporter.run`."""
        runs: List[str]
        """Ids, names or beginnings of ids. Absent: all runs, or those of the filter."""
        filter: str
        """Only runs that it is true of (docs/filter.md). Absent: all."""
        system: bool
        """Also what the runs used of the machine, as metrics `system/…`. Absent: no."""
        force: bool
        """Replaces files that datmo did not write there, or that were changed since. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class ExporterRunResult(TypedDict):
        """Result of `exporter.run`."""
        format: str
        """What was written."""
        directory: str
        """Absolute path of the folder."""
        runs: int
        """Runs that were exported."""
        files: int
        """Files that were written."""
        unchanged: int
        """Files that were there as they are."""
        bytes: int
        """Bytes of all of these files."""
        problems: List[str]
        """What could not be exported, the first 100, a sentence each."""

    class _FileLogParamsRequired(TypedDict):
        runId: str
        """Id of the run."""
        path: str
        """File, absolute or relative to the project's root."""

    class FileLogParams(_FileLogParamsRequired, total=False):
        """Params of `file.log`."""
        name: str
        """Name to keep it under. Absent: the file's own name."""

    class FileLogResult(TypedDict):
        """Result of `file.log`."""
        file: FileEntry

    class FileListParams(TypedDict, total=False):
        """Params of `file.list`."""
        runId: str
        """A run. Absent: `snapshotId` is given."""
        snapshotId: str
        """A snapshot. Absent: `runId` is given."""

    class FileListResult(TypedDict):
        """Result of `file.list`."""
        items: List[FileEntry]
        """Files."""

    class _FileGetParamsRequired(TypedDict):
        path: str
        """Its path in the component."""

    class FileGetParams(_FileGetParamsRequired, total=False):
        """Params of `file.get`."""
        runId: str
        """A run. Absent: `snapshotId` is given."""
        snapshotId: str
        """A snapshot. Absent: `runId` is given."""
        destination: str
        """File to write it to, absolute; must not exist. Absent: the content is in the answer, up to 8
        MiB.
        """

    class _FileGetResultRequired(TypedDict):
        file: FileEntry

    class FileGetResult(_FileGetResultRequired, total=False):
        """Result of `file.get`."""
        content: str
        """The content, base64. Absent: it was written to `destination`."""

    class GraphGetParams(TypedDict, total=False):
        """Params of `graph.get`."""
        limit: int
        """At most this many snapshots and this many runs. Absent: 100."""

    class GraphGetResult(TypedDict):
        """Result of `graph.get`."""
        snapshots: List[GraphSnapshot]
        """Nodes."""
        runs: List[GraphRun]
        """Edges: of runs that begin or end with one of the snapshots."""
        more: bool
        """There are older ones."""

    class _ImporterRunParamsRequired(TypedDict):
        path: str
        """File or folder of the other tool, absolute or relative to where the connection began."""

    class ImporterRunParams(_ImporterRunParamsRequired, total=False):
        """Params of `importer.run`."""
        format: str
        """What it is: `mlruns`, `tfevents`, `wandb`, `trackio`, `dvclive`, `datmo`, or what a plugin
        reads. Absent: found out.
        """
        dryRun: bool
        """Only says what would come. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _ImporterRunResultProblemsItemRequired(TypedDict):
        message: str
        """One sentence."""

    class ImporterRunResultProblemsItem(_ImporterRunResultProblemsItemRequired, total=False):
        """A problem."""
        run: str
        """Key of the run. Absent: it is about no single one."""

    class ImporterRunResult(TypedDict):
        """Result of `importer.run`."""
        format: str
        """What it was."""
        path: str
        """Absolute path of what was read."""
        dryRun: bool
        """Nothing was written."""
        newRuns: int
        """Runs that came."""
        changedRuns: int
        """Runs that were here, and of which there was more."""
        unchangedRuns: int
        """Runs that were here as they are."""
        points: int
        """Points of metrics that came."""
        files: int
        """Files that came or were replaced."""
        runIds: List[str]
        """Ids of the runs that came or were changed, the first 1,000."""
        problems: List[ImporterRunResultProblemsItem]
        """What could not be read, the first 100."""
        problemCount: int
        """How many problems there were."""

    class _InitializeParamsRequired(TypedDict):
        protocolVersion: int
        """Version of the protocol the client speaks."""
        client: ClientInfo

    class InitializeParams(_InitializeParamsRequired, total=False):
        """Params of `initialize`."""
        processId: int
        """The client's process; the engine leaves when it is gone. Absent: the engine watches its parent
        only.
        """
        projectDir: str
        """Folder to look for the project from, upwards. Absent: the engine's working directory."""
        capabilities: ClientCapabilities
        """What the client can do. Absent: nothing beyond the basics."""

    class InitializeResult(TypedDict):
        """Result of `initialize`."""
        protocolVersion: int
        """Version the engine speaks."""
        engine: EngineInfo
        capabilities: JsonObject
        """What the engine can do; empty in this version."""

    class ShutdownParams(TypedDict):
        """Params of `shutdown`."""

    class ShutdownResult(TypedDict):
        """Result of `shutdown`."""

    MetricLogParamsSpool = TypedDict("MetricLogParamsSpool", {
        "file": "str",
        "from": "int",
        "to": "int",
    })
    """A stretch of a spool file (docs/formats.md) in the run's folder, or in the folder registered with
    the run. Absent: `points` is given.
    """

    class _MetricLogParamsRequired(TypedDict):
        runId: str
        """Id of the run."""

    class MetricLogParams(_MetricLogParamsRequired, total=False):
        """Params of `metric.log`."""
        points: Points
        """Points as columns. Absent: `spool` is given."""
        spool: MetricLogParamsSpool
        """A stretch of a spool file (docs/formats.md) in the run's folder, or in the folder registered
        with the run. Absent: `points` is given.
        """

    class _MetricLogResultRequired(TypedDict):
        points: int
        """How many points were taken in."""

    class MetricLogResult(_MetricLogResultRequired, total=False):
        """Result of `metric.log`."""
        durableTo: int
        """Every record of the spool before this byte is on disk. Absent: the points came inline."""

    class _MetricListParamsRequired(TypedDict):
        runId: str
        """Id, name or unique prefix."""

    class MetricListParams(_MetricListParamsRequired, total=False):
        """Params of `metric.list`."""
        system: bool
        """The system metrics: what the run used of the machine, measured by datmo. Absent: those that the
        run logged.
        """

    class MetricListResult(TypedDict):
        """Result of `metric.list`."""
        items: List[MetricSummary]
        """Metrics, by name."""

    class _MetricHistoryParamsRequired(TypedDict):
        runId: str
        """Id, name or unique prefix."""
        name: str
        """Name of the metric."""

    class MetricHistoryParams(_MetricHistoryParamsRequired, total=False):
        """Params of `metric.history`."""
        fromStep: int
        """First step. Absent: the beginning."""
        toStep: int
        """Last step. Absent: the end."""
        buckets: int
        """Down-sample to this many stretches, keeping the minimum and maximum of each. Absent: every
        point.
        """
        system: bool
        """Of the system metric of that name. Absent: of the one that the run logged; when it logged none,
        of the system metric.
        """

    class MetricHistoryResultPoints(TypedDict):
        """Points as columns."""
        step: List[int]
        """Steps."""
        value: List[MetricValue]
        """Values."""
        at: List[float]
        """Times, seconds since the epoch."""

    class MetricHistoryResult(TypedDict):
        """Result of `metric.history`."""
        name: str
        """Name of the metric."""
        points: MetricHistoryResultPoints
        """Points as columns."""

    class PluginInstallParams(TypedDict):
        """Params of `plugin.install`."""
        directory: str
        """Folder with `datmo-plugin.json`, relative to where the connection began."""

    class PluginInstallResult(TypedDict):
        """Result of `plugin.install`."""
        plugin: Plugin
        replaced: bool
        """There was one of this name."""

    class PluginListParams(TypedDict):
        """Params of `plugin.list`."""

    class PluginListResult(TypedDict):
        """Result of `plugin.list`."""
        items: List[Plugin]
        """Plugins, installed ones first, each by name."""

    class PluginGetParams(TypedDict):
        """Params of `plugin.get`."""
        name: str
        """Name of the plugin."""

    class PluginGetResult(TypedDict):
        """Result of `plugin.get`."""
        plugin: Plugin
        permissions: List[PluginPermission]
        """What it asks for, each in a sentence."""
        files: List[str]
        """Its files, by path."""
        sandbox: str
        """What confines it on this machine, in a line."""

    class _PluginGrantParamsRequired(TypedDict):
        name: str
        """Name of the plugin."""

    class PluginGrantParams(_PluginGrantParamsRequired, total=False):
        """Params of `plugin.grant`."""
        permissions: PluginPermissions
        """What is granted, of what it asks for. Absent: nothing more."""
        asked: bool
        """Everything that it asks for. Absent: no."""
        all: bool
        """Everything there is, without a sandbox. Absent: no."""

    class PluginGrantResult(TypedDict):
        """Result of `plugin.grant`."""
        plugin: Plugin

    class PluginRevokeParams(TypedDict):
        """Params of `plugin.revoke`."""
        name: str
        """Name of the plugin."""

    class PluginRevokeResult(TypedDict):
        """Result of `plugin.revoke`."""
        plugin: Plugin

    class PluginRemoveParams(TypedDict):
        """Params of `plugin.remove`."""
        name: str
        """Name of the plugin."""

    class PluginRemoveResult(TypedDict):
        """Result of `plugin.remove`."""
        name: str
        """The one that was removed."""

    class _PluginCallParamsRequired(TypedDict):
        name: str
        """Name of the plugin."""
        command: str
        """Name of its command."""

    class PluginCallParams(_PluginCallParamsRequired, total=False):
        """Params of `plugin.call`."""
        params: JsonObject
        """Params for the command. Absent: none."""
        timeoutMs: int
        """Longest time it may take, milliseconds; then its process is killed. Absent: 60,000."""

    class PluginCallResult(TypedDict):
        """Result of `plugin.call`."""
        result: Any
        """What the command answered."""

    class _PluginCreateParamsRequired(TypedDict):
        name: str
        """Name of the plugin: lower-case letters, digits and hyphens."""

    class PluginCreateParams(_PluginCreateParamsRequired, total=False):
        """Params of `plugin.create`."""
        directory: str
        """Folder to make, relative to where the connection began. Absent: the name."""
        kind: str
        """What it is to provide. Absent: `command`."""
        language: str
        """What it is written in. `typescript` runs in the sandbox; `python` and `r` are programs that
        nothing confines. Absent: `typescript`.
        """
        description: str
        """What it is, in a line. Absent: a line that tells what the example does."""

    class PluginCreateResult(TypedDict):
        """Result of `plugin.create`."""
        directory: str
        """The folder, absolute."""
        files: List[str]
        """What was written, by path in it, without the SDK's types."""
        language: str
        """What it is written in."""

    class PluginStartParams(TypedDict):
        """Params of `plugin.start`."""
        name: str
        """Name of the plugin."""

    class PluginStartResult(TypedDict):
        """Result of `plugin.start`."""
        plugin: Plugin

    class _PluginTestParamsRequired(TypedDict):
        directory: str
        """Folder with `datmo-plugin.json`, relative to where the connection began."""

    class PluginTestParams(_PluginTestParamsRequired, total=False):
        """Params of `plugin.test`."""
        asked: bool
        """It may have everything that it asks for. Absent: what reaches no further than the project."""
        all: bool
        """It runs without a sandbox. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _PluginTestResultRequired(TypedDict):
        plugin: Plugin
        """The plugin as it was tested."""
        permissions: List[PluginPermission]
        """What it asks for, each in a sentence."""
        results: List[PluginTestOutcome]
        """Everything that was tested, in order."""
        passed: int
        """How many of them are as they should be."""
        failed: int
        """How many are not."""

    class PluginTestResult(_PluginTestResultRequired, total=False):
        """Result of `plugin.test`."""
        output: str
        """The last of what the plugin printed. Absent: nothing."""

    class ProjectCreateParams(TypedDict, total=False):
        """Params of `project.create`."""
        directory: str
        """Its root. Absent: the connection's project folder."""
        name: str
        """Its name. Absent: the folder's name for a new project, unchanged for an existing one."""
        description: str
        """What it is about. Absent: empty, or unchanged."""

    class ProjectCreateResult(TypedDict):
        """Result of `project.create`."""
        project: Project
        created: bool
        """False when an existing project was updated."""

    class ProjectGetParams(TypedDict):
        """Params of `project.get`."""

    class ProjectGetResult(TypedDict):
        """Result of `project.get`."""
        project: Project

    class ProjectUpdateParams(TypedDict, total=False):
        """Params of `project.update`."""
        name: str
        """New name. Absent: unchanged."""
        description: str
        """New description. Absent: unchanged."""

    class ProjectUpdateResult(TypedDict):
        """Result of `project.update`."""
        project: Project

    class ProjectStatusParams(TypedDict, total=False):
        """Params of `project.status`."""
        limit: int
        """At most this many changed paths. Absent: 1,000."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""
        verify: bool
        """Read the files that pointers name, however big. Absent: only those that are read quickly."""

    class ProjectStatusResultEnvironment(TypedDict):
        """The active environment."""
        kind: str
        """What it is; `host` is the machine as it is."""
        name: str
        """Its name."""
        id: str
        """Id of its definition."""
        reason: str
        """Why it is the active one, a sentence."""

    class ProjectStatusResultInterruptedCheckout(TypedDict):
        """A checkout that a crash interrupted. Absent: none."""
        targetId: str
        """Snapshot that was being restored."""
        heldId: str
        """Snapshot taken before."""

    class _ProjectStatusResultRequired(TypedDict):
        project: Project
        clean: bool
        """True when snapshots hold all that is in the project's folder: its code as it is, and what is at
        the places of kept files.
        """
        changes: List[PathChange]
        """Paths that differ from the newest snapshot; everything when there is none."""
        changeCount: int
        """How many paths differ, beyond `limit` too."""
        environment: ProjectStatusResultEnvironment
        """The active environment."""
        environmentChanges: List[PackageChange]
        """What changed in the environment since the newest snapshot."""
        activeRuns: List[RunRef]
        """Runs that have not ended."""
        problems: List[Problem]
        """What is wrong with the store; usually empty."""
        keptChanges: List[PathChange]
        """Kept files that changed at their places in the project since they were kept; a missing one is no
        unsaved work.
        """
        definitionChanges: List[PathChange]
        """Definition files of the environment that differ from the newest snapshot's."""
        unstable: List[str]
        """Files that changed while they were looked at; at most `limit`."""
        skipped: List[Skipped]
        """What a snapshot cannot take; at most `limit`."""
        pointers: List[PointerState]
        """Pointers in the config, checked where they are local: of `config.json` at the root and of the
        newest snapshot that somebody made.
        """

    class ProjectStatusResult(_ProjectStatusResultRequired, total=False):
        """Result of `project.status`."""
        current: SnapshotRef
        """The newest snapshot that equals the project's folder. Absent: none."""
        newestUser: SnapshotRef
        """The newest snapshot somebody made. Absent: none."""
        newestAutomatic: SnapshotRef
        """The newest snapshot that a run made. Absent: none."""
        interruptedCheckout: ProjectStatusResultInterruptedCheckout
        """A checkout that a crash interrupted. Absent: none."""

    class ProjectDeleteParams(TypedDict):
        """Params of `project.delete`."""
        confirm: str
        """Id of the project, as a safeguard."""

    class _ProjectDeleteResultRequired(TypedDict):
        directory: str
        """Root of the project that was."""
        bytes: int
        """Bytes freed."""

    class ProjectDeleteResult(_ProjectDeleteResultRequired, total=False):
        """Result of `project.delete`."""
        images: int
        """Images removed that were built for it. Absent: it has no environments."""
        containers: int
        """Containers removed that ran for it. Absent: it has no environments."""

    class ProjectDoctorParams(TypedDict):
        """Params of `project.doctor`."""

    class _ProjectDoctorResultRequired(TypedDict):
        engine: EngineInfo
        tools: List[ToolFact]
        """What was looked for."""
        problems: List[Problem]
        """What is wrong with the project's store and its plugins."""

    class ProjectDoctorResult(_ProjectDoctorResultRequired, total=False):
        """Result of `project.doctor`."""
        gpus: List[JsonObject]
        """Graphics processors of this machine, as found. Absent: the engine does not tell."""
        project: Project
        """The connection's project. Absent: none."""

    class _QueueAddParamsRequired(TypedDict):
        command: Command

    class QueueAddParams(_QueueAddParamsRequired, total=False):
        """Params of `queue.add`."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        driver: str
        """Where it runs. Absent: `host`."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        secrets: List[str]
        """Names of variables whose values are secret: taken from the engine's environment, given to the
        command, and kept nowhere. Absent: none.
        """
        envFiles: List[str]
        """Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command
        starts; what they say is kept nowhere. Absent: none.
        """
        secretValues: Dict[str, str]
        """Values of secrets that the engine's environment does not have; kept nowhere. Absent: none."""
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        group: str
        """Group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        config: JsonObject
        """The run's config. Absent: `config.json` at the root when it is there, else empty."""
        message: str
        """Message for its snapshots. Absent: made from the command."""
        parse: bool
        """Lines of the output that are exactly `name: number` become metrics. Absent: yes."""
        parser: str
        """What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`,
        or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
        """
        usage: bool
        """What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as
        `DATMO_USAGE` and the project's settings say; without them, yes.
        """
        snapshotId: str
        """State to run on: id, label or unique prefix of a snapshot. Absent: the project as it is now."""
        trust: bool
        """Run it on a state that came from elsewhere. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""
        environment: str
        """Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`:
        the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
        """
        environmentPaths: List[str]
        """Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none."""
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""

    class QueueAddResult(TypedDict):
        """Result of `queue.add`."""
        run: Run

    class QueueListParams(TypedDict):
        """Params of `queue.list`."""

    class QueueListResult(TypedDict):
        """Result of `queue.list`."""
        items: List[QueuedRun]
        """Queued runs, the next one first."""

    class QueueClaimParams(TypedDict, total=False):
        """Params of `queue.claim`."""
        gpus: List[str]
        """GPUs that runs may be given. Absent: those of this machine."""
        sweepId: str
        """Only runs of this sweep. Absent: any."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _QueueClaimResultRequired(TypedDict):
        waiting: int
        """Queued runs that wait for GPUs that are busy now."""
        held: int
        """Queued runs that another worker is about to start."""
        unfit: int
        """Queued runs that need GPUs which were not named."""

    class QueueClaimResult(_QueueClaimResultRequired, total=False):
        """Result of `queue.claim`."""
        run: Run
        """The run that was taken. Absent: none can be started now."""
        gpus: List[str]
        """GPUs that it was given. Absent: none."""

    class QueueCancelParams(TypedDict):
        """Params of `queue.cancel`."""
        ids: List[str]
        """Ids, names or unique prefixes."""

    class QueueCancelResult(TypedDict):
        """Result of `queue.cancel`."""
        runs: List[Run]
        """The runs after it."""

    class _RunStartParamsRequired(TypedDict):
        command: Command

    class RunStartParams(_RunStartParamsRequired, total=False):
        """Params of `run.start`."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        driver: str
        """Where it runs: `host`, `docker`. Absent: what goes with the environment."""
        environment: str
        """Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`:
        the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
        """
        environmentPaths: List[str]
        """Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        secrets: List[str]
        """Names of variables whose values are secret: taken from the engine's environment, given to the
        command, and kept nowhere. Absent: none.
        """
        envFiles: List[str]
        """Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command
        starts; what they say is kept nowhere. Absent: none.
        """
        secretValues: Dict[str, str]
        """Values of secrets that the engine's environment does not have; kept nowhere. Absent: none."""
        interactive: bool
        """The command gets the terminal or standard input. Absent: no."""
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        group: str
        """Group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        config: JsonObject
        """The run's config. Absent: `config.json` at the root when it is there, else empty."""
        message: str
        """Message for its snapshots. Absent: made from the command."""
        parse: bool
        """Lines of the output that are exactly `name: number` become metrics. Absent: yes."""
        parser: str
        """What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`,
        or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
        """
        usage: bool
        """What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as
        `DATMO_USAGE` and the project's settings say; without them, yes.
        """
        detached: bool
        """The run belongs to a process of its own and goes on when this engine leaves. Absent: no."""
        isolated: bool
        """Run in a copy of the before-snapshot. Absent: no, in the project's folder."""
        originId: str
        """Made by the client; echoed on every notification about this run, so that early output can be
        placed. Absent: none.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class RunStartResult(TypedDict):
        """Result of `run.start`."""
        run: Run

    class RunCreateParams(TypedDict, total=False):
        """Params of `run.create`."""
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        group: str
        """Group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        config: JsonObject
        """The run's config. Absent: `config.json` at the root when it is there, else empty."""
        id: str
        """Id made by the client, 26 base32 characters; repeating the call with the same id changes
        nothing. Absent: made here.
        """
        type: str
        """Kind of run. Absent: `script`."""
        command: Command
        """How the script was called. Absent: not told."""
        directory: str
        """Its working directory, absolute. Absent: the project's root."""
        pythonExecutable: str
        """The interpreter it runs in. Absent: not Python."""
        snapshots: bool
        """Take before- and after-snapshots in the background. Absent: yes."""
        startedAt: str
        """When the script began, RFC 3339 UTC. Absent: now."""
        processId: int
        """Process of the script, watched for its end. Absent: the client's."""
        resume: bool
        """Append to the run with this id although it has ended. Absent: no."""

    class RunCreateResult(TypedDict):
        """Result of `run.create`."""
        run: Run
        taskDirectory: str
        """Absolute path of the run's own folder."""

    class RunFinishParamsError(TypedDict):
        """Why it failed. Absent: nothing more is known."""
        kind: str
        """Class of the exception, or an error kind."""
        message: str
        """One sentence."""

    class _RunFinishParamsRequired(TypedDict):
        id: str
        """Id of the run."""

    class RunFinishParams(_RunFinishParamsRequired, total=False):
        """Params of `run.finish`."""
        status: Literal["succeeded", "failed", "stopped"]
        """How it ended. Absent: `succeeded`, or `failed` with an exit code other than 0."""
        exitCode: int
        """Exit code of the script. Absent: unknown."""
        error: RunFinishParamsError
        """Why it failed. Absent: nothing more is known."""
        endedAt: str
        """When it ended, RFC 3339 UTC. Absent: now."""

    class RunFinishResult(TypedDict):
        """Result of `run.finish`."""
        run: Run

    class RunGetParams(TypedDict):
        """Params of `run.get`."""
        id: str
        """Id, name or unique prefix."""

    class _RunGetResultRequired(TypedDict):
        run: Run
        files: List[FileEntry]
        """Files kept with it."""
        taskDirectory: str
        """Absolute path of its own folder."""

    class RunGetResult(_RunGetResultRequired, total=False):
        """Result of `run.get`."""
        machine: MachineFacts
        """Absent: not captured."""
        userGit: UserGit
        """Absent: no repository."""

    class RunListParams(TypedDict, total=False):
        """Params of `run.list`."""
        filter: str
        """A filter, docs/filter.md. Absent: all."""
        sort: str
        """Sort keys, comma-separated, `-` in front for descending. Absent: `-created`."""
        limit: int
        """At most this many items. Absent: 100."""
        cursor: str
        """`nextCursor` of the answer before. Absent: from the beginning."""
        status: List[str]
        """Only these statuses. Absent: any."""
        tags: List[str]
        """Only runs with all these tags. Absent: any."""
        deleted: bool
        """Deleted runs instead. Absent: no."""
        system: bool
        """With their system metrics in short. Absent: without."""

    class _RunListResultRequired(TypedDict):
        items: List[Run]
        """Runs."""

    class RunListResult(_RunListResultRequired, total=False):
        """Result of `run.list`."""
        nextCursor: str
        """Where to go on. Absent: this was the end."""
        total: int
        """How many fit in all. Absent: not counted."""

    class _RunUpdateParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""

    class RunUpdateParams(_RunUpdateParamsRequired, total=False):
        """Params of `run.update`."""
        name: str
        """New name. Absent: unchanged."""
        addTags: List[str]
        """Tags to add. Absent: none."""
        removeTags: List[str]
        """Tags to remove. Absent: none."""
        note: str
        """New note. Absent: unchanged."""
        group: str
        """New group. Absent: unchanged."""

    class RunUpdateResult(TypedDict):
        """Result of `run.update`."""
        run: Run

    class RunDeleteParams(TypedDict):
        """Params of `run.delete`."""
        ids: List[str]
        """Ids, names or unique prefixes."""

    class RunDeleteResult(TypedDict):
        """Result of `run.delete`."""
        ids: List[str]
        """Ids of the deleted runs."""

    class RunUndeleteParams(TypedDict):
        """Params of `run.undelete`."""
        ids: List[str]
        """Ids or unique prefixes."""

    class RunUndeleteResult(TypedDict):
        """Result of `run.undelete`."""
        ids: List[str]
        """Ids of the runs that are back."""

    class _RunWaitParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""

    class RunWaitParams(_RunWaitParamsRequired, total=False):
        """Params of `run.wait`."""
        timeoutMs: int
        """Answer after this time with the run as it is. Absent: wait for the end."""

    class RunWaitResult(TypedDict):
        """Result of `run.wait`."""
        run: Run

    class RunStopParams(TypedDict, total=False):
        """Params of `run.stop`."""
        id: str
        """Id, name or unique prefix. Absent: needs `all`."""
        all: bool
        """Every active run. Absent: no."""
        graceMs: int
        """Time between the request to end and the kill. Absent: 10,000."""
        signal: Literal["SIGINT", "SIGTERM"]
        """How it is asked to end. Absent: `SIGTERM`."""

    class RunStopResult(TypedDict):
        """Result of `run.stop`."""
        runs: List[Run]
        """The runs after it."""

    class _RunLogsParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""

    class RunLogsParams(_RunLogsParamsRequired, total=False):
        """Params of `run.logs`."""
        offset: int
        """First byte wanted. Negative: counted from the end. Absent: 0."""
        limit: int
        """At most this many bytes. Absent: 1 MiB."""
        encoding: Literal["utf8", "base64"]
        """`utf8`: what is not UTF-8 is replaced. Absent: `utf8`."""

    class RunLogsResult(TypedDict):
        """Result of `run.logs`."""
        text: str
        """The output, encoded as asked."""
        offset: int
        """Byte it begins at."""
        nextOffset: int
        """Byte to go on at."""
        size: int
        """Bytes of output so far."""
        ended: bool
        """No more will come after `size`."""

    class _RunDiffParamsRequired(TypedDict):
        a: str
        """Id, name or unique prefix of the left side."""
        b: str
        """Of the right side."""

    class RunDiffParams(_RunDiffParamsRequired, total=False):
        """Params of `run.diff`."""
        text: Literal["stat", "full"]
        """Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only which paths
        differ.
        """
        context: int
        """Lines told around those that differ. Absent: 3."""
        paths: List[str]
        """Only these files and folders, in the code and the kept files; relative to the root of the
        project, or absolute in it. Absent: all.
        """

    class RunDiffResult(TypedDict):
        """Result of `run.diff`."""
        a: Run
        b: Run
        diff: StateDiff

    class _RunRerunParamsRequired(TypedDict):
        id: str
        """Id, name or unique prefix."""

    class RunRerunParams(_RunRerunParamsRequired, total=False):
        """Params of `run.rerun`."""
        snapshotId: str
        """Another state to run on. Absent: the run's before-snapshot."""
        environment: str
        """Another environment: as in `run.start`; `captured`: a venv with the packages that the run
        recorded. Absent: the run's own, by the same image.
        """
        config: JsonObject
        """Values that replace those of the run's config, deep-merged. Absent: none."""
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        trust: bool
        """Run a command that came from elsewhere. Absent: no."""
        secretValues: Dict[str, str]
        """Values of secrets that the engine's environment does not have; kept nowhere. Absent: none."""
        originId: str
        """As in `run.start`. Absent: none."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class RunRerunResult(TypedDict):
        """Result of `run.rerun`."""
        run: Run

    class _RunVerifyParamsRequired(TypedDict):
        rerunId: str
        """The repetition; must have ended."""

    class RunVerifyParams(_RunVerifyParamsRequired, total=False):
        """Params of `run.verify`."""
        originalId: str
        """The original. Absent: the run that `rerunId` repeats."""
        tolerance: float
        """Metrics may differ by this share of the larger magnitude. Absent: 0, exactly equal."""

    class _RunVerifyResultRequired(TypedDict):
        same: bool
        """No difference that matters: status, metrics and produced files agree."""
        tolerance: float
        """Share by which metrics were allowed to differ."""
        original: Run
        rerun: Run
        differences: List[Difference]
        """All of them, causes first, the likeliest before others."""
        comparedMetrics: int
        """How many metrics were compared."""
        comparedFiles: int
        """How many produced files were compared."""
        notCaptured: List[str]
        """Inputs that nobody can tell of whether they changed: no snapshot holds them, and they were not
        read. Data is told with the reason.
        """

    class RunVerifyResult(_RunVerifyResultRequired, total=False):
        """Result of `run.verify`."""
        first: Difference
        """The first thing that came out different. Absent: nothing did."""
        cause: Difference
        """The likeliest reason: the first thing that went in different. Absent: nothing known did."""

    class SnapshotCreateParamsPointersItem(TypedDict):
        """A pointer."""
        key: str
        """Key in the config, dotted."""
        path: str
        """The file, relative to the project's root or absolute; or an address, which is not looked at."""

    class _SnapshotCreateParamsRequired(TypedDict):
        message: str
        """What it is."""

    class SnapshotCreateParams(_SnapshotCreateParamsRequired, total=False):
        """Params of `snapshot.create`."""
        label: str
        """Short category. Absent: none."""
        runId: str
        """Make the run's after-snapshot a visible one (for an active run: a snapshot within it). Absent:
        none.
        """
        environment: str
        """Environment that it holds, as in `run.start`; not for a snapshot of a run. Absent: the active
        one.
        """
        environmentPaths: List[str]
        """Definition files of the environment that it holds, `SRC` or `SRC>NAME`; not with `environment`,
        nor for a snapshot of a run. Absent: as `environment` says.
        """
        config: JsonObject
        """Its config. Absent: `config.json` at the root when it is there, else empty."""
        metrics: Dict[str, MetricValue]
        """Its metrics. Absent: `metrics.json` or `stats.json` at the root when it is there, else empty."""
        configFile: str
        """A JSON file with the config, instead of `config`. Absent: none."""
        metricsFile: str
        """A JSON file with the metrics, instead of `metrics`. Absent: none."""
        paths: List[str]
        """Files and folders for the files component, each `SRC` or `SRC>NAME`. Absent: none."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""
        pointers: List[SnapshotCreateParamsPointersItem]
        """Pointers to files that are not kept, for its config: size and SHA-256 are computed. Absent:
        none.
        """

    class SnapshotCreateResult(TypedDict):
        """Result of `snapshot.create`."""
        snapshot: Snapshot
        created: bool
        """False when nothing had changed and this is an existing snapshot; a new message or label was then
        applied to it.
        """
        unstable: List[str]
        """Files that changed while they were read."""
        skipped: List[Skipped]
        """What could not be taken."""

    class _SnapshotGetParamsRequired(TypedDict):
        id: str
        """Id, label or unique prefix."""

    class SnapshotGetParams(_SnapshotGetParamsRequired, total=False):
        """Params of `snapshot.get`."""
        verify: bool
        """Read the files that pointers name, however big. Absent: only those that are read quickly."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class SnapshotGetResult(TypedDict):
        """Result of `snapshot.get`."""
        snapshot: Snapshot
        environment: EnvironmentSummary
        codeFiles: int
        """How many source files it holds."""
        codeBytes: int
        """Their size together."""
        unstable: List[str]
        """Files that changed while they were read."""
        skipped: List[Skipped]
        """What could not be taken."""
        pointers: List[PointerState]
        """Pointers in its config, checked where they are local."""

    class SnapshotListParams(TypedDict, total=False):
        """Params of `snapshot.list`."""
        all: bool
        """Those that runs made as well. Absent: no."""
        text: str
        """Only those whose message or label contains it. Absent: all."""
        markCurrent: bool
        """Mark the one that equals the project's folder. Absent: no."""
        limit: int
        """At most this many items. Absent: 100."""
        cursor: str
        """`nextCursor` of the answer before. Absent: from the beginning."""

    class _SnapshotListResultRequired(TypedDict):
        items: List[Snapshot]
        """Snapshots."""

    class SnapshotListResult(_SnapshotListResultRequired, total=False):
        """Result of `snapshot.list`."""
        nextCursor: str
        """Where to go on. Absent: this was the end."""

    class _SnapshotUpdateParamsRequired(TypedDict):
        id: str
        """Id, label or unique prefix."""

    class SnapshotUpdateParams(_SnapshotUpdateParamsRequired, total=False):
        """Params of `snapshot.update`."""
        message: str
        """New message. Absent: unchanged."""
        label: str
        """New label; empty removes it. Absent: unchanged."""
        visible: bool
        """Absent: unchanged."""
        config: JsonObject
        """Merged into its config. Absent: nothing."""
        metrics: Dict[str, MetricValue]
        """Merged into its metrics. Absent: nothing."""

    class SnapshotUpdateResult(TypedDict):
        """Result of `snapshot.update`."""
        snapshot: Snapshot

    class _SnapshotDeleteParamsRequired(TypedDict):
        ids: List[str]
        """Ids, labels or unique prefixes."""

    class SnapshotDeleteParams(_SnapshotDeleteParamsRequired, total=False):
        """Params of `snapshot.delete`."""
        force: bool
        """Also those that a run needs. Absent: no."""

    class SnapshotDeleteResult(TypedDict):
        """Result of `snapshot.delete`."""
        ids: List[str]
        """Ids of the deleted snapshots."""

    class _SnapshotCheckoutParamsRequired(TypedDict):
        id: str
        """Id, label or unique prefix."""

    class SnapshotCheckoutParams(_SnapshotCheckoutParamsRequired, total=False):
        """Params of `snapshot.checkout`."""
        force: bool
        """Save unsaved work as a snapshot first, then go on; move files in the way to `.datmo/displaced`.
        Absent: refuse.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _SnapshotCheckoutResultRequired(TypedDict):
        snapshot: Snapshot
        written: int
        """Files written."""
        removed: int
        """Files removed."""
        displaced: List[str]
        """Files moved out of the way."""
        restored: List[str]
        """Kept files that were brought back to their places in the project."""
        notRestored: List[str]
        """Names of its kept files that have no place in the project: an export brings them."""

    class SnapshotCheckoutResult(_SnapshotCheckoutResultRequired, total=False):
        """Result of `snapshot.checkout`."""
        saved: Snapshot
        """The snapshot taken of what was there. Absent: it was saved already."""

    class SnapshotDiffParams(TypedDict, total=False):
        """Params of `snapshot.diff`."""
        a: str
        """Id, label or unique prefix of the left side. Absent: the newest snapshot that was made on
        purpose; if there is none, the newest.
        """
        b: str
        """Of the right side. Absent: the project's folder as it is."""
        text: Literal["stat", "full"]
        """Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only which paths
        differ.
        """
        context: int
        """Lines told around those that differ. Absent: 3."""
        paths: List[str]
        """Only these files and folders, in the code and the kept files; relative to the root of the
        project, or absolute in it. Absent: all.
        """

    class _SnapshotDiffResultRequired(TypedDict):
        a: Snapshot
        diff: StateDiff

    class SnapshotDiffResult(_SnapshotDiffResultRequired, total=False):
        """Result of `snapshot.diff`."""
        b: Snapshot
        """The right side. Absent: the project's folder."""
        skipped: List[Skipped]
        """What of the folder could not be compared. Absent: two snapshots were."""

    class _SnapshotExportParamsRequired(TypedDict):
        id: str
        """Id, label or unique prefix."""
        directory: str
        """Folder, absolute; must be empty or absent."""

    class SnapshotExportParams(_SnapshotExportParamsRequired, total=False):
        """Params of `snapshot.export`."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""
        only: Literal["code", "files"]
        """Only the code, or only the kept files. Absent: both, the kept files in `datmo_files`."""

    class SnapshotExportResult(TypedDict):
        """Result of `snapshot.export`."""
        files: int
        """Files written."""
        bytes: int
        """Bytes written."""

    class StoreSyncParams(TypedDict, total=False):
        """Params of `store.sync`."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StoreSyncResult(TypedDict):
        """Result of `store.sync`."""
        generation: int
        """Number of the folded journal."""
        sqlitePath: str
        """Absolute path of `datmo.sqlite`."""
        records: int
        """Records in it."""

    class StoreFsckParams(TypedDict, total=False):
        """Params of `store.fsck`."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class _StoreFsckResultObjectsItemRequired(TypedDict):
        path: str
        """Object, file or reference."""
        problem: str
        """What is wrong with it."""
        snapshots: List[str]
        """Ids of the snapshots it touches."""

    class StoreFsckResultObjectsItem(_StoreFsckResultObjectsItemRequired, total=False):
        """A damaged object."""
        runs: List[str]
        """Ids of the runs it touches. Absent: none."""
        hint: str
        """What can be done. Absent: nothing better than a backup."""

    class StoreFsckResultNotesItem(TypedDict):
        """A note."""
        path: str
        """What it is about."""
        note: str
        """What is odd."""
        hint: str
        """What can be done."""

    class _StoreFsckResultRequired(TypedDict):
        clean: bool
        """Nothing is wrong."""
        problems: List[Problem]
        """What is wrong with the records."""
        objects: List[StoreFsckResultObjectsItem]
        """What is wrong with the snapshots' objects."""

    class StoreFsckResult(_StoreFsckResultRequired, total=False):
        """Result of `store.fsck`."""
        notes: List[StoreFsckResultNotesItem]
        """What is not damage and yet not as it should be. Absent: nothing."""

    class StorePushParams(TypedDict, total=False):
        """Params of `store.push`."""
        remote: str
        """The git repository: a path, or an https, ssh, git or file address. Absent: the one of the last
        push or pull.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StorePushResult(TypedDict):
        """Result of `store.push`."""
        remote: str
        """The remote, without a password."""
        nothingNew: bool
        """The remote had everything."""
        snapshots: int
        """Snapshots that it has now."""
        removed: int
        """Snapshots that it has no more, because they were deleted."""
        runs: int
        """Runs that are new there, or were changed."""
        records: int
        """Records of all kinds that are new there, or were changed."""
        points: int
        """Points of metrics in the files that were sent."""
        objects: int
        """Git objects that were sent."""
        bigFiles: int
        """Big files that were sent."""
        bytes: int
        """Size of these big files."""
        waiting: int
        """Runs whose points stay here until they have ended."""
        keptBack: List[str]
        """What others could not take in, and so was not sent: fields, snapshots, points of runs."""

    class StorePullParams(TypedDict, total=False):
        """Params of `store.pull`."""
        remote: str
        """The git repository: a path, or an https, ssh, git or file address. Absent: the one of the last
        push or pull.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StorePullResult(TypedDict):
        """Result of `store.pull`."""
        remote: str
        """The remote, without a password."""
        nothingNew: bool
        """Everything was here."""
        snapshots: int
        """Snapshots that came."""
        removed: int
        """Snapshots that went, because they were deleted elsewhere."""
        runs: int
        """Runs that came, or were changed."""
        records: int
        """Records of all kinds that came, or were changed."""
        points: int
        """Points of metrics that came."""
        objects: int
        """Git objects that came."""
        bigFiles: int
        """Big files that came."""
        bytes: int
        """Size of these big files."""

    class StoreGcParams(TypedDict, total=False):
        """Params of `store.gc`."""
        dryRun: bool
        """Only say what would go. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StoreGcResultCollectedItem(TypedDict):
        """Things of a kind."""
        kind: str
        """What they are."""
        count: int
        """How many."""
        bytes: int
        """Bytes that it frees."""

    class StoreGcResultDisplaced(TypedDict):
        """The user's own files that a checkout moved to `.datmo/displaced`; never removed."""
        count: int
        """How many."""
        bytes: int
        """Bytes on disk."""

    class StoreGcResult(TypedDict):
        """Result of `store.gc`."""
        dryRun: bool
        """Nothing was removed."""
        collected: List[StoreGcResultCollectedItem]
        """What went, or would go, by kind."""
        bytes: int
        """All of it together."""
        laterBytes: int
        """What nothing needs and is too young, or may be needed by work under way; a later call frees it."""
        displaced: StoreGcResultDisplaced
        """The user's own files that a checkout moved to `.datmo/displaced`; never removed."""

    class StoreUsageParams(TypedDict, total=False):
        """Params of `store.usage`."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StoreUsageResultPartsItem(TypedDict):
        """A part."""
        name: str
        """Its folder or file."""
        bytes: int
        """Its size."""

    class _StoreUsageResultRunsItemRequired(TypedDict):
        id: str
        """Id of the run."""
        name: str
        """Its name."""
        bytes: int
        """Both together."""
        taskBytes: int
        """Its folder: output, and what it left there."""
        seriesBytes: int
        """Its metric points."""

    class StoreUsageResultRunsItem(_StoreUsageResultRunsItemRequired, total=False):
        """A run's own."""
        deleted: bool
        """It was deleted; `gc` frees it. Absent: no."""

    class _StoreUsageResultSnapshotsItemRequired(TypedDict):
        id: str
        """Id of the snapshot."""
        message: str
        """What it is."""
        visible: bool
        """False for those that runs make by themselves."""
        bytes: int
        """All it holds, as written out."""
        ownBytes: int
        """What deleting it alone would free."""

    class StoreUsageResultSnapshotsItem(_StoreUsageResultSnapshotsItemRequired, total=False):
        """A snapshot's own."""
        label: str
        """Its label. Absent: none."""
        runId: str
        """The run that took it. Absent: none."""

    class StoreUsageResult(TypedDict):
        """Result of `store.usage`."""
        bytes: int
        """All of `.datmo`."""
        parts: List[StoreUsageResultPartsItem]
        """By part of `.datmo`."""
        runs: List[StoreUsageResultRunsItem]
        """By run."""
        snapshots: List[StoreUsageResultSnapshotsItem]
        """By snapshot."""

    class _StorePurgeParamsRequired(TypedDict):
        targets: List[str]
        """Paths relative to the project, to the files of a snapshot or run (`*`, `**`, `?` allowed), or
        ids or labels of snapshots.
        """

    class StorePurgeParams(_StorePurgeParamsRequired, total=False):
        """Params of `store.purge`."""
        dryRun: bool
        """Only say what would go. Absent: no."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class StorePurgeResultTaskFilesItem(TypedDict):
        """A file."""
        runId: str
        """Id of the run."""
        path: str
        """Path in its folder."""

    class _StorePurgeResultRequired(TypedDict):
        dryRun: bool
        """Nothing was removed."""
        paths: List[str]
        """Where the content was found, in code and files. Whatever holds the same content goes."""
        contents: int
        """Different contents."""
        snapshots: List[str]
        """Ids of the snapshots that are written anew."""
        removedSnapshots: List[str]
        """Ids of the snapshots that are removed."""
        stillThere: List[str]
        """Files of these paths that lie in the project's folder: the next snapshot records them again."""
        taskFiles: List[StorePurgeResultTaskFilesItem]
        """Files of these paths in runs' own folders, which stay."""

    class StorePurgeResult(_StorePurgeResultRequired, total=False):
        """Result of `store.purge`."""
        id: str
        """Id of the record of it. Absent in a dry run."""

    class SweepStartParams(TypedDict, total=False):
        """Params of `sweep.start`."""
        id: str
        """Id, name or unique prefix of a sweep that is there, or a new id of 26 characters. Absent: a new
        one.
        """
        name: str
        """Readable name. Absent: one is made."""
        command: Command
        """What every run executes. Absent: that of the sweep that is there."""
        spec: SweepSpec
        """Which values are tried. Absent: that of the sweep that is there."""
        config: JsonObject
        """Values that all combinations have. Absent: `config.json` at the root when it is there, else
        empty.
        """
        group: str
        """Group of its runs. Absent: its name."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        driver: str
        """Where it runs. Absent: `host`."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        secrets: List[str]
        """Names of variables whose values are secret: taken from the engine's environment, given to the
        command, and kept nowhere. Absent: none.
        """
        envFiles: List[str]
        """Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command
        starts; what they say is kept nowhere. Absent: none.
        """
        secretValues: Dict[str, str]
        """Values of secrets that the engine's environment does not have; kept nowhere. Absent: none."""
        tags: List[str]
        """Tags. Absent: none."""
        note: str
        """Free text. Absent: none."""
        message: str
        """Message for its snapshots. Absent: made from the command."""
        parse: bool
        """Lines of the output that are exactly `name: number` become metrics. Absent: yes."""
        parser: str
        """What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`,
        or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
        """
        usage: bool
        """What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as
        `DATMO_USAGE` and the project's settings say; without them, yes.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""
        environment: str
        """Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`:
        the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
        """
        environmentPaths: List[str]
        """Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none."""
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""

    class SweepStartResult(TypedDict):
        """Result of `sweep.start`."""
        sweep: Sweep
        added: int
        """Runs that were queued now."""

    class SweepGetParams(TypedDict):
        """Params of `sweep.get`."""
        id: str
        """Id, name or unique prefix."""

    class SweepGetResult(TypedDict):
        """Result of `sweep.get`."""
        sweep: Sweep
        runs: List[SweepRun]
        """Its combinations, in their order."""
        counts: Dict[str, int]
        """How many runs have each status; those that are not there are left out."""

    class SweepListParams(TypedDict, total=False):
        """Params of `sweep.list`."""
        limit: int
        """At most this many items. Absent: 100."""
        cursor: str
        """`nextCursor` of the answer before. Absent: from the beginning."""

    class _SweepListResultRequired(TypedDict):
        items: List[SweepOverview]
        """Sweeps."""

    class SweepListResult(_SweepListResultRequired, total=False):
        """Result of `sweep.list`."""
        nextCursor: str
        """Where to go on. Absent: this was the end."""

    class _TaskCreateParamsRequired(TypedDict):
        command: Command

    class TaskCreateParams(_TaskCreateParamsRequired, total=False):
        """Params of `task.create`."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        driver: str
        """Where it runs. Absent: `host`."""
        environmentId: str
        """Where it runs: id, name or unique prefix of an environment. Absent: the machine as it is."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""
        timeoutMs: int
        """Time limit in milliseconds. Absent: none."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        secrets: List[str]
        """Names of variables whose values are secret: taken from the engine's environment, given to the
        command, and kept nowhere. Absent: none.
        """
        envFiles: List[str]
        """Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command
        starts; what they say is kept nowhere. Absent: none.
        """
        interactive: bool
        """The command gets the terminal or standard input. Absent: no."""

    class TaskCreateResult(TypedDict):
        """Result of `task.create`."""
        task: Task
        created: bool
        """False when it was there already."""

    class TaskGetParams(TypedDict):
        """Params of `task.get`."""
        id: str
        """Id or unique prefix."""

    class TaskGetResult(TypedDict):
        """Result of `task.get`."""
        task: Task
        runs: List[Run]
        """Its newest runs, at most 100, newest first."""

    class TaskListParams(TypedDict, total=False):
        """Params of `task.list`."""
        limit: int
        """At most this many items. Absent: 100."""
        cursor: str
        """`nextCursor` of the answer before. Absent: from the beginning."""

    class _TaskListResultRequired(TypedDict):
        items: List[Task]
        """Tasks."""

    class TaskListResult(_TaskListResultRequired, total=False):
        """Result of `task.list`."""
        nextCursor: str
        """Where to go on. Absent: this was the end."""

    class _TaskRunParamsRequired(TypedDict):
        id: str
        """Id or unique prefix of the task."""

    class TaskRunParams(_TaskRunParamsRequired, total=False):
        """Params of `task.run`."""
        snapshotId: str
        """State to run on: id, label or unique prefix of a snapshot; its config counts. Absent: the
        project as it is now.
        """
        config: JsonObject
        """Values that replace those of the state's config, deep-merged. Absent: none."""
        parser: str
        """What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`,
        or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
        """
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        group: str
        """Group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        timeoutMs: int
        """Time limit in milliseconds. Absent: the task's."""
        trust: bool
        """Run a command that came from elsewhere. Absent: no."""
        secretValues: Dict[str, str]
        """Values of secrets that the engine's environment does not have; kept nowhere. Absent: none."""
        detached: bool
        """The run belongs to a process of its own and goes on when this engine leaves. Absent: no."""
        originId: str
        """As in `run.start`. Absent: none."""
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class TaskRunResult(TypedDict):
        """Result of `task.run`."""
        run: Run

    class _WorkspaceStartParamsRequired(TypedDict):
        kind: WorkspaceKind

    class WorkspaceStartParams(_WorkspaceStartParamsRequired, total=False):
        """Params of `workspace.start`."""
        directory: str
        """Working directory, relative to the project's root. Absent: the root."""
        driver: str
        """Where it runs: `host`, `docker`. Absent: what goes with the environment."""
        environment: str
        """Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`:
        the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
        """
        environmentPaths: List[str]
        """Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none."""
        gpu: str
        """GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a
        single index is `device=0`). Absent: none are asked for.
        """
        memoryBytes: int
        """Limit of memory in bytes, swap included; needs a container. Absent: none."""
        cpus: float
        """Limit of processors, in parts of one; needs a container. Absent: none."""
        ports: List[PortMapping]
        """Ports of the container that this machine shows. Absent: none."""
        data: List[DataSource]
        """Files and folders in the data folder, in place of the project's `data`. Absent: the project's."""
        variables: Dict[str, str]
        """Environment variables given to the command besides those of the engine. Absent: none. Values
        that look like credentials are masked in what is kept.
        """
        name: str
        """Readable name. Absent: one is made."""
        tags: List[str]
        """Tags. Absent: none."""
        group: str
        """Group. Absent: none."""
        note: str
        """Free text. Absent: none."""
        config: JsonObject
        """The run's config. Absent: `config.json` at the root when it is there, else empty."""
        message: str
        """Message for its snapshots. Absent: made from the command."""
        port: int
        """Port of this machine on which it answers. Absent: the usual one when it is free, else another."""
        readyMs: int
        """Longest time in milliseconds from the start of the program until it answers. Absent: 30,000."""
        idleMs: int
        """It ends by itself when nothing was done in it for this long, in milliseconds. Absent: never."""
        transcript: bool
        """Keep what the terminal shows as `terminal.cast` (asciicast v2) among the run's files; kind
        `terminal` only. Absent: no.
        """
        detached: bool
        """The run belongs to a process of its own and goes on when this engine leaves. Absent: no."""
        rerunOf: str
        """A workspace run (id, name or unique prefix) to be opened again where it ended, in place of
        `environment` and what goes with it. Absent: a new one.
        """
        here: bool
        """With `rerunOf`: in the project's folder, which is brought to that state first, instead of a
        copy. Absent: in a copy.
        """
        force: bool
        """With `here`: unsaved work in the folder is saved as a snapshot first; without it such work is a
        refusal. Absent: no.
        """
        trust: bool
        """With `rerunOf`: the run came from elsewhere, and its command was looked at. Absent: no."""
        originId: str
        """Made by the client; echoed on every notification about this run, so that early output can be
        placed. Absent: none.
        """
        progressToken: str
        """Asks for `$/progress` notifications carrying this token. Absent: none are sent."""

    class WorkspaceStartResult(TypedDict):
        """Result of `workspace.start`."""
        workspace: Workspace
        run: Run

    class WorkspaceListParams(TypedDict):
        """Params of `workspace.list`."""

    class WorkspaceListResult(TypedDict):
        """Result of `workspace.list`."""
        items: List[Workspace]
        """Newest first."""

    class WorkspaceStopParams(TypedDict, total=False):
        """Params of `workspace.stop`."""
        id: str
        """Run of the workspace: id, name or unique prefix. Absent: `all` must be given."""
        all: bool
        """Every workspace that runs. Absent: no."""
        graceMs: int
        """Time in milliseconds between the request to end and the kill. Absent: 10,000."""

    class WorkspaceStopResult(TypedDict):
        """Result of `workspace.stop`."""
        runs: List[Run]
        """The runs that ended."""

    class _EnvironmentBuildOutputParamsRequired(TypedDict):
        environmentId: str
        """The environment."""
        text: str
        """What the builder printed."""

    class EnvironmentBuildOutputParams(_EnvironmentBuildOutputParamsRequired, total=False):
        """Params of the notification `environment.buildOutput`: Output of a build."""
        originId: str
        """As given to `environment.build`. Absent: none was given."""

    class InitializedParams(TypedDict):
        """Params of the notification `initialized`: The client has taken in the answer to `initialize`."""

    class ExitParams(TypedDict):
        """Params of the notification `exit`: The engine leaves."""

    class CancelRequestParams(TypedDict):
        """Params of the notification `$/cancelRequest`: Cancels a request; it still answers, with -32800
        unless it was faster.
        """
        id: Union[str, int]
        """Id of the request."""

    class _ProgressParamsValueRequired(TypedDict):
        message: str
        """One line: what is being done."""

    class ProgressParamsValue(_ProgressParamsValueRequired, total=False):
        """State of the work."""
        done: float
        """Work done, in the unit of `total`. Absent: unknown."""
        total: float
        """Work in all. Absent: unknown."""

    class ProgressParams(TypedDict):
        """Params of the notification `$/progress`: How far a request has come."""
        token: str
        """The request's `progressToken`."""
        value: ProgressParamsValue
        """State of the work."""

    class _LogMessageParamsRequired(TypedDict):
        level: Literal["error", "warn", "info", "debug"]
        """How serious it is."""
        message: str
        """One sentence."""
        at: str
        """When, RFC 3339 UTC."""

    class LogMessageParams(_LogMessageParamsRequired, total=False):
        """Params of the notification `$/logMessage`: One record of the engine's log, for clients whose
        users cannot see a child's stderr.
        """
        fields: JsonObject
        """More about it. Absent: nothing more."""

    MetricLoggedParams = TypedDict("MetricLoggedParams", {
        "runId": "str",
        "from": "int",
        "to": "int",
        "names": "List[str]",
    })
    """Params of the notification `metric.logged`: Points of a run were taken in; ask `metric.history` for
    them. Sent in batches to those who asked for it.
    """

    class PluginOutputParams(TypedDict):
        """Params of the notification `plugin.output`: What a plugin of this connection's engine printed.
        Sent to those who asked for it.
        """
        name: str
        """The plugin."""
        text: str
        """What it printed, as it came."""

    class _RunOutputParamsRequired(TypedDict):
        runId: str
        """The run."""
        text: str
        """Output as UTF-8; what is not UTF-8 is replaced. Empty: too much came at once; read on with
        `run.logs` from `offset`.
        """
        offset: int
        """Byte of the output that `text` begins at."""
        nextOffset: int
        """Byte after it."""

    class RunOutputParams(_RunOutputParamsRequired, total=False):
        """Params of the notification `run.output`: Output of a run."""
        originId: str
        """As given to `run.start`. Absent: none was given."""

    class _RunStatusChangedParamsRequired(TypedDict):
        runId: str
        """The run."""
        run: Run

    class RunStatusChangedParams(_RunStatusChangedParamsRequired, total=False):
        """Params of the notification `run.statusChanged`: A run has a new status."""
        originId: str
        """As given to `run.start`. Absent: none was given."""

    class _RunNoteParamsRequired(TypedDict):
        runId: str
        """The run."""
        message: str
        """One sentence."""

    class RunNoteParams(_RunNoteParamsRequired, total=False):
        """Params of the notification `run.note`: Something to know of a run before its command starts:
        where it runs and why, what was left out.
        """
        originId: str
        """As given to `run.start`. Absent: none was given."""

PROTOCOL_VERSION = 1


class Methods:
    """Every method of the protocol, on a function that sends a request and returns its result."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def config_log(self, params: ConfigLogParams) -> ConfigLogResult:
        """Deep-merges values into a run's config."""
        result: ConfigLogResult = self._request("config.log", params)
        return result

    def environment_catalog(self, params: Optional[EnvironmentCatalogParams] = None) -> EnvironmentCatalogResult:
        """Environments that can be set up. Datmo's own entries first, then those of granted plugins."""
        result: EnvironmentCatalogResult = self._request("environment.catalog", params or {})
        return result

    def environment_setup(self, params: Optional[EnvironmentSetupParams] = None) -> EnvironmentSetupResult:
        """Writes an environment of the catalogue into `datmo_environment/` and records it."""
        result: EnvironmentSetupResult = self._request("environment.setup", params or {})
        return result

    def environment_create(self, params: Optional[EnvironmentCreateParams] = None) -> EnvironmentCreateResult:
        """Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the
        root, or the packages that the project's scripts import, in this order.
        """
        result: EnvironmentCreateResult = self._request("environment.create", params or {})
        return result

    def environment_get(self, params: EnvironmentGetParams) -> EnvironmentGetResult:
        """One environment: files, packages, builds, and what uses it."""
        result: EnvironmentGetResult = self._request("environment.get", params)
        return result

    def environment_list(self, params: Optional[EnvironmentListParams] = None) -> EnvironmentListResult:
        """Environments, newest first; the last one is the host."""
        result: EnvironmentListResult = self._request("environment.list", params or {})
        return result

    def environment_update(self, params: EnvironmentUpdateParams) -> EnvironmentUpdateResult:
        """Changes name or description."""
        result: EnvironmentUpdateResult = self._request("environment.update", params)
        return result

    def environment_use(self, params: Optional[EnvironmentUseParams] = None) -> EnvironmentUseResult:
        """Makes an environment the one that runs use when nothing else is said, on this machine."""
        result: EnvironmentUseResult = self._request("environment.use", params or {})
        return result

    def environment_build(self, params: Optional[EnvironmentBuildParams] = None) -> EnvironmentBuildResult:
        """Makes what an environment needs to run: an image, or a venv."""
        result: EnvironmentBuildResult = self._request("environment.build", params or {})
        return result

    def environment_delete(self, params: EnvironmentDeleteParams) -> EnvironmentDeleteResult:
        """Deletes environments. Their images and venvs stay unless asked for."""
        result: EnvironmentDeleteResult = self._request("environment.delete", params)
        return result

    def environment_export(self, params: EnvironmentExportParams) -> EnvironmentExportResult:
        """Writes a folder that `docker build` builds anywhere."""
        result: EnvironmentExportResult = self._request("environment.export", params)
        return result

    def exporter_run(self, params: ExporterRunParams) -> ExporterRunResult:
        """Writes runs as the files of another tool. Exporting again brings the files up to date. Files
        that datmo did not write there are left alone. Safe to cut off: files are complete or not
        there, and the next time goes on.
        """
        result: ExporterRunResult = self._request("exporter.run", params)
        return result

    def file_log(self, params: FileLogParams) -> FileLogResult:
        """Keeps a file with a run."""
        result: FileLogResult = self._request("file.log", params)
        return result

    def file_list(self, params: Optional[FileListParams] = None) -> FileListResult:
        """Files of a run or snapshot."""
        result: FileListResult = self._request("file.list", params or {})
        return result

    def file_get(self, params: FileGetParams) -> FileGetResult:
        """One kept file."""
        result: FileGetResult = self._request("file.get", params)
        return result

    def graph_get(self, params: Optional[GraphGetParams] = None) -> GraphGetResult:
        """Snapshots as nodes, runs as edges, newest first."""
        result: GraphGetResult = self._request("graph.get", params or {})
        return result

    def importer_run(self, params: ImporterRunParams) -> ImporterRunResult:
        """Takes over the runs of another tool. Importing again adds only what is new. Safe to cut off:
        what is missing comes with the next time. Nothing of the source is changed.
        """
        result: ImporterRunResult = self._request("importer.run", params)
        return result

    def initialize(self, params: InitializeParams) -> InitializeResult:
        """Opens the connection; must be the first request."""
        result: InitializeResult = self._request("initialize", params)
        return result

    def shutdown(self, params: Optional[ShutdownParams] = None) -> ShutdownResult:
        """Asks the engine to finish what it began; `exit` follows."""
        result: ShutdownResult = self._request("shutdown", params or {})
        return result

    def metric_log(self, params: MetricLogParams) -> MetricLogResult:
        """Logs points: inline columns, or a stretch of a spool file. Inline points: answered when they
        survive the end of the engine; on disk within a second. Nothing is dropped: repeated and
        out-of-order steps are kept.
        """
        result: MetricLogResult = self._request("metric.log", params)
        return result

    def metric_list(self, params: MetricListParams) -> MetricListResult:
        """The metrics of a run."""
        result: MetricListResult = self._request("metric.list", params)
        return result

    def metric_history(self, params: MetricHistoryParams) -> MetricHistoryResult:
        """The points of one metric, in order of step."""
        result: MetricHistoryResult = self._request("metric.history", params)
        return result

    def plugin_install(self, params: PluginInstallParams) -> PluginInstallResult:
        """Installs a plugin from a folder, or replaces the one of the same name. The folder's files
        are copied. Nothing of it runs before it was granted what it asks for, and a grant holds for
        exactly these files.
        """
        result: PluginInstallResult = self._request("plugin.install", params)
        return result

    def plugin_list(self, params: Optional[PluginListParams] = None) -> PluginListResult:
        """The installed plugins, by name, then those that are part of datmo."""
        result: PluginListResult = self._request("plugin.list", params or {})
        return result

    def plugin_get(self, params: PluginGetParams) -> PluginGetResult:
        """One plugin, and what it asks for in words."""
        result: PluginGetResult = self._request("plugin.get", params)
        return result

    def plugin_grant(self, params: PluginGrantParams) -> PluginGrantResult:
        """Grants permissions to a plugin, for this project and exactly its present content. Adds to
        what was granted to this content before, and lets a plugin that rests after failures run
        again. The grant is kept in the user's own folder, not in the project.
        """
        result: PluginGrantResult = self._request("plugin.grant", params)
        return result

    def plugin_revoke(self, params: PluginRevokeParams) -> PluginRevokeResult:
        """Takes back everything that was granted to a plugin; it is not run any more."""
        result: PluginRevokeResult = self._request("plugin.revoke", params)
        return result

    def plugin_remove(self, params: PluginRemoveParams) -> PluginRemoveResult:
        """Removes a plugin and what was granted to it."""
        result: PluginRemoveResult = self._request("plugin.remove", params)
        return result

    def plugin_call(self, params: PluginCallParams) -> PluginCallResult:
        """Calls a command of a plugin. The plugin's process is started by the first call and kept for
        the next.
        """
        result: PluginCallResult = self._request("plugin.call", params)
        return result

    def plugin_create(self, params: PluginCreateParams) -> PluginCreateResult:
        """Writes the folder of a new plugin that works: manifest, code, tests. Nothing is installed,
        and no project is needed. A folder that is there is left alone.
        """
        result: PluginCreateResult = self._request("plugin.create", params)
        return result

    def plugin_start(self, params: PluginStartParams) -> PluginStartResult:
        """Starts a plugin's process and shakes hands, so that what is wrong shows before it is needed.
        It is kept for the next call, as after `plugin.call`. One that runs already is left alone.
        """
        result: PluginStartResult = self._request("plugin.start", params)
        return result

    def plugin_test(self, params: PluginTestParams) -> PluginTestResult:
        """Tests a plugin's folder against projects that are made for it and thrown away. Its types are
        checked, its own tests run, it is started, and each test of its `tests.json`
        (`schemas/plugin-tests.schema.json`) is carried out in a project of its own. What reaches
        beyond such a project (hosts, variables, programs, other folders) is granted only with
        `asked` or `all`.
        """
        result: PluginTestResult = self._request("plugin.test", params)
        return result

    def project_create(self, params: Optional[ProjectCreateParams] = None) -> ProjectCreateResult:
        """Creates a project, or updates the one that is there. All or nothing: when it fails, nothing
        is left behind.
        """
        result: ProjectCreateResult = self._request("project.create", params or {})
        return result

    def project_get(self, params: Optional[ProjectGetParams] = None) -> ProjectGetResult:
        """The connection's project."""
        result: ProjectGetResult = self._request("project.get", params or {})
        return result

    def project_update(self, params: Optional[ProjectUpdateParams] = None) -> ProjectUpdateResult:
        """Changes name or description."""
        result: ProjectUpdateResult = self._request("project.update", params or {})
        return result

    def project_status(self, params: Optional[ProjectStatusParams] = None) -> ProjectStatusResult:
        """Is anything unsaved, and against what."""
        result: ProjectStatusResult = self._request("project.status", params or {})
        return result

    def project_delete(self, params: ProjectDeleteParams) -> ProjectDeleteResult:
        """Removes `.datmo` and everything datmo keeps of the project. The project's own files stay."""
        result: ProjectDeleteResult = self._request("project.delete", params)
        return result

    def project_doctor(self, params: Optional[ProjectDoctorParams] = None) -> ProjectDoctorResult:
        """What datmo found on this machine, and how to get what is missing. Works without a project."""
        result: ProjectDoctorResult = self._request("project.doctor", params or {})
        return result

    def queue_add(self, params: QueueAddParams) -> QueueAddResult:
        """Records a run as queued and takes its before-snapshot; a worker executes it later. The
        command, its config and its variables are kept until then, so a run whose command or config
        holds a credential is refused. Of variables that look like credentials only the names are
        kept: the worker must have them in its own environment.
        """
        result: QueueAddResult = self._request("queue.add", params)
        return result

    def queue_list(self, params: Optional[QueueListParams] = None) -> QueueListResult:
        """Runs that wait, in the order in which workers take them."""
        result: QueueListResult = self._request("queue.list", params or {})
        return result

    def queue_claim(self, params: Optional[QueueClaimParams] = None) -> QueueClaimResult:
        """Takes the oldest queued run that can be started and starts it in this engine. Answers when
        its command has started, or could not be; without a run when none can be started now. A run
        that asks for GPUs gets free ones of those named; the oldest that has to wait for its GPUs
        keeps younger ones from taking them.
        """
        result: QueueClaimResult = self._request("queue.claim", params or {})
        return result

    def queue_cancel(self, params: QueueCancelParams) -> QueueCancelResult:
        """Takes queued runs out of the queue; they end as stopped. All of them or none: one that has
        started is refused.
        """
        result: QueueCancelResult = self._request("queue.cancel", params)
        return result

    def run_start(self, params: RunStartParams) -> RunStartResult:
        """Executes a command; answers when the run is durable and its process has started. A command
        that fails is a result (`status` is `failed`), not an error. Cancelling before the process
        has started takes everything back.
        """
        result: RunStartResult = self._request("run.start", params)
        return result

    def run_create(self, params: Optional[RunCreateParams] = None) -> RunCreateResult:
        """Begins a recorded run: the caller is the run."""
        result: RunCreateResult = self._request("run.create", params or {})
        return result

    def run_finish(self, params: RunFinishParams) -> RunFinishResult:
        """Ends a recorded run. Answers once the end is durable; the after-snapshot may still be on its
        way.
        """
        result: RunFinishResult = self._request("run.finish", params)
        return result

    def run_get(self, params: RunGetParams) -> RunGetResult:
        """One run with everything that is known of it."""
        result: RunGetResult = self._request("run.get", params)
        return result

    def run_list(self, params: Optional[RunListParams] = None) -> RunListResult:
        """Runs, by default the newest first."""
        result: RunListResult = self._request("run.list", params or {})
        return result

    def run_update(self, params: RunUpdateParams) -> RunUpdateResult:
        """Changes name, tags, note or group."""
        result: RunUpdateResult = self._request("run.update", params)
        return result

    def run_delete(self, params: RunDeleteParams) -> RunDeleteResult:
        """Deletes runs that have ended; undone by `run.undelete` until `gc`."""
        result: RunDeleteResult = self._request("run.delete", params)
        return result

    def run_undelete(self, params: RunUndeleteParams) -> RunUndeleteResult:
        """Takes a deletion back."""
        result: RunUndeleteResult = self._request("run.undelete", params)
        return result

    def run_wait(self, params: RunWaitParams) -> RunWaitResult:
        """Answers when the run has ended and its after-snapshot is taken. Cancelling does not stop the
        run.
        """
        result: RunWaitResult = self._request("run.wait", params)
        return result

    def run_stop(self, params: Optional[RunStopParams] = None) -> RunStopResult:
        """Stops a run, or all active ones: graceful, then killed."""
        result: RunStopResult = self._request("run.stop", params or {})
        return result

    def run_logs(self, params: RunLogsParams) -> RunLogsResult:
        """Output of a run."""
        result: RunLogsResult = self._request("run.logs", params)
        return result

    def run_diff(self, params: RunDiffParams) -> RunDiffResult:
        """What differs between two runs. Code, environment and definition files are compared between
        the before-snapshots, files between the after-snapshots.
        """
        result: RunDiffResult = self._request("run.diff", params)
        return result

    def run_rerun(self, params: RunRerunParams) -> RunRerunResult:
        """A new run of the same task on the run's before-snapshot, in an isolated copy."""
        result: RunRerunResult = self._request("run.rerun", params)
        return result

    def run_verify(self, params: RunVerifyParams) -> RunVerifyResult:
        """Compares a repetition with its original, and says what differs and why."""
        result: RunVerifyResult = self._request("run.verify", params)
        return result

    def snapshot_create(self, params: SnapshotCreateParams) -> SnapshotCreateResult:
        """Takes all five components in one step. Nothing changed: the same snapshot."""
        result: SnapshotCreateResult = self._request("snapshot.create", params)
        return result

    def snapshot_get(self, params: SnapshotGetParams) -> SnapshotGetResult:
        """One snapshot with its environment."""
        result: SnapshotGetResult = self._request("snapshot.get", params)
        return result

    def snapshot_list(self, params: Optional[SnapshotListParams] = None) -> SnapshotListResult:
        """Snapshots, newest first."""
        result: SnapshotListResult = self._request("snapshot.list", params or {})
        return result

    def snapshot_update(self, params: SnapshotUpdateParams) -> SnapshotUpdateResult:
        """Changes message, label, visibility; merges config and metrics."""
        result: SnapshotUpdateResult = self._request("snapshot.update", params)
        return result

    def snapshot_delete(self, params: SnapshotDeleteParams) -> SnapshotDeleteResult:
        """Deletes snapshots; content goes with `gc`."""
        result: SnapshotDeleteResult = self._request("snapshot.delete", params)
        return result

    def snapshot_checkout(self, params: SnapshotCheckoutParams) -> SnapshotCheckoutResult:
        """Brings a snapshot's code back into the project's folder."""
        result: SnapshotCheckoutResult = self._request("snapshot.checkout", params)
        return result

    def snapshot_diff(self, params: Optional[SnapshotDiffParams] = None) -> SnapshotDiffResult:
        """What differs between two snapshots, or between a snapshot and the project's folder. The
        folder has no kept files, and has a config and metrics when `config.json` and `metrics.json`
        (or `stats.json`) lie at its root; what a side does not have is not compared.
        """
        result: SnapshotDiffResult = self._request("snapshot.diff", params or {})
        return result

    def snapshot_export(self, params: SnapshotExportParams) -> SnapshotExportResult:
        """Puts a snapshot's code and files into a folder outside `.datmo`."""
        result: SnapshotExportResult = self._request("snapshot.export", params)
        return result

    def store_sync(self, params: Optional[StoreSyncParams] = None) -> StoreSyncResult:
        """Folds the journal and refreshes `datmo.sqlite` for stock sqlite3."""
        result: StoreSyncResult = self._request("store.sync", params or {})
        return result

    def store_fsck(self, params: Optional[StoreFsckParams] = None) -> StoreFsckResult:
        """Reads everything the project keeps and says what is damaged. Changes nothing. Git objects
        with their hashes, big files with theirs, references, metric points, journal and the folders
        of runs.
        """
        result: StoreFsckResult = self._request("store.fsck", params or {})
        return result

    def store_push(self, params: Optional[StorePushParams] = None) -> StorePushResult:
        """Sends what a remote does not have: snapshots, runs, tasks and metrics. Safe to repeat and to
        cut off. What was deleted here is deleted there.
        """
        result: StorePushResult = self._request("store.push", params or {})
        return result

    def store_pull(self, params: Optional[StorePullParams] = None) -> StorePullResult:
        """Takes in what a remote has and this project has not. A union: nothing that is here is lost,
        but what was deleted elsewhere is deleted. Safe to repeat and to cut off.
        """
        result: StorePullResult = self._request("store.pull", params or {})
        return result

    def store_gc(self, params: Optional[StoreGcParams] = None) -> StoreGcResult:
        """Removes what nothing needs any more: deleted runs and snapshots, and what only they used.
        Safe beside everything else, and safe to cut off and repeat. What work under way may need
        goes with a later call.
        """
        result: StoreGcResult = self._request("store.gc", params or {})
        return result

    def store_usage(self, params: Optional[StoreUsageParams] = None) -> StoreUsageResult:
        """Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first."""
        result: StoreUsageResult = self._request("store.usage", params or {})
        return result

    def store_purge(self, params: StorePurgeParams) -> StorePurgeResult:
        """Removes a recorded secret for good: files in everything that was recorded, or whole
        snapshots. Snapshots that hold the content are written anew without it, with their ids,
        dates and messages. A record of it stays, which other copies of the project respect.
        """
        result: StorePurgeResult = self._request("store.purge", params)
        return result

    def sweep_start(self, params: Optional[SweepStartParams] = None) -> SweepStartResult:
        """Queues a run for every combination that has none yet. With the `id` of a sweep that is
        there, what it was started with counts, and only missing runs are added: so it may be
        repeated after a crash, and adds nothing twice. Those that were deleted are not added again.
        """
        result: SweepStartResult = self._request("sweep.start", params or {})
        return result

    def sweep_get(self, params: SweepGetParams) -> SweepGetResult:
        """A sweep with its runs."""
        result: SweepGetResult = self._request("sweep.get", params)
        return result

    def sweep_list(self, params: Optional[SweepListParams] = None) -> SweepListResult:
        """All sweeps, newest first."""
        result: SweepListResult = self._request("sweep.list", params or {})
        return result

    def task_create(self, params: TaskCreateParams) -> TaskCreateResult:
        """Keeps a task; the same definition is the same task."""
        result: TaskCreateResult = self._request("task.create", params)
        return result

    def task_get(self, params: TaskGetParams) -> TaskGetResult:
        """One task."""
        result: TaskGetResult = self._request("task.get", params)
        return result

    def task_list(self, params: Optional[TaskListParams] = None) -> TaskListResult:
        """All tasks, newest first."""
        result: TaskListResult = self._request("task.list", params or {})
        return result

    def task_run(self, params: TaskRunParams) -> TaskRunResult:
        """A new run of the task on a state, in an isolated copy. Answers when the run is durable and
        its command has started.
        """
        result: TaskRunResult = self._request("task.run", params)
        return result

    def workspace_start(self, params: WorkspaceStartParams) -> WorkspaceStartResult:
        """Starts a workspace; answers when its program answers. Where the environment lacks the
        program, a layer with it is made and cached; the environment itself stays what it is. A
        program that ends or does not answer in time is an error, and its run is kept as what it
        was. `terminal` needs an engine in the process that has the terminal.
        """
        result: WorkspaceStartResult = self._request("workspace.start", params)
        return result

    def workspace_list(self, params: Optional[WorkspaceListParams] = None) -> WorkspaceListResult:
        """The workspaces that run. Addresses are told only for those of this machine."""
        result: WorkspaceListResult = self._request("workspace.list", params or {})
        return result

    def workspace_stop(self, params: Optional[WorkspaceStopParams] = None) -> WorkspaceStopResult:
        """Ends workspaces gracefully; answers when their after-snapshots are taken."""
        result: WorkspaceStopResult = self._request("workspace.stop", params or {})
        return result
