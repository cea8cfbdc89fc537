"""scikit-learn: ``fit(model, X, y)`` in place of ``model.fit(X, y)``."""

from __future__ import annotations

from time import perf_counter
from typing import Any, Optional

from .._run import Run
from .._table import Table
from ._target import add_config, target

# Attributes that hold a value for each round or epoch.
_CURVES = ("loss_curve_", "validation_scores_", "train_score_", "validation_score_")
_NUMBERS = ("n_iter_", "best_score_", "best_index_", "inertia_", "oob_score_", "n_features_in_")


def fit(
    estimator: Any,
    X: Any,
    y: Any = None,
    validation: Optional[tuple[Any, Any]] = None,
    run: Optional[Run] = None,
    name: Optional[str] = None,
    **fit_params: Any,
) -> Any:
    """Fits an estimator, a pipeline or a search, records it, and answers it.

    Recorded under ``name``, the estimator's class when absent: its parameters as config; ``seconds``; ``train/score``
    and, with ``validation=(X, y)``, ``validation/score``; curves over rounds such as ``loss_curve_``; of a search
    ``best_params_`` and the table of ``cv_results_``. ``run``: absent, the current one, or a new one. Raises what
    ``fit`` raises.
    """
    run = target(run)
    name = name or type(estimator).__name__
    add_config(run, {name: estimator.get_params(deep=True)})
    began = perf_counter()
    fitted = estimator.fit(X, y, **fit_params) if y is not None else estimator.fit(X, **fit_params)
    run.summary[f"{name}/seconds"] = perf_counter() - began
    _log_curves(run, name, fitted)
    scores = {f"{name}/{key}": getattr(fitted, key) for key in _NUMBERS if hasattr(fitted, key)}
    if hasattr(fitted, "score") and y is not None:
        scores[f"{name}/train/score"] = fitted.score(X, y)
        if validation is not None:
            scores[f"{name}/validation/score"] = fitted.score(*validation)
    run.log(scores)
    _record_search(run, name, fitted)
    return fitted


def _log_curves(run: Run, name: str, fitted: Any) -> None:
    for curve in _CURVES:
        values = getattr(fitted, curve, None)
        if values is not None and hasattr(values, "__len__"):
            for step, value in enumerate(values):
                run.log({f"{name}/{curve.rstrip('_')}": value}, step)


def _record_search(run: Run, name: str, fitted: Any) -> None:
    results = getattr(fitted, "cv_results_", None)
    if not isinstance(results, dict):
        return
    run.config.update({name: {"best_params": getattr(fitted, "best_params_", {})}})
    columns = {key: list(values) for key, values in results.items()}
    run.log({f"{name}/cv_results": Table(columns=list(columns), data=zip(*columns.values()))})
