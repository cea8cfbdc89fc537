"""What users hand over, as JSON: types kept where JSON has them, texts where it has not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from ._notice import note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, Optional

# Numbers beyond this lose digits in engines and tools that hold numbers as float64.
_EXACT = 2**53
_DEEPEST = 50
_MOST_ELEMENTS = 10_000
_LONGEST_TEXT = 10_000


def to_json(value: Any, name: Optional[str] = "", above: tuple[int, ...] = ()) -> Any:
    """``value`` as plain JSON types. Never raises; says once per name (None: does not) that a value is kept as text.

    ``above``: identities of what ``value`` lies in; something inside itself is kept as text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value if type(value) in (type(None), bool, str) else _plain(value)
    if isinstance(value, int):
        return int(value) if -_EXACT <= value <= _EXACT else str(int(value))
    if isinstance(value, float):
        return metric_value(float(value))
    if len(above) > _DEEPEST or id(value) in above:
        return _as_text(value, name)
    for convert in (_of_omegaconf, _mapping, _sequence, _array, _object):
        try:
            found = convert(value)
        except Exception:
            continue
        if found is not None:
            return _inside(found[0], name, (*above, id(value)))
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
        # Of an array with one element, whatever its shape, that element.
        return float(value.item() if getattr(value, "shape", ()) else value)
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


def _inside(found: Any, name: Optional[str], above: tuple[int, ...]) -> Any:
    if isinstance(found, dict):
        return {_key(key): to_json(item, _below(name, key), above) for key, item in found.items()}
    if isinstance(found, list):
        return [to_json(item, name, above) for item in found]
    return to_json(found, name, above)


def _key(key: Any) -> str:
    text = key if type(key) is str else to_json(key, None)
    return text if isinstance(text, str) else str(key)


def _below(name: Optional[str], key: Any) -> Optional[str]:
    return f"{name}.{key}" if name else None if name is None else str(key)


# Each of these answers a tuple of one, or None when the value is not of its kind.


def _of_omegaconf(value: Any) -> Optional[tuple[Any]]:
    if not type(value).__module__.startswith("omegaconf."):
        return None
    from omegaconf import OmegaConf  # type: ignore[import-not-found,unused-ignore]

    try:
        return (OmegaConf.to_container(value, resolve=True, enum_to_str=True),)
    except Exception:
        # What an interpolation stands for may be known only later.
        return (OmegaConf.to_container(value, resolve=False, enum_to_str=True),)


def _mapping(value: Any) -> Optional[tuple[Any]]:
    return (dict(value.items()),) if isinstance(value, Mapping) else None


def _sequence(value: Any) -> Optional[tuple[Any]]:
    if isinstance(value, (set, frozenset)):
        return (sorted(value, key=repr),)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        return (list(value),)
    is_list = isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview, tuple))
    return (list(value),) if is_list and len(value) <= _MOST_ELEMENTS else None


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
    # pydantic 2 and 1, named tuples, ConfigDict and the configs of Transformers, absl's flags.
    for method in ("model_dump", "_asdict", "to_dict", "flag_values_dict"):
        # What has a shape is data, of any size.
        if hasattr(value, method) and not hasattr(value, "shape"):
            return (getattr(value, method)(),)
    if hasattr(value, "__fields__") and hasattr(value, "dict"):
        return (value.dict(),)
    if hasattr(value, "__attrs_attrs__"):
        return ({field.name: getattr(value, field.name) for field in value.__attrs_attrs__},)
    return _of_the_library(value)


def _of_the_library(value: Any) -> Optional[tuple[Any]]:
    kinds: list[tuple[str, Callable[[Any], Any]]] = [
        ("argparse.Namespace", vars),
        ("types.SimpleNamespace", vars),
        ("enum.Enum", lambda member: member.value),
        ("datetime.date", lambda date: date.isoformat()),
        ("datetime.datetime", lambda date: date.isoformat()),
        ("pathlib.PurePath", str),
        ("uuid.UUID", str),
        ("decimal.Decimal", str),
        ("fractions.Fraction", str),
        ("torch.device", str),
        ("torch.dtype", str),
        ("numpy.dtype", str),
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
    if isinstance(value, type) or kind in ("function", "builtin_function_or_method", "method"):
        # Its name says all there is.
        return f"{getattr(value, '__module__', None) or 'builtins'}.{value.__qualname__}"
    if name is not None:
        note_once(f"text {name}", f"{name or 'a value'} is a {kind}, which has no JSON form; it is kept as text.")
    try:
        # Addresses in memory would make two equal runs differ.
        return re.sub(r" at 0x[0-9A-Fa-f]+", "", str(value))[:_LONGEST_TEXT]
    except Exception:
        return f"<{kind}>"
