"""What the bench of imports is measured with: data as the other tools write them, and their own reading of it."""

import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import time
import uuid
import zlib

METRICS = ("loss", "accuracy")
BLOCK = 32768
HEADER = 7


def write_mlruns(folder: str, runs: int, points: int) -> None:
    """Folder of MLflow's: one run that it writes itself, and copies of that with ids of their own."""
    import mlflow

    mlflow.set_tracking_uri("file:" + folder)
    experiment = mlflow.set_experiment("bench").experiment_id
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_params({f"p{i}": 0.1 * i for i in range(5)})
        for name in METRICS:
            for step in range(points // len(METRICS)):
                mlflow.log_metric(name, 1 / (step + 3), step=step)
    first = run.info.run_id
    meta = pathlib.Path(folder, experiment, first, "meta.yaml").read_text(encoding="utf8")
    for _ in range(1, runs):
        other = uuid.uuid4().hex
        shutil.copytree(f"{folder}/{experiment}/{first}", f"{folder}/{experiment}/{other}")
        pathlib.Path(folder, experiment, other, "meta.yaml").write_text(meta.replace(first, other), encoding="utf8")


def read_mlruns(folder: str) -> dict:
    """All runs, and all points of each, as MLflow's users ask for them; what it takes to import MLflow is left out."""
    import mlflow
    from mlflow import MlflowClient

    mlflow.set_tracking_uri("file:" + folder)
    began = time.perf_counter()
    found = mlflow.search_runs(search_all_experiments=True)
    client = MlflowClient()
    names = [column[len("metrics.") :] for column in found.columns if column.startswith("metrics.")]
    points = sum(len(client.get_metric_history(run, name)) for run in found["run_id"] for name in names)
    return {"runs": len(found), "points": points, "ms": (time.perf_counter() - began) * 1000}


def write_wandb(folder: str, megabytes: float) -> dict:
    """A log that wandb writes itself for a few steps, drawn out: each further step has the records of one of those."""
    from wandb.proto import wandb_internal_pb2 as pb

    with tempfile.TemporaryDirectory() as place:
        records = [pb.Record.FromString(data) for data in log_records(short_run(place))]
    kinds = [record.WhichOneof("record_type") for record in records]
    last = len(kinds) - 1 - kinds[::-1].index("history")
    before = last - 1 - kinds[:last][::-1].index("history")
    step, size = before + 1, int(megabytes * 1e6)
    steps = sum(kind == "history" for kind in kinds)
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/run-bench123.wandb", "wb") as file:
        log = LogWriter(file)
        for record in records[: last + 1]:
            log.put(record.SerializeToString())
        while log.position < size:
            for record in records[step : last + 1]:
                set_step(record, steps)
                log.put(record.SerializeToString())
            steps += 1
        for record in records[last + 1 :]:
            log.put(record.SerializeToString())
        return {"bytes": log.position, "steps": steps}


def set_step(record, step: int) -> None:
    """The record of a step as that of another one: its number, and values of as many digits."""
    kind = record.WhichOneof("record_type")
    items = record.history.item if kind == "history" else record.summary.update if kind == "summary" else ()
    if kind == "history":
        record.history.step.num = step
    for item in items:
        name = item.key or "/".join(item.nested_key)
        if name == "_step":
            item.value_json = str(step)
        elif not name.startswith("_"):
            item.value_json = json.dumps(1 / (step + 3 + len(name)))


def short_run(place: str) -> str:
    """Path of the log."""
    import wandb

    run = wandb.init(project="bench", config={"lr": 0.1}, dir=place, mode="offline")
    for step in range(10):
        run.log({f"group/metric_{'x' * i}": 1 / (step + 3 + i) for i in range(10)})
    run.finish()
    # Only what writes the log knows when it is through.
    wandb.teardown()
    logs = [os.path.join(at, name) for at, _, names in os.walk(place) for name in names if name.endswith(".wandb")]
    return logs[0]


def log_records(path: str):
    data = pathlib.Path(path).read_bytes()
    at, parts = HEADER, []
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + HEADER])
        parts.append(data[at + HEADER : at + HEADER + length])
        at += HEADER + length
        # 1: whole, 2: first, 3: middle, 4: last part of a record.
        if kind in (1, 4):
            yield b"".join(parts)
            parts = []


class LogWriter:
    """Records in blocks of 32 KiB, those that do not fit in parts."""

    def __init__(self, file) -> None:
        self.file = file
        file.write(b":W&B\xe1\xbe\x00")
        self.position = HEADER

    def put(self, data: bytes) -> None:
        at = 0
        while True:
            left = BLOCK - self.position % BLOCK
            if left < HEADER:
                self.write(bytes(left))
                continue
            part = data[at : at + left - HEADER]
            first, last = at == 0, at + len(part) == len(data)
            kind = bytes([1 if first and last else 2 if first else 4 if last else 3])
            self.write(struct.pack("<IH", zlib.crc32(kind + part), len(part)) + kind + part)
            at += len(part)
            if last:
                return

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.position += len(data)


def main() -> None:
    what, folder, *numbers = sys.argv[1:]
    if what == "write-mlruns":
        print(json.dumps(write_mlruns(folder, *map(int, numbers))))
    elif what == "read-mlruns":
        print(json.dumps(read_mlruns(folder)))
    else:
        print(json.dumps(write_wandb(folder, *map(float, numbers))))


main()
