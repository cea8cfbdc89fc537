import os

IMPORT = "mlflow"
HOW = "the same with mlflow.config.enable_async_logging(): the fast way, which is not the durable one"
ROWS = {"calls", "points", "kill"}


def _open(store):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
    if not os.path.exists(f"{store}/experiment"):
        mlflow.create_experiment("bench", artifact_location=f"{store}/artifacts")
        open(f"{store}/experiment", "w").close()
    return mlflow, mlflow.set_experiment("bench").experiment_id


def run(store, name, config, work):
    mlflow, _ = _open(store)
    mlflow.config.enable_async_logging()
    with mlflow.start_run(run_name=name):
        mlflow.log_params(config)
        put = mlflow.log_metric
        work(lambda value, step: put("loss", value, step=step))
        mlflow.flush_async_logging()


def points(store):
    mlflow, experiment = _open(store)
    client = mlflow.MlflowClient()
    found = client.search_runs([experiment], max_results=50000)
    return {run.info.run_name: len(client.get_metric_history(run.info.run_id, "loss")) for run in found}
