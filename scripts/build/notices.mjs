import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file ? await readFile(join(folder, file), "utf8") : "";
  return `${"-".repeat(78)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}
