import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { standardText } from "./licence-texts.mjs";
import { packageOf } from "./static-graph.mjs";

/** Names and licence texts of every package whose code is in the bundle. */
export async function thirdPartyNotices(root, metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const name = packageOf(input);
    if (!name) continue;
    const folder = input.slice(0, input.lastIndexOf(`node_modules/${name}`));
    folders.add(`${folder}node_modules/${name}`);
  }
  const sections = [...folders].sort().map((folder) => section(join(root, folder)));
  return `datmo contains the following packages.\n\n${(await Promise.all(sections)).join("\n")}`;
}

async function section(folder) {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const names = (await readdir(folder)).filter((entry) => /^(licen[cs]e|notice)([.-]|$)/i.test(entry)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const text = texts.length > 0 ? texts.map((part) => part.trim()).join("\n\n") : standardText(manifest);
  return `${"-".repeat(78)}\n${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}\n`;
}
