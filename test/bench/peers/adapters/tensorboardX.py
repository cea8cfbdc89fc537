import os

IMPORT = "tensorboardX"
HOW = "SummaryWriter as it is by default; read with TensorBoard's own EventMultiplexer"


def run(store, name, config, work):
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(os.path.join(store, name))
    writer.add_text("config", str(config))
    put = writer.add_scalar
    work(lambda value, step: put("loss", value, step))
    writer.close()


def _all(store, most=1):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    events = EventMultiplexer(size_guidance={"scalars": most}).AddRunsFromDirectory(store)
    return events.Reload()


def points(store):
    events = _all(store, 0)
    return {run: len(_scalars(events, run)) for run in events.Runs()}


def _scalars(events, run):
    # tensorboardX writes what TensorBoard takes for scalars of the old kind.
    return events.Scalars(run, "loss") if "loss" in events.Runs()[run]["scalars"] else []


def newest(store, limit):
    events = _all(store)
    runs = sorted(events.Runs(), key=lambda run: events.FirstEventTimestamp(run), reverse=True)
    return runs[:limit]


def best(store):
    events = _all(store)
    return min((scalars[-1].value, run) for run in events.Runs() if (scalars := _scalars(events, run)))[1]
