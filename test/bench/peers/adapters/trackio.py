import os

IMPORT = "trackio"
HOW = "local, as it is by default; the best run by `trackio query`, its only way to ask for one"


def _open(store):
    os.environ["TRACKIO_DIR"] = store
    import trackio

    return trackio


def run(store, name, config, work):
    trackio = _open(store)
    trackio.init(project="bench", name=name, config=config)
    put = trackio.log
    work(lambda value, step: put({"loss": value}, step=step))
    trackio.finish()


def points(store):
    rows = _query(store, "SELECT run_name, count(*) AS n FROM metrics GROUP BY run_name")
    return {row["run_name"]: row["n"] for row in rows}


def newest(store, limit):
    trackio = _open(store)
    # It lists all.
    return [run.name for run in trackio.Api().runs("bench")][-limit:]


def best(store):
    value = "json_extract(metrics, '$.loss')"
    return _query(store, f"SELECT run_name FROM metrics WHERE {value} IS NOT NULL ORDER BY {value} LIMIT 1")[0]["run_name"]


def keep(store, folder):
    trackio = _open(store)
    trackio.init(project="bench")
    artifact = trackio.Artifact("files", type="dataset")
    artifact.add_dir(folder)
    trackio.log_artifact(artifact)
    trackio.finish()


def _query(store, sql):
    _open(store)
    from trackio.sqlite_storage import SQLiteStorage

    return SQLiteStorage.query_project("bench", sql)["rows"]
