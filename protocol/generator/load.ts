import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Contract, ErrorTable, Example, Located, MessageFile, Schema } from "./model.ts";

/** Reads everything under `protocol/` and `schemas/` of a checkout. What it means is checked by `check.ts`. */
export function loadContract(root: string): Contract {
  const messages = join(root, "protocol", "messages");
  const named = listJson(messages).map((name) => ({
    name,
    content: readJson(join(messages, name)) as MessageFile,
  }));
  return {
    protocolVersion: (readJson(join(root, "protocol", "version.json")) as { protocolVersion: number })
      .protocolVersion,
    sources: named,
    defs: named.flatMap(({ name, content }) => locate(name, content, content.$defs)),
    methods: named.flatMap(({ name, content }) => locate(name, content, content.methods)),
    notifications: named.flatMap(({ name, content }) => locate(name, content, content.notifications)),
    calls: named.flatMap(({ name, content }) => locate(name, content, content.calls)),
    errorTable: readJson(join(root, "protocol", "errors.json")) as ErrorTable,
    documents: loadDocuments(join(root, "schemas")),
    examples: loadExamples(join(root, "protocol", "examples")),
  };
}

export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function locate<T>(
  file: string,
  content: MessageFile,
  records: Readonly<Record<string, T>> | undefined,
): Located<T>[] {
  return Object.entries(records ?? {}).map(([name, record]) => ({
    name,
    namespace: content.namespace,
    file,
    record,
  }));
}

function loadDocuments(folder: string): Map<string, Schema> {
  return new Map(listJson(folder).map((name) => [name, readJson(join(folder, name)) as Schema]));
}

function loadExamples(folder: string): Example[] {
  return listFolders(folder).flatMap((message) =>
    listJson(join(folder, ...message.split("/"))).map((name) => loadExample(folder, message, name)),
  );
}

function loadExample(folder: string, message: string, name: string): Example {
  const match = /^[a-z0-9-]+(\.result)?\.(valid|invalid)\.json$/.exec(name);
  if (match === null)
    throw new Error(`examples/${message}/${name}: name it NAME[.result].valid.json or .invalid.json`);
  return {
    path: `${message}/${name}`,
    message,
    part: match[1] === undefined ? "params" : "result",
    valid: match[2] === "valid",
    value: readJson(join(folder, ...message.split("/"), name)),
  };
}

/** Folders that hold examples: `run.start`, and `$/progress` one level deeper. */
function listFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [
      entry.name,
      ...listFolders(join(folder, entry.name)).map((name) => `${entry.name}/${name}`),
    ])
    .sort();
}

function listJson(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
}
