import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { artifact, missingBrowser, openPage } from "../helpers/browser.ts";
import { makePlace, untilPrinted } from "../helpers/datmo-process.ts";

const CELL = `import datmo
run = datmo.init()
for step in range(5):
    run.log({"loss": 1 / (step + 1)}, step=step)
print("logged to", run.id)`;
const LOGGED = /logged to [a-z2-7]{26}/;
const SHOWN =
  /M train\.ipynb {2}\(notebook, by cells\)\n {2}cell 1 \(code\) modified\n(?: {2}\|.*\n)* {2}\| \+run = datmo\.init\(\)\n/;
const NOTEBOOK = "train.ipynb";
const EMPTY = {
  cells: [{ cell_type: "code", id: "first", execution_count: null, metadata: {}, outputs: [], source: "" }],
  metadata: {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    language_info: { name: "python" },
  },
  nbformat: 4,
  nbformat_minor: 5,
};

const noBrowser = missingBrowser();
const KINDS = [
  {
    kind: "jupyterlab",
    missing: missingProgram("jupyter-lab", "4", "pip install jupyterlab"),
    runCell: inLab,
  },
  {
    kind: "notebook",
    missing: missingProgram("jupyter-notebook", "6", "apt-get install jupyter-notebook (Debian 12 has 6)"),
    runCell: inNotebook,
  },
] as const;

for (const { kind, missing, runCell } of KINDS) {
  test(
    `${kind}: a browser opens the printed address, and its cell logs to the run`,
    {
      skip: noBrowser ?? missing ?? false,
    },
    async (t) => {
      const place = makePlace(t);
      await place.ok("init", "--force");
      place.write(NOTEBOOK, JSON.stringify(EMPTY));
      place.write("../home/README", "Jupyter keeps what a user had open; this one had nothing.\n");
      const child = place.start([kind, "--name", "sitting", "--ready", "3m", "--no-browser"], {
        variables: {
          HOME: resolve(place.directory, "../home"),
          PYTHONPATH: resolve("clients/python/src"),
          SSH_CONNECTION: "",
        },
      });
      t.after(() => child.kill());
      const url = await addressOf(child);
      const page = await openPage(t);
      await page.goto(url);
      try {
        await runCell(page);
      } finally {
        // Of what went wrong too: nobody else sees it.
        await page
          .context()
          .pages()
          .at(-1)
          ?.screenshot({ path: artifact(`${kind}.png`) });
      }
      const ended = once(child, "close");
      child.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
      const { run } = await place.json("run.get", "run", "show", "sitting");
      assert.deepEqual([run.status, run.metrics], ["stopped", { loss: 0.2 }]);
      const words = ["snapshot", "diff", run.beforeSnapshotId ?? "", run.afterSnapshotId ?? ""];
      // The notebook is in the after-snapshot as it was saved, and shown by its cells.
      assert.match(await place.ok(...words), SHOWN);
      assert.match(place.read(NOTEBOOK), LOGGED);
    },
  );
}

/** Opens the notebook from the list of files, runs the cell in it, and saves it. */
async function inLab(page: Page): Promise<void> {
  await page.locator(".jp-DirListing-item", { hasText: NOTEBOOK }).dblclick();
  // A cell that is run before its kernel is connected may be left out; only the status bar tells the truth.
  await page.locator("#jp-main-statusbar").getByText("| Idle").waitFor();
  await page.locator(".jp-Notebook .cm-content").first().click();
  await page.keyboard.insertText(CELL);
  await page.keyboard.press("Shift+Enter");
  await page.getByText(LOGGED).waitFor();
  await page.locator(".jp-mod-dirty").first().waitFor();
  await page.keyboard.press("Control+s");
  await page.locator(".jp-mod-dirty").first().waitFor({ state: "detached" });
}

async function inNotebook(page: Page): Promise<void> {
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: NOTEBOOK }).click();
  const notebook = await opened;
  await notebook.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor();
  await notebook.locator(".CodeMirror").first().click();
  await notebook.keyboard.insertText(CELL);
  await notebook.keyboard.press("Shift+Enter");
  await notebook.getByText(LOGGED).waitFor();
  await notebook.locator(".autosave_status", { hasText: "(unsaved changes)" }).waitFor();
  await notebook.keyboard.press("Control+s");
  await notebook.locator(".autosave_status", { hasText: "(autosaved)" }).waitFor();
}

async function addressOf(child: Parameters<typeof untilPrinted>[0]): Promise<string> {
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await untilPrinted(child, "\n");
  return shown.split("\n")[0] ?? "";
}

function missingProgram(name: string, major: string, how: string): string | undefined {
  const { stdout } = spawnSync(name, ["--version"], { encoding: "utf8" });
  return stdout?.startsWith(`${major}.`) ? undefined : `${name} ${major}: ${how}`;
}
