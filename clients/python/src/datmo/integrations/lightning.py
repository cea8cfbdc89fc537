"""Lightning: ``Trainer(logger=DatmoLogger())``. Needs ``lightning`` or ``pytorch_lightning``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Optional, Union

# The two packages have classes of their own; the one that the script uses counts.
_plain = "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules
_package = "pytorch_lightning" if _plain or not find_spec("lightning") else "lightning.pytorch"
_logger: Any = import_module(f"{_package}.loggers.logger")
_rank_zero_only: Any = import_module(f"{_package}.utilities").rank_zero_only

from .._run import Run
from .._values import to_object
from ._target import add_config, target


class DatmoLogger(_logger.Logger):  # type: ignore[misc]
    """Logs metrics at Lightning's global step, and hyperparameters as the run's config, from rank 0.

    ``run``: absent, the current one, or a new one. ``checkpoints``: keep the checkpoint files that a
    ``ModelCheckpoint`` has at the end. The run ends with the script, not with ``fit``, so that ``test`` goes into
    it as well.
    """

    def __init__(self, run: Optional[Run] = None, checkpoints: bool = False) -> None:
        super().__init__()
        self._run = run
        self._keeps = checkpoints
        self._checkpoint: Any = None

    @property
    @_logger.rank_zero_experiment  # type: ignore[untyped-decorator]
    def experiment(self) -> Run:
        """The run; on other ranks than 0 something that does nothing."""
        if self._run is None:
            self._run = target(None)
        return self._run

    @property
    def name(self) -> Optional[str]:
        """Name of the run."""
        return None if self._run is None else self._run.name

    @property
    def version(self) -> Optional[str]:
        """Id of the run."""
        return None if self._run is None else self._run.id

    @property
    def save_dir(self) -> Optional[str]:
        """Lightning's own files go where it puts them by itself."""
        return None

    @_rank_zero_only  # type: ignore[untyped-decorator]
    def log_hyperparams(self, params: Union[dict[str, Any], Namespace], *_others: Any, **_more: Any) -> None:
        """Adds them to the run's config."""
        add_config(self.experiment, to_object(params, "hyperparameters"))

    @_rank_zero_only  # type: ignore[untyped-decorator]
    def log_metrics(self, metrics: Mapping[str, float], step: Optional[int] = None) -> None:
        """Logs them."""
        self.experiment.log(dict(metrics), step)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Remembers whose files to keep."""
        self._checkpoint = checkpoint_callback

    @_rank_zero_only  # type: ignore[untyped-decorator]
    def finalize(self, status: str) -> None:
        """Keeps the checkpoints, when asked to."""
        if not self._keeps or self._checkpoint is None:
            return
        best = getattr(self._checkpoint, "best_k_models", None) or {}
        for path in dict.fromkeys([*best, self._checkpoint.best_model_path, self._checkpoint.last_model_path]):
            if path:
                self.experiment.save(path, policy="now")
