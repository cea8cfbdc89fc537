"""A config that lies in a file: YAML, JSON or TOML."""

from __future__ import annotations

import os

from ._values import to_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORDS = {"desc", "value"}


def read_config_file(path: str) -> dict[str, Any]:
    """The settings in a ``.yaml``, ``.yml``, ``.json`` or ``.toml`` file.

    Values that are written as ``{"desc": …, "value": …}``, as in W&B's own files, count as their value. Raises
    DatmoError of kind FILE_NOT_FOUND, ValueError when the text is not what the name says, TypeError when it holds no
    mapping, ImportError when what reads it is not installed.
    """
    if not os.path.isfile(path):
        from .errors import make_error

        raise make_error("FILE_NOT_FOUND", {"path": path})
    values = to_object(_parse(path), os.path.basename(path))
    values.pop("wandb_version", None)
    if values and all(isinstance(item, dict) and "value" in item and _WORDS >= set(item) for item in values.values()):
        return {key: item["value"] for key, item in values.items() if key != "_wandb"}
    return values


def _parse(path: str) -> Any:
    ending = os.path.splitext(path)[1].lower()
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if ending == ".json":
        import json

        return json.loads(text)
    if ending == ".toml":
        return _parse_toml(text, path)
    if ending in (".yaml", ".yml"):
        return _parse_yaml(text, path)
    raise ValueError(f"{path}: a config is read from .yaml, .yml, .json and .toml files")


def _parse_yaml(text: str, path: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise ImportError(
            f"{path}: reading YAML needs PyYAML (pip install pyyaml), or write the config as JSON"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from None


def _parse_toml(text: str, path: str) -> Any:
    try:
        import tomllib  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise ImportError(f"{path}: reading TOML needs Python 3.11, or write the config as JSON") from None
    return tomllib.loads(text)
