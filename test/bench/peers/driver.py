"""Does one thing with one tracker, in a process of its own: python driver.py ADAPTER.py ANSWER.json OPERATION [words]

An adapter is a Python file with these names; what is not there, the tool does not offer:

IMPORT      the module that a script imports
HOW         in a sentence: how the tool is used here, and why this is its fast way
ROWS        optional: the only groups of rows that it is measured for
run(store, name, config, work)
            begins a run, calls work(log) with log(value, step) for the metric "loss", ends the run
run_batched(store, name, config, values)
            optional: the same with the documented way to log many values at once
prepare(store)
            optional: what a user does once for a folder
points(store)
            {name of run: how many values of "loss" can be read}
seed(store, first, count)
            optional: makes ended runs "seed-N" with one value, N / 1e6, by the fastest public way; default: run()
settle(store)
            optional: what must be done before runs can be queried
newest(store, limit)
            names of the newest runs
best(store)
            name of the run with the least "loss"
keep(store, folder)
            keeps a folder of files with a run
"""

from __future__ import annotations

import importlib.util
import json
import mmap
import os
import struct
import sys
import time

CONFIG = {"lr": 0.1, "epochs": 3, "model": "tiny"}
CALLS = 20_000
CALLS_SECONDS = 4.0
WARM_CALLS = 100
DURABLE_SECONDS = 10.0
BATCH = 10_000
PACE_SECONDS = 0.001
# Its multiples look random, so that nothing compresses by luck.
GOLDEN = 0.6180339887498949


def main():
    adapter_path, answer_path, operation, *words = sys.argv[1:]
    adapter = load(adapter_path)
    answer = OPERATIONS[operation](adapter, *words)
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(answer, file)


def load(path):
    spec = importlib.util.spec_from_file_location("adapter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def about(adapter):
    optional = ("run_batched", "points", "newest", "best", "keep")
    offers = [name for name in optional if hasattr(adapter, name)]
    rows = getattr(adapter, "ROWS", None)
    return {"import": adapter.IMPORT, "how": adapter.HOW, "offers": offers, "rows": rows and sorted(rows)}


def prepare(adapter, store):
    os.makedirs(store, exist_ok=True)
    if hasattr(adapter, "prepare"):
        adapter.prepare(store)
    # The first run of a folder may have to make a database; it is not what a user waits for every day.
    script(adapter, store, "first")


def script(adapter, store, name="script"):
    adapter.run(store, name, CONFIG, lambda log: log(0.5, 0))


def calls(adapter, store):
    """Nanoseconds of each call in a plain loop."""
    times = []

    def work(log):
        clock = time.perf_counter_ns
        until = time.perf_counter() + CALLS_SECONDS
        for step in range(CALLS):
            began = clock()
            log(0.5, step)
            times.append(clock() - began)
            if time.perf_counter() > until and len(times) > WARM_CALLS * 2:
                break

    adapter.run(store, "calls", CONFIG, work)
    measured = sorted(times[WARM_CALLS:])
    middle, late = measured[len(measured) // 2], measured[int(len(measured) * 0.99)]
    return {"median": middle / 1000, "p99": late / 1000, "calls": len(measured)}


def durable(adapter, store, points):
    """As many points as fit into some seconds, until the tool says that it is done."""
    asked = int(points)
    if hasattr(adapter, "run_batched"):
        return durable_batched(adapter, store, asked)
    told = {"points": 0, "began": 0.0}

    def work(log):
        told["began"] = time.perf_counter()
        until = told["began"] + DURABLE_SECONDS
        for step in range(asked):
            log(step * GOLDEN % 1.0, step)
            if step % 50 == 0 and time.perf_counter() > until:
                break
        told["points"] = step + 1

    adapter.run(store, "durable", CONFIG, work)
    return {"points": told["points"], "seconds": time.perf_counter() - told["began"]}


def durable_batched(adapter, store, asked):
    began = time.perf_counter()
    done = 0
    runs = 0
    while done < asked and time.perf_counter() < began + DURABLE_SECONDS:
        count = min(BATCH, asked - done)
        adapter.run_batched(store, f"durable-{runs}", CONFIG, [step * GOLDEN % 1.0 for step in range(count)])
        done += count
        runs += 1
    return {"points": done, "seconds": time.perf_counter() - began}


def seed(adapter, store, first, count, seconds):
    until = time.perf_counter() + float(seconds)
    made = int(first)
    target = int(count)
    while made < target and time.perf_counter() < until:
        some = min(100 if hasattr(adapter, "seed") else 1, target - made)
        if hasattr(adapter, "seed"):
            adapter.seed(store, made, some)
        else:
            adapter.run(store, f"seed-{made}", CONFIG, lambda log: log(made / 1e6, 0))
        made += some
    if hasattr(adapter, "settle"):
        adapter.settle(store)
    return {"runs": made}


def newest(adapter, store):
    began = time.perf_counter()
    names = adapter.newest(store, 100)
    return {"seconds": time.perf_counter() - began, "names": len(names)}


def best(adapter, store):
    began = time.perf_counter()
    name = adapter.best(store)
    return {"seconds": time.perf_counter() - began, "name": name}


def endless(adapter, store, counter):
    """Logs until it is killed; the number of calls that have returned stands in a mapped file."""
    with open(counter, "r+b") as file:
        told = mmap.mmap(file.fileno(), 8)

    def work(log):
        step = 0
        while True:
            log(0.5, step)
            step += 1
            struct.pack_into("<q", told, 0, step)
            time.sleep(PACE_SECONDS)

    adapter.run(store, "killed", CONFIG, work)


def writer(adapter, store, name, runs, points):
    failed = []

    def work(log):
        for step in range(int(points)):
            log(0.5, step)

    for number in range(int(runs)):
        try:
            adapter.run(store, f"{name}-{number}", CONFIG, work)
        except Exception as error:  # noqa: BLE001
            failed.append(f"{type(error).__name__}: {error}"[:300])
    return {"failed": failed}


def points(adapter, store):
    return adapter.points(store)


def keep(adapter, store, folder):
    adapter.keep(store, folder)


OPERATIONS = {
    function.__name__: function
    for function in (about, prepare, script, calls, durable, seed, newest, best, endless, writer, points, keep)
}

if __name__ == "__main__":
    main()
