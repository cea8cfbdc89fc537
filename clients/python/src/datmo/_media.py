"""Pictures, pages, films and sounds as files. What is logged so besides numbers is kept with the run."""

from __future__ import annotations

import os
import re
import shutil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

_Path = (str, os.PathLike)


class Media:
    """Something that becomes ``media/<name>/<step>.<ending>`` in the run's files when it is logged."""

    def __init__(self, source: Any, ending: str, caption: Optional[str]) -> None:
        self.caption = caption
        self._source = source
        self.ending = ending

    def write(self, path: str) -> None:
        """Writes the file. Raises OSError and, for what cannot be written so, TypeError or ValueError."""
        shutil.copyfile(os.fspath(self._source), path)

    def __repr__(self) -> str:
        return f"<datmo.{type(self).__name__} {self.caption or ''}>".replace(" >", ">")


class Image(Media):
    """A picture: a file, a PIL image, a matplotlib figure, or an array.

    Arrays have the shape (height, width), or (height, width, 1, 3 or 4 channels); of a torch tensor the channels come
    first. Whole numbers are 0 to 255; fractions 0 to 1, or -1 to 1. What W&B takes besides is accepted and left out.
    """

    def __init__(self, data_or_path: Any, caption: Optional[str] = None, **_others: Any) -> None:
        super().__init__(data_or_path, _ending_of(data_or_path, "png"), caption)

    def write(self, path: str) -> None:
        """As a PNG, unless it is a file already."""
        # Axes know their figure.
        source = (
            self._source.gcf() if is_pyplot(self._source) else getattr(self._source, "figure", None) or self._source
        )
        if isinstance(source, _Path):
            super().write(path)
        elif hasattr(source, "savefig"):
            source.savefig(path)
        elif hasattr(source, "save") and hasattr(source, "getbands"):
            source.save(path)
        else:
            from ._png import write_png

            write_png(path, source)


class Html(Media):
    """A page: a file, text, or an object with ``read``."""

    def __init__(self, data: Any, inject: bool = True, **_others: Any) -> None:
        super().__init__(data, "html", None)

    def write(self, path: str) -> None:
        """As it is."""
        if isinstance(self._source, os.PathLike) or (isinstance(self._source, str) and os.path.isfile(self._source)):
            super().write(path)
            return
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._source.read() if hasattr(self._source, "read") else str(self._source))


class Video(Media):
    """A film: a file. Arrays are not encoded here."""

    def __init__(self, data_or_path: Any, caption: Optional[str] = None, **_others: Any) -> None:
        super().__init__(_must_be_file(data_or_path, "Video"), _ending_of(data_or_path, "mp4"), caption)


class Object3D(Media):
    """A three-dimensional scene: a file."""

    def __init__(self, data_or_path: Any, caption: Optional[str] = None, **_others: Any) -> None:
        super().__init__(_must_be_file(data_or_path, "Object3D"), _ending_of(data_or_path, "obj"), caption)


class Audio(Media):
    """Sound: a file, or samples between -1 and 1 of shape (samples,) with their rate in samples a second."""

    def __init__(
        self, data_or_path: Any, sample_rate: Optional[int] = None, caption: Optional[str] = None, **_others: Any
    ) -> None:
        super().__init__(data_or_path, _ending_of(data_or_path, "wav"), caption)
        self._rate = sample_rate
        if sample_rate is None and not isinstance(data_or_path, _Path):
            raise ValueError("samples need their sample_rate, in samples a second")

    def write(self, path: str) -> None:
        """Samples as a WAV file of 16 bits."""
        if isinstance(self._source, _Path):
            super().write(path)
            return
        import array
        import sys
        import wave

        samples = array.array("h", (int(max(-1.0, min(1.0, float(value))) * 32767) for value in self._source))
        if sys.byteorder == "big":
            samples.byteswap()
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(int(self._rate or 0))
            file.writeframes(samples.tobytes())


def _ending_of(source: Any, otherwise: str) -> str:
    ending = os.path.splitext(os.fspath(source))[1][1:] if isinstance(source, _Path) else ""
    return ending.lower() if re.fullmatch(r"\w{1,10}", ending) else otherwise


def _must_be_file(source: Any, kind: str) -> Any:
    if not isinstance(source, _Path):
        raise TypeError(f"datmo.{kind} takes the path of a file; write the data to one first")
    return source


def is_pyplot(value: Any) -> bool:
    """The module ``matplotlib.pyplot``, which scripts log for its current figure."""
    return getattr(value, "__name__", "") == "matplotlib.pyplot"
