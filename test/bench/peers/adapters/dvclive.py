import os
import subprocess
import sys

IMPORT = "dvclive"
HOW = "no report, no dvc.yaml, the step set by hand: its cheapest way; runs that are listed are DVC experiments, which it cannot list otherwise"


def run(store, name, config, work):
    from dvclive import Live

    os.chdir(store)
    with Live(dir=os.path.join(store, name), report=None, dvcyaml=None, save_dvc_exp=False) as live:
        live.log_params(config)
        put = live.log_metric

        def log(value, step):
            live.step = step
            put("loss", value)

        work(log)


def prepare(store):
    os.chdir(store)
    for command in (
        ["git", "init", "-q"],
        [sys.executable, "-m", "dvc", "init", "-q"],
        ["git", "commit", "-q", "-m", "begin"],
    ):
        subprocess.run(command, check=True)


def points(store):
    found = {}
    for name in os.listdir(store):
        path = os.path.join(store, name, "plots", "metrics", "loss.tsv")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                # The last line may be torn.
                found[name] = file.read().count("\n") - 1
    return found


def seed(store, first, count):
    from dvclive import Live

    os.chdir(store)
    for number in range(first, first + count):
        with Live(report=None, save_dvc_exp=True, exp_name=f"seed-{number}", monitor_system=False) as live:
            live.log_params({"lr": 0.1, "epochs": 3, "model": "tiny"})
            live.log_metric("loss", number / 1e6)


def newest(store, limit):
    return [name for name, _ in _experiments(store)][:limit]


def best(store):
    return min((value, name) for name, value in _experiments(store))[1]


def _experiments(store):
    import dvc.api

    rows = dvc.api.exp_show(repo=store)
    return [(row["Experiment"], row["loss"]) for row in rows if row.get("Experiment")]
