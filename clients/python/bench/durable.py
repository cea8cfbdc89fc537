"""A million points from one process until the engine has them on disk, and what that costs in memory.

python3 clients/python/bench/durable.py [points]. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time


def anonymous_mb():
    """Memory of this process's own, MB; the pages of a mapped file are the system's cache."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    bare = anonymous_mb()
    import datmo

    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, ".datmo"))
        with open(os.path.join(folder, ".datmo", "format"), "w", encoding="utf-8") as file:
            file.write('{"layout":1,"project":"00000000-0000-4000-8000-000000000000"}')
        os.chdir(folder)
        run = datmo.init(capture=False, snapshots=False)
        log = run.log
        most = 0.0
        begin = time.perf_counter()
        for step in range(points):
            log({"loss": 0.5}, step)
            if step % 100_000 == 0:
                most = max(most, anonymous_mb())
        looped = time.perf_counter() - begin
        # The end is answered when everything is on disk.
        run.finish()
        durable = time.perf_counter() - begin
        with datmo.Engine(folder) as engine:
            (metric,) = engine.request("metric.list", {"runId": run.id})["items"]
        assert metric["count"] == points, metric
        os.chdir("/")
    report = {"loop": points / looped, "durable": points / durable, "memory_mb": max(most, anonymous_mb()) - bare}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
