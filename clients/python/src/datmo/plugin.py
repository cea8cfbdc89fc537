# generated from protocol/, do not edit; npm run generate
"""Extensions in sandboxed processes of their own: what is installed, what it may do, and calling it. None of
these methods can be granted to a plugin.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, mapping
from ._plugin_serve import serve as serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional
    from ._protocol import (
        PluginCallResult,
        PluginCreateResult,
        PluginGetResult,
        PluginGrantResult,
        PluginInstallResult,
        PluginListResult,
        PluginPermissions,
        PluginRemoveResult,
        PluginRevokeResult,
        PluginStartResult,
        PluginTestResult,
    )


def install(directory: str) -> PluginInstallResult:
    """Installs a plugin from a folder, or replaces the one of the same name.

    The folder's files are copied. Nothing of it runs before it was granted what it asks for, and a grant
    holds for exactly these files.

    ``directory``: Folder with `datmo-plugin.json`, relative to where the connection began.

    Answers ``plugin``, ``replaced``. Raises DatmoError: PROJECT_NOT_FOUND, DIRECTORY_NOT_FOUND,
    PLUGIN_INVALID, PLUGIN_TOO_NEW, PLUGIN_CONFLICT, DENO_NOT_FOUND, DISK_FULL, READ_ONLY, PLUGIN_BUILT_IN.
    """
    result: PluginInstallResult = call_method("plugin.install", {"directory": directory})
    return result


def list() -> PluginListResult:
    """The installed plugins, by name, then those that are part of datmo.

    Answers ``items``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: PluginListResult = call_method("plugin.list", {})
    return result


def get(name: str) -> PluginGetResult:
    """One plugin, and what it asks for in words.

    ``name``: Name of the plugin.

    Answers ``plugin``, ``permissions``, ``files``, ``sandbox``. Raises DatmoError: PROJECT_NOT_FOUND,
    PLUGIN_NOT_FOUND.
    """
    result: PluginGetResult = call_method("plugin.get", {"name": name})
    return result


def grant(
    name: str,
    *,
    permissions: Optional[PluginPermissions] = None,
    asked: Optional[bool] = None,
    all: Optional[bool] = None,
) -> PluginGrantResult:
    """Grants permissions to a plugin, for this project and exactly its present content.

    Adds to what was granted to this content before, and lets a plugin that rests after failures run again.
    The grant is kept in the user's own folder, not in the project.

    ``name``: Name of the plugin.
    ``permissions``: What is granted, of what it asks for. Absent: nothing more.
    ``asked``: Everything that it asks for. Absent: no.
    ``all``: Everything there is, without a sandbox. Absent: no.

    Answers ``plugin``. Raises DatmoError: PROJECT_NOT_FOUND, PLUGIN_NOT_FOUND, PLUGIN_INVALID,
    PLUGIN_NOT_ASKED, DISK_FULL, READ_ONLY, PLUGIN_BUILT_IN.
    """
    result: PluginGrantResult = call_method("plugin.grant", {"name": name, "permissions": permissions, "asked": asked, "all": all})
    return result


def revoke(name: str) -> PluginRevokeResult:
    """Takes back everything that was granted to a plugin; it is not run any more.

    ``name``: Name of the plugin.

    Answers ``plugin``. Raises DatmoError: PROJECT_NOT_FOUND, PLUGIN_NOT_FOUND, PLUGIN_BUILT_IN.
    """
    result: PluginRevokeResult = call_method("plugin.revoke", {"name": name})
    return result


def remove(name: str) -> PluginRemoveResult:
    """Removes a plugin and what was granted to it.

    ``name``: Name of the plugin.

    Answers ``name``. Raises DatmoError: PROJECT_NOT_FOUND, PLUGIN_NOT_FOUND, PLUGIN_BUILT_IN.
    """
    result: PluginRemoveResult = call_method("plugin.remove", {"name": name})
    return result


def call(
    name: str,
    command: str,
    *,
    params: Optional[Mapping[str, Any]] = None,
    timeout_ms: Optional[int] = None,
) -> PluginCallResult:
    """Calls a command of a plugin.

    The plugin's process is started by the first call and kept for the next.

    ``name``: Name of the plugin.
    ``command``: Name of its command.
    ``params``: Params for the command. Absent: none.
    ``timeout_ms``: Longest time it may take, milliseconds; then its process is killed. Absent: 60,000.

    Answers ``result``. Raises DatmoError: PROJECT_NOT_FOUND, PLUGIN_NOT_FOUND, PLUGIN_INVALID,
    PLUGIN_NOT_GRANTED, PLUGIN_COMMAND_UNKNOWN, PLUGIN_FAILED, PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_OFF,
    PLUGIN_LIMIT, PLUGIN_ANSWER, DENO_NOT_FOUND, CANCELLED.
    """
    result: PluginCallResult = call_method("plugin.call", {
        "name": name,
        "command": command,
        "params": mapping(params, "params"),
        "timeoutMs": timeout_ms,
    })
    return result


def create(
    name: str,
    *,
    directory: Optional[str] = None,
    kind: Optional[str] = None,
    language: Optional[str] = None,
    description: Optional[str] = None,
) -> PluginCreateResult:
    """Writes the folder of a new plugin that works: manifest, code, tests.

    Nothing is installed, and no project is needed. A folder that is there is left alone.

    ``name``: Name of the plugin: lower-case letters, digits and hyphens.
    ``directory``: Folder to make, relative to where the connection began. Absent: the name.
    ``kind``: What it is to provide. Absent: `command`.
    ``language``: What it is written in. `typescript` runs in the sandbox; `python` and `r` are programs
        that nothing confines. Absent: `typescript`.
    ``description``: What it is, in a line. Absent: a line that tells what the example does.

    Answers ``directory``, ``files``, ``language``. Raises DatmoError: INVALID_PARAMS, PATH_INVALID,
    DISK_FULL, READ_ONLY.
    """
    result: PluginCreateResult = call_method("plugin.create", {
        "name": name,
        "directory": directory,
        "kind": kind,
        "language": language,
        "description": description,
    })
    return result


def start(name: str) -> PluginStartResult:
    """Starts a plugin's process and shakes hands, so that what is wrong shows before it is needed.

    It is kept for the next call, as after `plugin.call`. One that runs already is left alone.

    ``name``: Name of the plugin.

    Answers ``plugin``. Raises DatmoError: PROJECT_NOT_FOUND, PLUGIN_NOT_FOUND, PLUGIN_INVALID,
    PLUGIN_NOT_GRANTED, PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_FAILED, DENO_NOT_FOUND.
    """
    result: PluginStartResult = call_method("plugin.start", {"name": name})
    return result


def test(
    directory: str,
    *,
    asked: Optional[bool] = None,
    all: Optional[bool] = None,
) -> PluginTestResult:
    """Tests a plugin's folder against projects that are made for it and thrown away.

    Its types are checked, its own tests run, it is started, and each test of its `tests.json`
    (`schemas/plugin-tests.schema.json`) is carried out in a project of its own. What reaches beyond such a
    project (hosts, variables, programs, other folders) is granted only with `asked` or `all`.

    ``directory``: Folder with `datmo-plugin.json`, relative to where the connection began.
    ``asked``: It may have everything that it asks for. Absent: what reaches no further than the project.
    ``all``: It runs without a sandbox. Absent: no.

    Answers ``plugin``, ``permissions``, ``results``, ``passed``, ``failed``, ``output``. Raises DatmoError:
    DIRECTORY_NOT_FOUND, PLUGIN_INVALID, PLUGIN_TOO_NEW, PLUGIN_NOT_GRANTED, DENO_NOT_FOUND, CANCELLED,
    DISK_FULL.
    """
    result: PluginTestResult = call_method("plugin.test", {"directory": directory, "asked": asked, "all": all})
    return result


ls = list
