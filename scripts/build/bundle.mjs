import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { lateBuiltins } from "./late-builtins.mjs";
import { leftOut } from "./left-out.mjs";

/*
 * Everything is CommonJS: V8 can keep the compiled code of a script, not (in Node 20) that of modules. The result
 * depends on the sources only: no absolute path and no time goes in.
 */

/**
 * `performance` would load a module of Node's for the sake of one number, and a segmenter takes 10 ms to make,
 * which a package does as soon as it is loaded.
 */
const BANNER = [
  'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;',
  "const __now=()=>{const[s,ns]=process.hrtime();return s*1e3+ns/1e6};",
  "class __Segmenter{segment(text){return(this.made??=new Intl.Segmenter).segment(text)}}",
].join("");

/** Bundles every entry into a file of its own, in memory. */
export async function bundle({ root, entries, minify }) {
  const result = await build({
    ...(await common(root, minify)),
    entryPoints: entries,
    format: "cjs",
    // A script that runs from compiled code has no loader for modules: what stays outside is required.
    supported: { "dynamic-import": false },
    plugins: [lateBuiltins, leftOut],
    banner: { js: BANNER },
  });
  const files = result.outputFiles.map((file) => ({ name: basename(file.path), text: onlyAscii(file.text) }));
  return { files, metafile: result.metafile };
}

/** What each program would load before it has done anything: the same sources, cut at lazy imports. */
export async function analyse({ root, entries }) {
  const result = await build({
    ...(await common(root, false)),
    entryPoints: entries,
    format: "esm",
    splitting: true,
    plugins: [leftOut],
  });
  return result.metafile;
}

/** The bundler leaves other characters in regular expressions; `\\u` means the same there, and in strings. */
function onlyAscii(text) {
  return text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function common(root, minify) {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return {
    absWorkingDir: root,
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node20",
    minify,
    legalComments: "none",
    // One byte a character: read and hashed in half the time.
    charset: "ascii",
    define: {
      DATMO_VERSION: JSON.stringify(version),
      "import.meta.url": "__moduleUrl",
      "performance.now": "__now",
      "Intl.Segmenter": "__Segmenter",
    },
    logLevel: "warning",
  };
}
