import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { rPackagesUsed } from "../../../src/drivers/capture/r/package-scanner.ts";
import { isSource, readImports } from "../../../src/drivers/capture/source-imports.ts";
import { temporaryFolder, writeFiles } from "./fixtures.ts";

interface CellLike {
  readonly cell_type?: string;
  readonly source?: unknown;
}

function notebook(cells: readonly CellLike[], metadata: object = {}): string {
  const filled = cells.map((cell) => ({ cell_type: "code", outputs: [], ...cell }));
  return JSON.stringify({ cells: filled, metadata, nbformat: 4, nbformat_minor: 5 });
}

test("reads the code cells of a notebook, without magics and text", (t) => {
  const folder = temporaryFolder(t);
  const cells: CellLike[] = [
    { source: ["import numpy as np\n", "import pandas"] },
    { source: "import nothing_here", cell_type: "markdown" },
    {
      source:
        "%matplotlib inline\n!pip install 'it's broken\nfiles = !ls 'x\n%time import timed\nimport kept",
    },
    { source: "%%time\nimport in_timed_cell" },
    { source: "%%bash\nimport imagemagick\n" },
    { source: "%%html\n<script>import nothing</script>" },
    { source: "  %%capture out\nimport captured" },
    { source: "x = '''never closed" },
    { source: "from after import broken_cell\n?help\nhelp?" },
    { source: 7 },
    { source: "print('a = %s' % 1)\nimport after_percent" },
  ];
  writeFiles(folder, { "a.ipynb": notebook(cells) });
  assert.deepEqual(readImports(join(folder, "a.ipynb")).python, [
    "after.broken_cell",
    "after_percent",
    "captured",
    "in_timed_cell",
    "kept",
    "numpy",
    "pandas",
    "timed",
  ]);
});

test("notes what a notebook installs by itself, without passwords and what only its run knows", (t) => {
  const folder = temporaryFolder(t);
  const cells: CellLike[] = [
    { source: "%pip install -q pandas==2.1 'scikit-learn >= 1.3' --upgrade" },
    { source: "!pip3 install torch --index-url https://me:pw@host/simple | tail -1\nimport torch" },
    {
      source: "!{sys.executable} -m pip install one; echo two\n!python3 -m pip install -r req.txt  # comment",
    },
    { source: "%conda install -c conda-forge -y cartopy\n!uv pip install polars\n!uv add duckdb" },
    { source: "%%bash\necho pip install no\npip install in_shell && pip list" },
    {
      source: "!pip install $name {other}\n!pip list\n!install -m 644 a b\npip = install\n# %pip install no",
    },
    { source: "!pip install git+https://tok_en@github.com/a/b.git \\\n  continued" },
    { source: "%pip install in_text", cell_type: "markdown" },
  ];
  writeFiles(folder, { "a.ipynb": notebook(cells), "b.py": "# %pip install no\n" });
  const { installs, python } = readImports(join(folder, "a.ipynb"));
  assert.deepEqual(installs, [
    "-r:req.txt",
    "cartopy",
    "continued",
    "duckdb",
    "git+https://github.com/a/b.git",
    "in_shell",
    "one",
    "pandas==2.1",
    "polars",
    "scikit-learn>=1.3",
    "torch",
  ]);
  assert.deepEqual(python, ["torch"]);
  assert.deepEqual(readImports(join(folder, "b.py")).installs, []);
});

test("knows the language of a notebook, and reads the old format", (t) => {
  const folder = temporaryFolder(t);
  const old = { worksheets: [{ cells: [{ cell_type: "code", input: "import old_format" }] }], metadata: {} };
  writeFiles(folder, {
    "r.ipynb": notebook([{ source: "library(ggplot2)" }], { kernelspec: { language: "R" } }),
    "julia.ipynb": notebook([{ source: "import Flux" }], { language_info: { name: "julia" } }),
    "old.ipynb": JSON.stringify(old),
  });
  assert.deepEqual(readImports(join(folder, "r.ipynb")), {
    python: [],
    r: ["base", "ggplot2"],
    installs: [],
  });
  assert.deepEqual(readImports(join(folder, "julia.ipynb")), { python: [], r: [], installs: [] });
  assert.deepEqual(readImports(join(folder, "old.ipynb")).python, ["old_format"]);
});

test("finds nothing in what is broken, binary or too large, and does not fail", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, {
    "junk.py": Buffer.from([0x69, 0x6d, 0, 0xff, 0xfe]),
    "junk.ipynb": "{not json",
    "null.ipynb": "null",
    "list.ipynb": "[1, 2]",
    "odd.ipynb": JSON.stringify({
      cells: [null, 3, { cell_type: "code" }],
      metadata: null,
      worksheets: [null],
    }),
    "large.py": `${"#".repeat(1 << 20)}\nimport too_far\n`,
    "latin.py": Buffer.from("# caf\xe9\nimport latin\n", "latin1"),
  });
  for (const name of [
    "junk.py",
    "junk.ipynb",
    "null.ipynb",
    "list.ipynb",
    "odd.ipynb",
    "large.py",
    "absent.py",
  ]) {
    assert.deepEqual(readImports(join(folder, name)), { python: [], r: [], installs: [] }, name);
  }
  assert.deepEqual(readImports(join(folder, "latin.py")).python, ["latin"]);
  assert.deepEqual(readImports(folder), { python: [], r: [], installs: [] });
});

test("reads the chunks of R Markdown and Quarto in their languages", (t) => {
  const folder = temporaryFolder(t);
  const text = [
    "Some `import nothing` text, and `r knitr::kable(x)` inline.",
    "```{r setup, include=FALSE}",
    "library(dplyr)",
    "```",
    "```{python}",
    "import torch",
    "```",
    "```r",
    "library(shown_only)",
    "```",
    "````{r}",
    'requireNamespace("readr")',
    "````",
  ].join("\n");
  writeFiles(folder, { "report.Rmd": text, "report.qmd": text.replaceAll("\n", "\r\n") });
  for (const name of ["report.Rmd", "report.qmd"]) {
    assert.deepEqual(readImports(join(folder, name)), {
      python: ["torch"],
      r: ["base", "dplyr", "knitr", "readr"],
      installs: [],
    });
  }
});

test("finds the packages of R code, but not in comments and strings", () => {
  const source = `
    # library(commented)
    library(dplyr); require("ggplot2", quietly = TRUE)
    suppressPackageStartupMessages(library('data.table'))
    x <- "library(in_string)"; y <- r"(library(in_raw) "quoted")"
    if (!requireNamespace("jsonlite")) stop('it\\'s library(escaped)')
    loadNamespace(package = "R6")
    stats::sd(1); MASS:::hidden(); \`odd.name\`::f()
    library(variable, character.only = TRUE)
    library("given", character.only = TRUE)
    library(paste0("a", "b")); library()
    my.library(not_this)
    pacman::p_load(sf, "terra", install = FALSE, paste0("a"))
    use("purrr", c("map", "reduce"))
    obj$library(nor_this_but_is_found)
    a:b; c(1:3)
  `;
  assert.deepEqual(
    rPackagesUsed(source).filter((name) => name !== "nor_this_but_is_found"),
    [
      "MASS",
      "R6",
      "data.table",
      "dplyr",
      "ggplot2",
      "given",
      "jsonlite",
      "odd.name",
      "pacman",
      "purrr",
      "sf",
      "stats",
      "terra",
    ],
  );
  assert.deepEqual(rPackagesUsed("library(1bad); library(`../evil`); `a b`::c"), []);
});

test("knows sources by their names", () => {
  const sources = ["a.py", "a.pyw", "A.PY", "a.ipynb", "a.R", "a.r", "a.Rmd", "a.qmd", "a.Rnw"];
  assert.deepEqual(
    sources.filter((name) => !isSource(name)),
    [],
  );
  assert.deepEqual(["a.pyc", "a.txt", "py", "a.Rdata", "a.rds", "a.py.bak"].filter(isSource), []);
});
