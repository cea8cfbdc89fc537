import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { permissionsOf, permissionsToWire } from "../../domain/plugin-permissions.ts";
import type { PluginPermissions } from "../../protocol/types.ts";
import type { PluginGrant, PluginGrants } from "../../services/ports/plugins.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { readSmallFile } from "../../util/safe-files.ts";

const LIMIT_BYTES = 4 * 1024 * 1024;

/** `<config folder>/grants/<project id>.json`. One that nobody can read grants nothing. */
export function openGrants(file: string): PluginGrants {
  let known: { readonly stamp: string; readonly grants: ReadonlyMap<string, PluginGrant> } | undefined;

  async function all(): Promise<ReadonlyMap<string, PluginGrant>> {
    const stamp = await stampOf(file);
    if (stamp === undefined) return NONE;
    if (known?.stamp !== stamp) known = { stamp, grants: await read(file) };
    return known.grants;
  }

  async function change(edit: (grants: Map<string, PluginGrant>) => void): Promise<void> {
    const grants = new Map(await read(file));
    edit(grants);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const plugins = Object.fromEntries([...grants].map(([name, grant]) => [name, toJson(grant)]));
    await writeFileAtomic(file, `${JSON.stringify({ v: 1, plugins }, undefined, 2)}\n`);
    known = undefined;
  }

  return {
    all,
    put: (name, grant) => change((grants) => grants.set(name, grant)),
    async remove(name) {
      if ((await all()).has(name)) await change((grants) => grants.delete(name));
    },
  };
}

const NONE: ReadonlyMap<string, PluginGrant> = new Map();

async function stampOf(file: string): Promise<string | undefined> {
  const facts = await stat(file, { bigint: true }).catch(() => undefined);
  return facts && `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
}

async function read(file: string): Promise<ReadonlyMap<string, PluginGrant>> {
  try {
    const bytes = await readSmallFile(file, LIMIT_BYTES);
    const { plugins } = JSON.parse(bytes?.toString("utf8") ?? "{}") as {
      plugins?: Record<string, JsonObject>;
    };
    return new Map(Object.entries(plugins ?? {}).map(([name, grant]) => [name, fromJson(grant)]));
  } catch {
    return NONE;
  }
}

function toJson({ permissions, ...rest }: PluginGrant): Json {
  return { ...rest, permissions: permissionsToWire(permissions) } as unknown as Json;
}

function fromJson(grant: JsonObject): PluginGrant {
  const texts = (value: Json | undefined): string[] =>
    Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  const given = (grant["permissions"] ?? {}) as JsonObject;
  const lists = Object.fromEntries(Object.entries(given).map(([kind, values]) => [kind, texts(values)]));
  return {
    hash: String(grant["hash"]),
    grantedAt: String(grant["grantedAt"]),
    all: grant["all"] === true,
    permissions: permissionsOf(lists as PluginPermissions),
    hooks: texts(grant["hooks"]),
  };
}
