"""Transformers: ``Trainer(callbacks=[DatmoCallback()])``. Needs ``transformers`` with ``torch``."""

from __future__ import annotations

from typing import Any, Optional

from transformers import TrainerCallback  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .._run import Run
from .._values import to_number, to_object
from ._target import add_config, target


class DatmoCallback(TrainerCallback):  # type: ignore[misc,unused-ignore]
    """Logs what the trainer logs at its global step, its arguments and the model's config, from the first process.

    ``run``: absent, the current one, or a new one. ``checkpoints``: keep each checkpoint's folder. Evaluations are
    logged as ``eval_…``, as the trainer calls them.
    """

    def __init__(self, run: Optional[Run] = None, checkpoints: bool = False) -> None:
        self._run = run
        self._keeps = checkpoints

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_others: Any) -> None:
        """Adds the settings to the run's config."""
        if not state.is_world_process_zero:
            return
        run = self._run = target(self._run)
        settings = args.to_sanitized_dict() if hasattr(args, "to_sanitized_dict") else args
        add_config(run, {"trainer": to_object(settings, "trainer")})
        config = getattr(model, "config", None)
        if config is not None:
            add_config(run, {"model": to_object(config, "model")})

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_others: Any) -> None:
        """Logs the numbers."""
        if not state.is_world_process_zero or not logs:
            return
        run = self._run = target(self._run)
        run.log({name: value for name, value in logs.items() if to_number(value) is not None}, int(state.global_step))

    def on_save(self, args: Any, state: Any, control: Any, **_others: Any) -> None:
        """Keeps the checkpoint, when asked to."""
        if self._keeps and state.is_world_process_zero and self._run is not None:
            import os

            folder = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")
            if os.path.isdir(folder):
                self._run.log_file(folder, f"checkpoints/{os.path.basename(folder)}")
