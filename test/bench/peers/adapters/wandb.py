import glob
import os
import struct

IMPORT = "wandb"
HOW = "offline; what a run holds is read from its .wandb file, since nothing lists offline runs"


def run(store, name, config, work):
    import wandb

    settings = wandb.Settings(silent=True)
    begun = wandb.init(project="bench", name=name, config=config, mode="offline", dir=store, settings=settings)
    put = begun.log
    work(lambda value, step: put({"loss": value}, step=step))
    begun.finish()


def points(store):
    from wandb.proto import wandb_internal_pb2

    found = {}
    for path in glob.glob(f"{store}/wandb/offline-run-*/*.wandb"):
        name, count = os.path.basename(path), 0
        for body in _records(path):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(body)
            if record.HasField("run") and record.run.display_name:
                name = record.run.display_name
            elif record.HasField("history"):
                count += any("loss" in (item.key, *item.nested_key) for item in record.history.item)
        found[name] = count
    return found


def _records(path):
    """The framing of LevelDB's log: blocks of 32 KiB, records of check, length and kind; a torn end is left out."""
    with open(path, "rb") as file:
        data = file.read()
    at, body = 7, b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        if kind == 0 or at + 7 + length > len(data):
            return
        body += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield body
            body = b""


def keep(store, folder):
    # Beside the run, where its size is seen, and not in the home folder.
    os.environ["WANDB_DATA_DIR"] = os.environ["WANDB_CACHE_DIR"] = store
    import wandb

    settings = wandb.Settings(silent=True)
    begun = wandb.init(project="bench", mode="offline", dir=store, settings=settings)
    artifact = wandb.Artifact("files", type="dataset")
    artifact.add_dir(folder)
    begun.log_artifact(artifact)
    begun.finish()
