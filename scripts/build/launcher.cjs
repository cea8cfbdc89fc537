#!/usr/bin/env -S node --
// `--`: Node 20 takes an `--env-file` for its own, wherever it stands.
"use strict";
// Runs the bundle beside it from V8's compiled code, which halves the start-up time. The compiled code is what this
// program has used, is named by the bundle's content and the Node that made it, and is made anew when it is missing or
// V8 does not take it.
const fs = require("node:fs");
const path = require("node:path");
const { Script } = require("node:vm");

const bundle = path.join(__dirname, "program.js");
const name = `@PROGRAM@-@HASH@-${process.version}-${process.arch}.cache`;
const home = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, ".cache"));
const folders = home ? [__dirname, path.join(home, "datmo")] : [__dirname];

const cachedData = readFirst();
const script = new Script(fs.readFileSync(bundle, "latin1"), { filename: bundle, cachedData });
const loaded = { exports: {} };
script.runInThisContext()(loaded.exports, require, loaded, bundle, __dirname);
if (!cachedData || script.cachedDataRejected || process.env.DATMO_CODE_CACHE === "update") {
  process.once("exit", () => writeFirst(script.createCachedData()));
}
loaded.exports.start("@PROGRAM@");

function readFirst() {
  for (const folder of folders) {
    try {
      return fs.readFileSync(path.join(folder, name));
    } catch {}
  }
  return undefined;
}

/** Into the first folder that can be written; nowhere is fine too, then every start compiles. */
function writeFirst(data) {
  for (const folder of folders) {
    const target = path.join(folder, name);
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      if (folder !== __dirname) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      fs.writeFileSync(temporary, data, { mode: 0o644, flag: "wx" });
      fs.renameSync(temporary, target);
      return;
    } catch {}
  }
}
