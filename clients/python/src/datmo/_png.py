"""Arrays as PNG files, with what every Python has."""

from __future__ import annotations

import struct
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def write_png(path: str, data: Any) -> None:
    """Writes an array; see ``datmo.Image`` for shapes and numbers. Needs NumPy; raises ValueError for other shapes."""
    pixels = _pixels(data)
    height, width, channels = pixels.shape
    # Each row begins with the number of its filter: none.
    rows = b"".join(b"\0" + pixels[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(content)) + kind + content)
            file.write(struct.pack(">I", zlib.crc32(kind + content)))


def _pixels(data: Any) -> Any:
    """Bytes of shape (height, width, channels)."""
    import numpy

    is_tensor = hasattr(data, "detach")
    array = numpy.asarray(data.detach().cpu().numpy() if is_tensor else data)
    if array.ndim == 2:
        array = array[:, :, None]
    elif is_tensor and array.ndim == 3:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] not in _COLOUR_TYPES or 0 in array.shape:
        raise ValueError(f"a picture has the shape (height, width) or (height, width, 1 to 4), not {array.shape}")
    if array.dtype == bool:
        array = array * 255
    elif array.dtype.kind == "f":
        array = numpy.nan_to_num(array.astype("float64"))
        if -1 <= array.min() < 0 and array.max() <= 1:
            array = (array + 1) / 2
        if array.max() <= 1:
            array = array * 255
        array = array.round()
    return numpy.ascontiguousarray(array.clip(0, 255).astype("uint8"))
