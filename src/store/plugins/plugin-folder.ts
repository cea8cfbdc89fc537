import { createHash } from "node:crypto";
import { constants } from "node:fs";
import {
  MANIFEST_NAME,
  type PluginManifest,
  readManifest,
  speaksProtocol,
} from "../../domain/plugin-manifest.ts";
import { errors } from "../../protocol/errors.ts";
import { protocolVersion } from "../../protocol/methods.ts";
import { SDK_FOLDER } from "../../services/ports/plugin-kit.ts";
import type { PluginContent, PluginFile } from "../../services/ports/plugins.ts";
import {
  type HeldFolder,
  holdFolder,
  lstatOf,
  openRegularFile,
  UnusableFile,
} from "../../util/safe-files.ts";

/** More than a plugin needs, and little enough to be read at every start. */
const MOST_FILES = 500;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_DEPTH = 20;
/** What tools leave in folders of source code; it is not part of the plugin. */
const LEFT_OUT = new Set([".git", "node_modules", ".DS_Store", "__pycache__", SDK_FOLDER]);

/** Reads all files of a plugin's folder. Throws PLUGIN_INVALID and PLUGIN_TOO_NEW. `name`: for the errors. */
export async function readPluginFolder(directory: string, name: string): Promise<PluginContent> {
  const files = await readFiles(directory, name);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { manifest: await manifestOf(files, name), hash: hashOf(files), files };
}

async function readFiles(directory: string, name: string): Promise<PluginFile[]> {
  const files: PluginFile[] = [];
  let bytes = 0;

  async function readIn(folder: HeldFolder, prefix: string, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) throw new UnusableFile(`it is more than ${MOST_DEPTH} folders deep`);
    for (const entry of await folder.names(MOST_FILES)) {
      if (LEFT_OUT.has(entry)) continue;
      const path = `${prefix}${entry}`;
      const stats = await lstatOf(folder.at(entry));
      if (stats?.isDirectory()) {
        const inner = await folder.folder(entry);
        if (!inner) continue;
        await readIn(inner, `${path}/`, depth + 1).finally(() => inner.close());
      } else {
        const content = await readFile(folder.at(entry), path);
        bytes += content.length;
        files.push({ path, content });
      }
      if (files.length > MOST_FILES) throw new UnusableFile(`it has more than ${MOST_FILES} files`);
      if (bytes > MOST_BYTES)
        throw new UnusableFile(`its files have more than ${MOST_BYTES / 1024 / 1024} MiB`);
    }
  }

  try {
    const folder = await holdFolder(directory);
    if (!folder) throw new UnusableFile("there is no such folder");
    await readIn(folder, "", 0).finally(() => folder.close());
  } catch (error) {
    if (error instanceof UnusableFile) throw errors.PLUGIN_INVALID({ name, reason: error.message });
    throw error;
  }
  return files;
}

async function readFile(place: string, path: string): Promise<Buffer> {
  try {
    const file = await openRegularFile(place, constants.O_RDONLY);
    if (!file) throw new UnusableFile("it is gone");
    try {
      if (file.stats.size > MOST_BYTES) throw new UnusableFile("it is too large");
      const buffer = Buffer.alloc(file.stats.size);
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.handle.close();
    }
  } catch (error) {
    if (error instanceof UnusableFile) throw new UnusableFile(`${path}: ${error.message}`);
    throw error;
  }
}

async function manifestOf(files: readonly PluginFile[], name: string): Promise<PluginManifest> {
  const file = files.find(({ path }) => path === MANIFEST_NAME);
  if (!file) throw errors.PLUGIN_INVALID({ name, reason: `it has no ${MANIFEST_NAME}` });
  const document = parse(Buffer.from(file.content), name);
  // One that is for another engine may have another shape.
  const wanted = (document as { readonly engine?: unknown } | null)?.engine;
  if (typeof wanted === "string" && /^\d{1,5}(-\d{1,5})?$/.test(wanted) && !speaksProtocol(wanted)) {
    throw errors.PLUGIN_TOO_NEW({ name, wanted, engine: protocolVersion });
  }
  const { validatePluginManifest } = await import("../../protocol/document-validators.js");
  if (!validatePluginManifest(document)) {
    const [problem] = validatePluginManifest.errors ?? [];
    const place = problem?.instancePath ? `${problem.instancePath.slice(1).replaceAll("/", ".")} ` : "";
    const extra = (problem?.params as { readonly additionalProperty?: string } | undefined)
      ?.additionalProperty;
    const what = `${place}${problem?.message}${extra === undefined ? "" : ` ("${extra}")`}`;
    throw errors.PLUGIN_INVALID({ name, reason: `${MANIFEST_NAME}: ${what}` });
  }
  const manifest = readManifest(document);
  if ("problem" in manifest) throw errors.PLUGIN_INVALID({ name, reason: manifest.problem });
  if (!files.some(({ path }) => path === manifest.main)) {
    throw errors.PLUGIN_INVALID({ name, reason: `there is no file ${manifest.main}` });
  }
  return manifest;
}

function parse(content: Buffer, name: string): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch (error) {
    const reason = `${MANIFEST_NAME} is not JSON: ${(error as Error).message}`;
    throw errors.PLUGIN_INVALID({ name, reason });
  }
}

function hashOf(files: readonly PluginFile[]): string {
  const hash = createHash("sha256");
  for (const { path, content } of files) {
    // Lengths divide the parts, so that no two contents read the same.
    hash.update(`${Buffer.byteLength(path)} ${content.length}\n${path}\n`).update(content);
  }
  return hash.digest("hex");
}
