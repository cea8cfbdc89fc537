"""Keras 3: ``model.fit(…, callbacks=[DatmoCallback()])``. Needs ``keras`` with any backend."""

from __future__ import annotations

from typing import Any, Optional

import keras  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .._run import Run
from ._target import add_config, target


class DatmoCallback(keras.callbacks.Callback):  # type: ignore[misc,name-defined,unused-ignore]
    """Logs each epoch's values at the number of the epoch, and the optimizer's settings as config.

    ``run``: absent, the current one, or a new one. ``batches``: also each batch's, as ``batch/…`` at the number of
    the batch since the beginning of the run.
    """

    def __init__(self, run: Optional[Run] = None, batches: bool = False) -> None:
        super().__init__()
        self._run = run
        self._batches = batches
        self._batch = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Adds the settings to the run's config."""
        run = self._run = target(self._run)
        optimizer = getattr(self.model, "optimizer", None)
        settings = {key: value for key, value in (self.params or {}).items() if key != "verbose"}
        if optimizer is not None:
            settings["optimizer"] = optimizer.get_config()
        add_config(run, {"keras": {**settings, "parameters": int(self.model.count_params())}})

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Logs the batch, when asked to."""
        if self._batches and logs and self._run is not None:
            self._run.log({f"batch/{name}": value for name, value in logs.items()}, self._batch)
        self._batch += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Logs the epoch."""
        if logs and self._run is not None:
            self._run.log(dict(logs), int(epoch))
