import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";
import { Transcript } from "../helpers/golden.ts";

const TRAIN = `for epoch in 1 2 3; do echo "epoch: $epoch"; echo "loss: 0.$((9 - epoch * 2))"; done
echo "weights $1" > model.txt
`;

test("the main job, as a user sees it", async (t) => {
  const place = makePlace(t);
  const shown = new Transcript(place);
  place.write("train.sh", TRAIN);

  await shown.datmo(["init", "--name", "digits", "--description", "Which digit is it?"]);
  await shown.datmo(["status"]);
  await shown.datmo(["run", "--name", "first", "--tag", "base", "-c", "lr=0.1", "sh", "train.sh", "{lr}"]);
  await shown.datmo([
    "run",
    "--name",
    "second",
    "-c",
    "lr:0.5",
    "-c",
    'net={"layers":[64,64]}',
    "sh train.sh {lr}",
  ]);
  const { items } = await place.json("run.list", "run", "ls");
  for (const run of items) {
    shown.name(run.name, run.id);
    shown.name(`${run.name[0]}-task`, run.taskId ?? "");
    shown.name(`${run.name[0]}-before`, run.beforeSnapshotId ?? "");
    shown.name(`${run.name[0]}-after`, run.afterSnapshotId ?? "");
  }
  await shown.datmo(["run", "ls", "--columns", "id,name,command,type,status,config,metrics,tags"]);
  await shown.datmo([
    "ls",
    "--format",
    "csv",
    "--columns",
    "name,status,exitCode,config.lr,metrics.loss",
    "--sort",
    "name",
  ]);
  await shown.datmo(["ls", "--filter", "config.lr > 0.2 or tag = best", "--columns", "name"]);
  await shown.datmo(["run", "show", "first"]);
  await shown.datmo(["run", "logs", "second", "-n", "2"]);
  await shown.datmo(["run", "diff", "first", "second"]);
  await shown.datmo(["run", "metrics", "first"]);
  await shown.datmo(["run", "metrics", "first", "loss"]);
  await shown.datmo(["run", "metrics", "first", "loss", "--plot"]);
  await shown.datmo([
    "run",
    "update",
    "second",
    "--tag",
    "best",
    "--tag",
    "bold",
    "--untag",
    "bold",
    "--note",
    "hm",
  ]);
  await shown.datmo(["task", "ls", "--columns", "id,command,driver"]);
  await shown.datmo(["delete", "second"]);
  await shown.datmo(["ls", "--columns", "name"]);
  await shown.datmo(["undelete", items[0]?.id ?? ""]);
  await shown.datmo(["run", "wait", "first", "second"]);
  await shown.datmo(["rerun", "first", "--verify", "--name", "again"]);
  shown.name("again", (await place.json("run.list", "ls", "--limit", "1")).items[0]?.id ?? "");
  shown.check("main-job.txt");
});
