import os
import time

IMPORT = "mlflow"
HOW = "SQLite store, which is the default; many points by MlflowClient.log_batch, 1,000 at a time, as its performance page says"


def _open(store):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{store}/mlflow.db"
    if not os.path.exists(f"{store}/experiment"):
        mlflow.create_experiment("bench", artifact_location=f"{store}/artifacts")
        open(f"{store}/experiment", "w").close()
    return mlflow, mlflow.set_experiment("bench").experiment_id


def run(store, name, config, work):
    mlflow, _ = _open(store)
    with mlflow.start_run(run_name=name):
        mlflow.log_params(config)
        put = mlflow.log_metric
        work(lambda value, step: put("loss", value, step=step))


def run_batched(store, name, config, values):
    from mlflow.entities import Metric

    mlflow, _ = _open(store)
    client = mlflow.MlflowClient()
    with mlflow.start_run(run_name=name) as begun:
        mlflow.log_params(config)
        now = int(time.time() * 1000)
        for first in range(0, len(values), 1000):
            some = values[first : first + 1000]
            metrics = [Metric("loss", value, now, first + i) for i, value in enumerate(some)]
            client.log_batch(begun.info.run_id, metrics=metrics)


def points(store):
    mlflow, experiment = _open(store)
    client = mlflow.MlflowClient()
    found = client.search_runs([experiment], max_results=50000)
    return {run.info.run_name: len(client.get_metric_history(run.info.run_id, "loss")) for run in found}


def seed(store, first, count):
    from mlflow.entities import Metric, Param

    mlflow, experiment = _open(store)
    client = mlflow.MlflowClient()
    for number in range(first, first + count):
        run_id = client.create_run(experiment, run_name=f"seed-{number}").info.run_id
        params = [Param("lr", "0.1"), Param("epochs", "3"), Param("model", "tiny")]
        client.log_batch(run_id, metrics=[Metric("loss", number / 1e6, int(time.time() * 1000), 0)], params=params)
        client.set_terminated(run_id)


def newest(store, limit):
    mlflow, experiment = _open(store)
    found = mlflow.MlflowClient().search_runs([experiment], max_results=limit)
    return [run.info.run_name for run in found]


def best(store):
    mlflow, experiment = _open(store)
    found = mlflow.MlflowClient().search_runs([experiment], order_by=["metrics.loss ASC"], max_results=1)
    return found[0].info.run_name


def keep(store, folder):
    mlflow, _ = _open(store)
    with mlflow.start_run(run_name="files"):
        mlflow.log_artifacts(folder)
