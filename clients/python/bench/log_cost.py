"""What datmo costs in the calling thread. Prints one JSON object; times in microseconds unless the name says other.

python3 clients/python/bench/log_cost.py [calls]
"""

from __future__ import annotations

import collections
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
sys.path.insert(0, SOURCE)


def timed(call, argument, calls):
    """Median, 99th percentile and maximum of ``call(argument)``, the clock's own cost included."""
    clock = time.perf_counter_ns
    taken = [0] * calls
    for index in range(calls):
        begin = clock()
        call(argument)
        taken[index] = clock() - begin
    taken.sort()
    return {"median": taken[calls // 2] / 1e3, "p99": taken[calls * 99 // 100] / 1e3, "max": taken[-1] / 1e3}


def append_cost(calls):
    """``deque.append`` of a tuple of what a point holds: the yardstick."""
    append = collections.deque().append
    clock = time.perf_counter_ns
    taken = [0] * calls
    for index in range(calls):
        begin = clock()
        append(("loss", index, 0.5, 1.0))
        taken[index] = clock() - begin
    taken.sort()
    return {"median": taken[calls // 2] / 1e3, "p99": taken[calls * 99 // 100] / 1e3, "max": taken[-1] / 1e3}


def paced(call, argument, calls, work_seconds):
    """The same with work of about ``work_seconds`` between calls, as in training."""
    clock = time.perf_counter_ns
    taken = [0] * calls
    for index in range(calls):
        until = clock() + work_seconds * 1e9
        while clock() < until:
            pass
        begin = clock()
        call(argument)
        taken[index] = clock() - begin
    taken.sort()
    return {"median": taken[calls // 2] / 1e3, "p99": taken[calls * 99 // 100] / 1e3, "max": taken[-1] / 1e3}


def import_milliseconds(rounds=15):
    """``import datmo`` in a fresh interpreter, above the same interpreter that imports nothing."""
    compiled = tempfile.TemporaryDirectory()
    # As an installed package is: compiled once.
    environment = {**os.environ, "PYTHONPATH": SOURCE, "PYTHONPYCACHEPREFIX": compiled.name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def once(code):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        return time.perf_counter() - begin

    once("import datmo")
    pairs = [(once("pass"), once("import datmo")) for _ in range(rounds)]
    bare, ours = (statistics.median(column) * 1e3 for column in zip(*pairs))
    compiled.cleanup()
    return {"bare": bare, "datmo": ours, "above": ours - bare}


def million(run, points=1_000_000):
    """Points a second of a plain loop."""
    log = run.log
    begin = time.perf_counter()
    for step in range(points):
        log({"loss": 0.5}, step)
    return points / (time.perf_counter() - begin)


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    import datmo

    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, ".datmo"))
        with open(os.path.join(folder, ".datmo", "format"), "w", encoding="utf-8") as file:
            file.write('{"layout":1,"project":"00000000-0000-4000-8000-000000000000"}')
        os.chdir(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run = datmo.init(capture=False, snapshots=False)
        run.log({"loss": 0.5})
        rounds = [(append_cost(calls), timed(run.log, {"loss": 0.5}, calls)) for _ in range(5)]
        appends, logs = zip(*rounds)
        report = {
            "python": sys.version.split()[0],
            "deque_append": min(appends, key=lambda row: row["median"]),
            "log_one_value": sorted(logs, key=lambda row: row["median"])[2],
            "log_five_values": timed(run.log, {f"m{n}": 0.5 for n in range(5)}, calls // 5),
            "log_one_value_paced": paced(run.log, {"loss": 0.5}, 2000, 0.0004),
            "import_ms": import_milliseconds(),
        }
        # Lists of times are this program's own memory, so the million comes last and the peak is taken before.
        report["peak_mb_above_start"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        report["million_points_per_second"] = round(million(run))
        report["log_to_append"] = report["log_one_value"]["median"] / report["deque_append"]["median"]
        run.finish()
        os.chdir("/")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
