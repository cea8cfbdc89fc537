import { createHash } from "node:crypto";
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { maskAddresses } from "../../domain/secrets.ts";
import type { DefinitionFolder } from "../../services/ports/capture.ts";
import { readRegularFile } from "./regular-file.ts";

/** Where a project may define its environment; the first that has files counts. */
const FOLDERS = ["datmo_environment", ".datmo/environment"] as const;

const LARGEST = 64 << 20;
const LARGEST_TEXT = 2 << 20;
const MOST_FILES = 1_000;
const DEEPEST = 8;

/** The files that define the environment, when the project has a folder of them. Links are not followed. */
export function readDefinitionFolder(projectDirectory: string): DefinitionFolder | undefined {
  for (const folder of FOLDERS) {
    const files: Record<string, DefinitionFolder["files"][string]> = {};
    for (const path of filesBelow(join(projectDirectory, folder), "", 0).sort().slice(0, MOST_FILES)) {
      const bytes = readRegularFile(join(projectDirectory, folder, path), LARGEST);
      if (bytes !== undefined) files[path] = describe(bytes);
    }
    if (Object.keys(files).length > 0) return { folder, files };
  }
  return undefined;
}

/** Text counts without the carriage returns of other systems and without passwords in addresses. */
function describe(bytes: Buffer): DefinitionFolder["files"][string] {
  const isText = bytes.length <= LARGEST_TEXT && !bytes.includes(0);
  const content = isText ? maskAddresses(bytes.toString("utf8").replaceAll("\r\n", "\n")) : undefined;
  const sha256 = createHash("sha256")
    .update(content ?? bytes)
    .digest("hex");
  return { sha256, ...(content === undefined ? {} : { content }) };
}

function filesBelow(root: string, path: string, depth: number): string[] {
  const found: string[] = [];
  for (const entry of entriesOf(join(root, path))) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    // Secrets are not part of what an environment is, and `.git` is no file of anybody's.
    if (/^\.(?:env|git$|DS_Store$)/.test(entry.name) || entry.name === "__pycache__") continue;
    if (entry.isFile()) found.push(below);
    else if (entry.isDirectory() && depth < DEEPEST) found.push(...filesBelow(root, below, depth + 1));
    if (found.length > MOST_FILES) break;
  }
  return found;
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
