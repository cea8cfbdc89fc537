"""XGBoost: ``xgboost.train(…, callbacks=[DatmoCallback()])``, or the same for its estimators."""

from __future__ import annotations

import json
from typing import Any, Optional

import xgboost  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .._run import Run
from ._target import add_config, target


class DatmoCallback(xgboost.callback.TrainingCallback):  # type: ignore[misc,name-defined,unused-ignore]
    """Logs each evaluation as ``<data>/<metric>`` at its round, the booster's settings, and the best round.

    ``run``: absent, the current one, or a new one.
    """

    def __init__(self, run: Optional[Run] = None) -> None:
        super().__init__()
        self._run = run

    def before_training(self, model: Any) -> Any:
        """Adds the settings to the run's config. With cross-validation there is no single booster to ask."""
        run = self._run = target(self._run)
        if hasattr(model, "save_config"):
            learner = json.loads(model.save_config())["learner"]
            parts = {"objective": learner["objective"]["name"], **learner.get("learner_train_param", {})}
            booster = learner.get("gradient_booster", {})
            parts.update(booster.get("tree_train_param", {}))
            add_config(run, {"xgboost": {name: _number(value) for name, value in parts.items()}})
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Logs the round."""
        found: dict[str, float] = {}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                last = values[-1]
                # With cross-validation: mean and deviation.
                if isinstance(last, tuple):
                    found[f"{data}/{metric}"], found[f"{data}/{metric}.std"] = last
                else:
                    found[f"{data}/{metric}"] = last
        if found and self._run is not None:
            self._run.log(found, int(epoch))
        return False

    def after_training(self, model: Any) -> Any:
        """Keeps the best round in the summary, when training stopped early."""
        attributes = model.attributes() if hasattr(model, "attributes") else {}
        for name in ("best_iteration", "best_score"):
            if name in attributes and self._run is not None:
                self._run.summary[name] = _number(attributes[name])
        return model


def _number(text: Any) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except (TypeError, ValueError):
            continue
    return text
