"""How much logging slows a training loop down: steps of about 0.4 ms that log 5 scalars each.

python3 clients/python/bench/training.py bare|datmo|wandb|mlflow|tensorboardX [steps]

Prints JSON: ``cpu_us``, processor time of the training thread a step, and ``wall_us``, time on the clock.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time

VALUES = {"loss": 0.5, "acc": 0.9, "lr": 1e-3, "norm": 1.5, "rate": 100.0}


def logger(name):
    """What to call with values and step, and what to call at the end."""
    if name == "datmo":
        import datmo

        run = datmo.init(snapshots=False, capture=False)
        return run.log, run.finish
    if name == "wandb":
        import wandb

        run = wandb.init(mode="offline", settings=wandb.Settings(silent=True, console="off"))
        return lambda values, step: run.log(values, step=step), run.finish
    if name == "mlflow":
        import mlflow

        mlflow.set_tracking_uri("sqlite:///mlflow.db")
        mlflow.start_run()
        return lambda values, step: mlflow.log_metrics(values, step=step), mlflow.end_run
    if name == "tensorboardX":
        from tensorboardX import SummaryWriter

        writer = SummaryWriter("tb")

        def log(values, step):
            for key, value in values.items():
                writer.add_scalar(key, value, step)

        return log, writer.close
    return lambda values, step: None, lambda: None


def work(count):
    total = 0
    for index in range(count):
        total += index * index % 7
    return total


def calibrated(seconds):
    count = 1000
    while True:
        begin = time.thread_time()
        work(count)
        taken = time.thread_time() - begin
        if taken > seconds / 2:
            return int(count * seconds / taken)
        count *= 2


def main():
    name = sys.argv[1]
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if name == "datmo":
            os.mkdir(".datmo")
            with open(os.path.join(".datmo", "format"), "w", encoding="utf-8") as file:
                file.write('{"layout":1,"project":"00000000-0000-4000-8000-000000000000"}')
        log, end = logger(name)
        # The same work in every process: the caller says how much.
        count = int(os.environ.get("DATMO_BENCH_WORK", "0")) or calibrated(0.0004)
        log(dict(VALUES), 0)
        cpu, wall = time.thread_time(), time.perf_counter()
        for step in range(1, steps):
            work(count)
            log(dict(VALUES), step)
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        end()
        os.chdir("/")
    print("\n" + json.dumps({"cpu_us": cpu / steps * 1e6, "wall_us": wall / steps * 1e6, "work": count}))


if __name__ == "__main__":
    main()
