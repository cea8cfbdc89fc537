import os
import subprocess
import sys

IMPORT = "aim"
HOW = "as it is by default; queries after `aim storage reindex`, which its user interface does in the background"


def run(store, name, config, work):
    import aim

    begun = aim.Run(repo=store, experiment="bench")
    begun.name = name
    begun["hparams"] = config
    put = begun.track
    work(lambda value, step: put(value, name="loss", step=step))
    begun.close()


def prepare(store):
    import aim

    aim.Repo.from_path(store, init=True)


def points(store):
    import aim
    from aim.storage.context import Context

    found = {}
    for run_hash in aim.Repo(store).list_all_runs():
        # Opened for writing, a run takes in what was left in progress.
        run = aim.Run(run_hash, repo=store, system_tracking_interval=None)
        metric = run.get_metric("loss", Context({}))
        found[run.name] = len(metric.values.sparse_list()[0]) if metric else 0
        run.close()
    return found


def settle(store):
    aim = os.path.join(os.path.dirname(sys.executable), "aim")
    command = [aim, "storage", "--repo", store, "reindex", "-y"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def newest(store, limit):
    import aim

    found = []
    for item in aim.Repo(store).query_runs("", report_mode=0).iter_runs():
        found.append(item.run.name)
        if len(found) == limit:
            break
    return found


def best(store):
    import aim

    found = []
    for item in aim.Repo(store).query_metrics("metric.name == 'loss'", report_mode=0).iter_runs():
        for metric in item:
            found.append((metric.values.last()[1], metric.run.name))
    return min(found)[1]
