"""Placeholders and expectations of the scenarios (../README.md)."""

import re

TYPES = {"string": str, "boolean": bool, "array": list, "object": dict, "number": (int, float)}
MISSING = object()


def resolve(value, saved):
    """The value with its placeholders filled in."""
    if isinstance(value, list):
        return [resolve(item, saved) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, given),) = value.items()
        if key == "$saved":
            return saved[given]
        if key == "$divide":
            return given[0] / given[1]
        if key == "$repeat":
            return given[0] * given[1]
        if key == "$number":
            return float(given)
    return {key: resolve(item, saved) for key, item in value.items()}


def differences(expected, got, path=""):
    """What does not match, one text each; none when all does."""
    if isinstance(expected, dict):
        special = _special(expected, got, path)
        if special is not None:
            return special
    if got is MISSING:
        return [f"{path}: is not there"]
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return [_unlike(path, expected, got)]
        parts = ((f"{path}.{key}".lstrip("."), item, got.get(key, MISSING)) for key, item in expected.items())
        return [text for name, item, there in parts for text in differences(item, there, name)]
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return [_unlike(path, expected, got)]
        parts = enumerate(zip(expected, got))
        return [text for index, (item, there) in parts for text in differences(item, there, f"{path}[{index}]")]
    numbers = all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in (expected, got))
    same = expected == got and (numbers or type(expected) is type(got))
    return [] if same else [_unlike(path, expected, got)]


def pick(value, path):
    """The value at a path such as ``items.0.id``."""
    for key in path.split("."):
        value = value[int(key) if isinstance(value, list) else key]
    return value


def _special(expected, got, path):
    if len(expected) != 1:
        return None
    ((key, wanted),) = expected.items()
    if key == "$absent":
        return [] if got is MISSING else [f"{path}: is there: {got!r:.200}"]
    if not key.startswith("$"):
        return None
    if key == "$type":
        fits = isinstance(got, TYPES[wanted]) and (wanted != "number" or not isinstance(got, bool))
    elif key == "$matches":
        fits = isinstance(got, str) and re.search(wanted, got) is not None
    elif key == "$length":
        fits = isinstance(got, (str, list, dict)) and len(got) == wanted
    elif key == "$has":
        fits = isinstance(got, list) and any(not differences(wanted, item) for item in got)
    else:
        raise ValueError(f"no such expectation: {key}")
    return [] if fits else [_unlike(path, expected, got)]


def _unlike(path, expected, got):
    shown = "nothing" if got is MISSING else f"{got!r:.200}"
    return f"{path or 'it'}: expected {expected!r:.200}, got {shown}"
