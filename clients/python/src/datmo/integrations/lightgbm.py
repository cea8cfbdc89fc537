"""LightGBM: ``lightgbm.train(…, callbacks=[DatmoCallback()])``, or the same for its estimators."""

from __future__ import annotations

from typing import Any, Optional

from .._run import Run
from ._target import add_config, target


class DatmoCallback:
    """Logs each evaluation as ``<data>/<metric>`` at its round, and the parameters as config.

    ``run``: absent, the current one, or a new one.
    """

    # After the library's own, but before early stopping, which ends a round by an exception.
    order = 25
    before_iteration = False

    def __init__(self, run: Optional[Run] = None) -> None:
        self._run = run

    def __call__(self, env: Any) -> None:
        """Called by LightGBM after each round."""
        if self._run is None or env.iteration == env.begin_iteration:
            self._run = target(self._run)
            add_config(self._run, {"lightgbm": dict(env.params)})
        found: dict[str, float] = {}
        for data, metric, value, _higher_is_better, *deviation in env.evaluation_result_list or ():
            found[f"{data}/{metric}"] = value
            if deviation:
                found[f"{data}/{metric}.std"] = deviation[0]
        if found:
            self._run.log(found, int(env.iteration))
