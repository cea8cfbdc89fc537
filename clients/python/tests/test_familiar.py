"""Scripts that are written for W&B, with one line changed."""

from __future__ import annotations

import json
import os
import unittest

from helpers import ProjectTest
from with_engine import WithEngine

SCRIPT = """
import argparse, os
import datmo as wandb

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
args = parser.parse_args([])

assert wandb.run is None and not wandb.run
run = wandb.init(
    project="mnist", entity="me", config=args, name="w", group="g", job_type="train", tags=["t"], notes="hello",
    reinit=True, save_code=True, settings=wandb.Settings(start_method="thread"),
)
wandb.config.update({"epochs": 2, "net": {"layers": [4, 4]}}, allow_val_change=True)
wandb.config.batch_size = 8
wandb.config["seed"] = 1
wandb.config.setdefaults({"epochs": 9, "momentum": 0.9})
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch", summary="max")
wandb.watch(object(), log="all")
for epoch in range(wandb.config.epochs):
    for batch in range(3):
        wandb.log({"loss": 1 / (epoch * 3 + batch + 1)}, commit=False)
        wandb.log({"lr": args.lr})
    wandb.log({"epoch": epoch, "val/acc": 0.9 - epoch / 10, "nested": {"a": {"b": 1}}})
wandb.log({"sample": wandb.Histogram([1, 2, 2, 3], num_bins=2), "page": wandb.Html("<b>x</b>")})
table = wandb.Table(columns=["x", "y"], data=[[1, "a"]])
table.add_data(2, "b")
wandb.log({"table": table})
with open("model.h5", "w") as file: file.write("first")
wandb.save("model.h5")
wandb.summary["best"] = 0.9
wandb.run.summary.other = 2
assert wandb.summary["loss"] == 1 / 6, wandb.summary["loss"]
assert wandb.run.summary.get("nothing") is None
wandb.run.name = "renamed"
wandb.run.tags = wandb.run.tags + ("late",)
artifact = wandb.Artifact("data", type="dataset", metadata={"rows": 3})
artifact.add_file("model.h5", "weights/m.h5")
with artifact.new_file("notes.txt") as file: file.write("n")
artifact.add(table, "t")
wandb.log_artifact(artifact, aliases=["best"])
with open(os.path.join(wandb.run.dir, "own.txt"), "w") as file: file.write("own")
wandb.alert("title", "text")
assert wandb.login() and wandb.run.id == run.id and wandb.run
with open("model.h5", "w") as file: file.write("second and longer")
wandb.finish()
assert wandb.run is None
"""

# As it stands in tutorials and repositories: nothing but the import is changed.
ORDINARY = """
import random
import datmo as wandb

CONFIG = dict(lr=0.02, arch="CNN", epochs=3)

def log_images(step):
    if wandb.run is not None:
        wandb.log({"preview": wandb.Html(f"<i>{step}</i>")}, step=step, commit=False)

def train(config=None):
    import datmo as wandb
    if wandb.run is None:
        wandb.init(project="basic-intro", name=f"experiment_{random.randint(0, 9)}", config=config)
    assert wandb.run is not None and wandb.run is wandb.init.__globals__["current"]()
    config = wandb.config
    best = 0.0
    for epoch in range(config.epochs):
        acc = 1 - 2 ** -(epoch + 1)
        log_images(epoch)
        wandb.log({"acc": acc}, step=epoch, commit=False)
        wandb.log({"loss": 1 - acc, "lr": config["lr"]}, step=epoch)
        if acc > best:
            best = acc
            wandb.run.summary["best_accuracy"] = best
            wandb.run.summary.update({"best_epoch": epoch})
    wandb.config.update({"optimizer": "adam"})
    wandb.run.name = wandb.run.name + "-done"
    wandb.run.tags += ("final",)
    print(wandb.run.id, wandb.run.name, wandb.run.project, wandb.run.step)
    return wandb.run

log_images(0)
run = train(CONFIG)
assert train() is run and run.summary["loss"] == 0.125
wandb.finish()
assert wandb.run is None
log_images(9)
"""


class Script(WithEngine):
    def test_runs_as_it_is(self):
        done = self.script(SCRIPT)
        for said in (
            "datmo: 'mnist' is no folder here",
            "entity, reinit, save_code, settings: without a meaning",
            "watch does nothing",
            "alert: title: text",
        ):
            self.assertEqual(done.stderr.count(said), 1, done.stderr)
        run = self.run_of()
        self.assertEqual(
            (run["status"], run["name"], run["group"], run["note"]), ("succeeded", "renamed", "g", "hello")
        )
        self.assertEqual(run["tags"], sorted(["t", "mnist", "train", "late", "artifact:data", "artifact:data:best"]))
        config = {"lr": 0.01, "epochs": 2, "net": {"layers": [4, 4]}, "batch_size": 8, "seed": 1, "momentum": 0.9}
        self.assertEqual(run["config"], config)
        self.assertEqual(run["summary"], {"best": 0.9, "other": 2, "val/acc.max": 0.9})
        # Two calls a step, then one: the next step begins when a call commits.
        self.assertEqual([step for step, _ in self.history(run, "loss")], [0, 1, 2, 4, 5, 6])
        self.assertEqual([step for step, _ in self.history(run, "lr")], [0, 1, 2, 4, 5, 6])
        self.assertEqual(self.history(run, "val/acc"), [(0, 0.9), (1, 0.8)])
        self.assertEqual(self.history(run, "nested.a.b"), [(3, 1.0), (7, 1.0)])
        files = {entry["path"] for entry in self.engine.request("file.list", {"runId": run["id"]})["items"]}
        artifact = {f"artifacts/data/{name}" for name in ("artifact.json", "notes.txt", "t.table.json", "weights/m.h5")}
        media = {"media/index.jsonl", "media/page/8.html", "media/sample/8.json", "media/table/9.table.json"}
        self.assertEqual(files, {"model.h5", "own.txt"} | artifact | media)
        self.assertEqual(self.text_of(run, "model.h5"), "second and longer")
        self.assertEqual(
            json.loads(self.text_of(run, "media/table/9.table.json")),
            {"columns": ["x", "y"], "data": [[1, "a"], [2, "b"]]},
        )
        self.assertEqual(
            json.loads(self.text_of(run, "media/sample/8.json")), {"counts": [1, 3], "edges": [1.0, 2.0, 3.0]}
        )
        self.assertEqual(json.loads(self.text_of(run, "artifacts/data/artifact.json"))["metadata"], {"rows": 3})

    def test_an_ordinary_script_asks_whether_there_is_a_run(self):
        done = self.script(ORDINARY)
        run = self.run_of()
        self.assertEqual(done.stdout.split()[:2], [run["id"], run["name"].removesuffix("-done")])
        self.assertEqual((run["status"], run["tags"]), ("succeeded", ["basic-intro", "final"]))
        self.assertEqual(run["config"], {"lr": 0.02, "arch": "CNN", "epochs": 3, "optimizer": "adam"})
        self.assertEqual(run["summary"], {"best_accuracy": 0.875, "best_epoch": 2})
        for name in ("acc", "loss", "lr"):
            self.assertEqual([step for step, _ in self.history(run, name)], [0, 0, 1, 1, 2, 2])

    def test_the_same_word_executes_where_the_module_has_its_own_name(self):
        self.script(
            "import datmo\nassert not datmo.run and datmo.run is not None and callable(datmo.run)\n"
            "run = datmo.init(snapshots=False)\nassert datmo.run.id == run.id and datmo.run\nrun.finish()\n"
            "assert datmo.run('exit 3').exit_code == 3\n"
        )

    def test_an_artifact_is_found_again(self):
        self.script(
            "import datmo as wandb\nrun = wandb.init()\nopen('d.txt', 'w').write('1')\nrun.log_artifact('d.txt', name='d', aliases=['one'])\n"
        )
        self.run_of()
        done = self.script(
            "import datmo as wandb\nwandb.init()\nfor name in ('d', 'd:latest', 'me/p/d:one'):\n"
            "    folder = wandb.use_artifact(name).download(name.replace('/', '-').replace(':', '-'))\n"
            "    print(open(folder + '/d.txt').read())\n"
            "try: wandb.use_artifact('other:latest')\nexcept wandb.Error as error: print(error.kind)\n"
        )
        self.assertEqual(done.stdout.split(), ["1", "1", "1", "FILE_NOT_FOUND"])

    def test_another_version_is_not_taken_for_the_one_that_was_downloaded_before(self):
        code = (
            "import datmo as wandb\nrun = wandb.init()\nopen('d.txt', 'w').write('{0}')\n"
            "run.log_artifact('d.txt', name='d', aliases=['v{0}'])\nwandb.finish()\n"
            "wandb.init()\nfor name in ('d:latest', 'd:v1', 'd'):\n"
            "    print(open(wandb.use_artifact(name).download() + '/d.txt').read())\n"
        )
        self.assertEqual(self.script(code.format(1)).stdout.split(), ["1", "1", "1"])
        self.assertEqual(self.script(code.format(2)).stdout.split(), ["2", "1", "2"])

    def test_a_run_with_a_name_of_its_own_is_gone_on_with(self):
        code = (
            "import datmo as wandb\nrun = wandb.init(id='exp-42', resume={!r})\n"
            "wandb.log({{'x': 1}})\nwandb.log({{'x': 2}})\nprint(run.resumed, run.id, run.step)\n"
        )
        first = self.script(code.format("allow")).stdout.split()
        self.run_of(first[1])
        second = self.script(code.format("must")).stdout.split()
        self.run_of(first[1])
        self.assertEqual((first[0], second), ("False", ["True", first[1], "4"]))
        done = self.script(code.format("never"), check=1)
        self.assertIn("forbids to go on", done.stderr)
        done = self.script("import datmo\ndatmo.init(id='exp-43', resume='must')", check=1)
        self.assertIn("RunError", done.stderr)

    def text_of(self, run, path):
        target = os.path.join(self.folder, f"kept-{path.replace('/', '-')}")
        self.engine.request("file.get", {"runId": run["id"], "path": path, "destination": target})
        with open(target, encoding="utf-8") as file:
            return file.read()


class Words(ProjectTest):
    def test_unknown_arguments_are_refused(self):
        done = self.script("import datmo\ndatmo.init(confg={})", check=1)
        self.assertIn("unexpected keyword argument 'confg'", done.stderr)

    def test_a_path_that_is_no_folder_is_refused(self):
        done = self.script("import datmo\ndatmo.init(project='./nothing')", check=1)
        self.assertIn("There is no file or folder", done.stderr)

    def test_disabled(self):
        self.script(
            "import datmo as wandb\nrun = wandb.init(mode='disabled', config={'a': 1})\nwandb.define_metric('x', summary='min')\n"
            "wandb.log({'x': 1, 'i': wandb.Html('x')}); wandb.save('*.py'); run.log_artifact('script.py'); wandb.summary['b'] = 1\n"
            "assert run.disabled and wandb.config.a == 1 and run.history('x')['step'] == []\nwandb.finish()\n"
        )
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".datmo", "tasks")))

    def test_words_there_are_none_of_say_what_to_do(self):
        done = self.script("import datmo as wandb\nwandb.Api()", check=1)
        self.assertIn("has no attribute 'Api'; read runs with datmo.runs()", done.stderr)
        self.assertIn("has no attribute 'nothing'", self.script("import datmo\ndatmo.nothing", check=1).stderr)

    def test_config_is_assigned(self):
        self.script("import datmo as wandb\nwandb.init()\nwandb.config = {'lr': 0.5}\nassert wandb.config.lr == 0.5\n")
        self.assertEqual([line["config"] for line in self.lines("config")], [{"lr": 0.5}])


if __name__ == "__main__":
    unittest.main()
