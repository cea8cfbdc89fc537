"""What users hand over, as JSON: types kept where JSON has them, texts where it has not."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ._notice import note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, Optional

# Numbers beyond this lose digits in engines and tools that hold numbers as float64.
_EXACT = 2**53
_DEEPEST = 50
_MOST_ELEMENTS = 10_000


def to_json(value: Any, name: Optional[str] = "", depth: int = 0) -> Any:
    """``value`` as plain JSON types. Never raises; says once per name (None: does not) that a value is kept as text."""
    if value is None or isinstance(value, (bool, str)):
        return value if type(value) in (type(None), bool, str) else _plain(value)
    if isinstance(value, int):
        return int(value) if -_EXACT <= value <= _EXACT else str(int(value))
    if isinstance(value, float):
        return metric_value(float(value))
    if depth > _DEEPEST:
        return _as_text(value, name)
    for convert in (_mapping, _sequence, _array, _object):
        try:
            found = convert(value)
        except Exception:
            continue
        if found is not None:
            return _inside(found[0], name, depth + 1)
    return _as_text(value, name)


def metric_value(value: float) -> Any:
    """A float as the protocol writes it: a number, or one of three words."""
    if math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def to_object(value: Any, name: str = "config") -> dict[str, Any]:
    """A dict, namespace, dataclass or the like as a JSON object; raises TypeError for anything else."""
    result = {} if value is None else to_json(value, name)
    if not isinstance(result, dict):
        raise TypeError(f"{name} must be a mapping of names to values, not {type(value).__name__}")
    return result


def flatten(name: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """``{"a": {"b": 1}}`` becomes ``a.b``; anything that is no mapping stays as it is."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from flatten(f"{name}.{key}", inner)
    else:
        yield str(name), value


def to_number(value: Any) -> Optional[float]:
    """The value as a float; None when it is no number (texts that look like one are none)."""
    if isinstance(value, (str, bytes, bytearray)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except Exception:
        return None


def merge(into: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Deep-merges JSON objects in place, as the engine does with ``config`` lines."""
    for key, value in changes.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, Mapping):
            merge(old, value)
        else:
            into[key] = value
    return into


def _plain(value: Any) -> Any:
    # Members of `class Colour(str, Enum)` and the like.
    return to_json(value.value) if hasattr(value, "value") else str.__str__(value)


def _inside(found: Any, name: Optional[str], depth: int) -> Any:
    if isinstance(found, dict):
        return {str(key): to_json(item, _below(name, key), depth) for key, item in found.items()}
    if isinstance(found, list):
        return [to_json(item, name, depth) for item in found]
    return to_json(found, name, depth)


def _below(name: Optional[str], key: Any) -> Optional[str]:
    return f"{name}.{key}" if name else None if name is None else str(key)


# Each of these answers a tuple of one, or None when the value is not of its kind.


def _mapping(value: Any) -> Optional[tuple[Any]]:
    return (dict(value.items()),) if isinstance(value, Mapping) else None


def _sequence(value: Any) -> Optional[tuple[Any]]:
    if isinstance(value, (set, frozenset)):
        return (sorted(value, key=repr),)
    return (list(value),) if isinstance(value, (list, tuple)) else None


def _array(value: Any) -> Optional[tuple[Any]]:
    # NumPy, PyTorch, JAX, TensorFlow: scalars and arrays have one of these two.
    if isinstance(value, type):
        return None
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return (value.item(),)
    if hasattr(value, "tolist") and getattr(value, "size", _MOST_ELEMENTS) is not None:
        size = value.size() if callable(value.size) else value.size
        count = math.prod(size) if isinstance(size, (tuple, list)) else int(size)
        return (value.tolist(),) if count <= _MOST_ELEMENTS else None
    return None


def _object(value: Any) -> Optional[tuple[Any]]:
    if isinstance(value, type):
        return None
    if hasattr(value, "__dataclass_fields__"):
        return ({name: getattr(value, name) for name in value.__dataclass_fields__},)
    for method in ("model_dump", "_asdict"):
        if hasattr(value, method):
            return (getattr(value, method)(),)
    return _of_the_library(value)


def _of_the_library(value: Any) -> Optional[tuple[Any]]:
    kinds: list[tuple[str, Callable[[Any], Any]]] = [
        ("argparse.Namespace", vars),
        ("types.SimpleNamespace", vars),
        ("enum.Enum", lambda member: member.value),
        ("datetime.date", lambda date: date.isoformat()),
        ("datetime.datetime", lambda date: date.isoformat()),
        ("pathlib.PurePath", str),
    ]
    ancestry = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(value).__mro__}
    # Since Python 3.13 the classes of pathlib live in a package.
    ancestry = {name.replace("pathlib._local.", "pathlib.") for name in ancestry}
    for name, convert in kinds:
        if name in ancestry:
            return (convert(value),)
    return None


def _as_text(value: Any, name: Optional[str]) -> str:
    kind = type(value).__name__
    if name is not None:
        note_once(f"text {name}", f"{name or 'a value'} is a {kind}, which has no JSON form; it is kept as text.")
    try:
        return str(value)
    except Exception:
        return f"<{kind}>"
