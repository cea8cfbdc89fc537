import os

IMPORT = "datmo"
HOW = "datmo.init as it is by default: with snapshots of the code and the packages, output kept"


def run(store, name, config, work):
    import datmo

    os.chdir(store)
    begun = datmo.init(config=config, name=name)
    put = begun.log
    work(lambda value, step: put({"loss": value}, step))
    begun.finish()


def prepare(store):
    import datmo

    os.chdir(store)
    datmo.project.create()


def points(store):
    import datmo

    os.chdir(store)
    return {run.name: len(run.history("loss")["value"]) for run in datmo.runs() if "loss" in run.metrics}


def seed(store, first, count):
    from concurrent.futures import ThreadPoolExecutor

    import datmo

    os.chdir(store)
    with datmo.Engine(project=store) as engine, ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: _one(engine, number), range(first, first + count)))


def _one(engine, number):
    params = {"name": f"seed-{number}", "config": {"lr": 0.1, "epochs": 3, "model": "tiny"}, "snapshots": False}
    run_id = engine.request("run.create", params)["run"]["id"]
    points = {"name": ["loss"], "step": [0], "value": [number / 1e6], "at": [1.7e9 + number]}
    engine.request("metric.log", {"runId": run_id, "points": points})
    engine.request("run.finish", {"id": run_id, "exitCode": 0})


def newest(store, limit):
    import datmo

    os.chdir(store)
    return [run.name for run in datmo.runs(limit=limit)]


def best(store):
    import datmo

    os.chdir(store)
    return datmo.runs(sort="metrics.loss", limit=1)[0].name
