import { methodInfo } from "../protocol/methods.ts";
import type { PluginPermissions } from "../protocol/types.ts";

/** What a plugin asks for, was granted, or may do; every list is there. */
export type Permissions = Readonly<Record<PermissionKind, readonly string[]>>;

export const PERMISSION_KINDS = ["read", "write", "net", "env", "run", "engine"] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

export const NO_PERMISSIONS: Permissions = {
  read: [],
  write: [],
  net: [],
  env: [],
  run: [],
  engine: [],
};

/** Everything of a kind. */
export const EVERY = "*";

/** Lists that are missing are empty; paths, hosts and names in one spelling, each once. */
export function permissionsOf(given: PluginPermissions | undefined): Permissions {
  const lists = PERMISSION_KINDS.map((kind) => {
    const values = (given?.[kind] ?? []).map((value) => normalized(kind, value));
    return [kind, [...new Set(values)]];
  });
  return Object.fromEntries(lists) as unknown as Permissions;
}

/** Lists that are empty are left out, as on the wire. */
export function permissionsToWire(permissions: Permissions): PluginPermissions {
  return Object.fromEntries(
    PERMISSION_KINDS.filter((kind) => permissions[kind].length > 0).map((kind) => [
      kind,
      [...permissions[kind]],
    ]),
  );
}

export function isEmpty(permissions: Permissions): boolean {
  return PERMISSION_KINDS.every((kind) => permissions[kind].length === 0);
}

/** What is both asked for and granted: of two that hold each other, the narrower one. */
export function intersect(asked: Permissions, granted: Permissions): Permissions {
  const lists = PERMISSION_KINDS.map((kind) => {
    const both = [
      ...asked[kind].filter((value) => granted[kind].some((other) => covers(kind, other, value))),
      ...granted[kind].filter((value) => asked[kind].some((other) => covers(kind, other, value))),
    ];
    return [kind, [...new Set(both)]];
  });
  return Object.fromEntries(lists) as unknown as Permissions;
}

/** Both together. */
export function union(some: Permissions, more: Permissions): Permissions {
  return Object.fromEntries(
    PERMISSION_KINDS.map((kind) => [kind, [...new Set([...some[kind], ...more[kind]])]]),
  ) as unknown as Permissions;
}

/** The first granted value that is no part of what is asked for. */
export function notAsked(
  asked: Permissions,
  granted: Permissions,
): { kind: PermissionKind; value: string } | undefined {
  for (const kind of PERMISSION_KINDS) {
    const value = granted[kind].find((it) => !asked[kind].some((other) => overlaps(kind, other, it)));
    if (value !== undefined) return { kind, value };
  }
  return undefined;
}

/** Whether `outer` allows everything that `inner` does. Both in the one spelling. */
export function covers(kind: PermissionKind, outer: string, inner: string): boolean {
  if (outer === inner) return true;
  if (kind === "read" || kind === "write") return isInside(outer, inner);
  if (kind === "net") return !hasPort(outer) && outer === hostOf(inner);
  return kind === "run" && outer === EVERY;
}

/** Why a permission cannot be meant; undefined: it can. */
export function permissionProblem(kind: PermissionKind, value: string): string | undefined {
  if (/[\x00-\x1f\x7f,]/.test(value)) return "holds a comma or a control character";
  switch (kind) {
    case "net":
      return NET.test(value) ? undefined : "is no `host` or `host:port`";
    case "env":
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return "is no name of an environment variable";
      return /^(DENO|LD|DYLD|NODE|V8)_/i.test(value) ? "steers the runtime itself" : undefined;
    case "engine":
      return engineProblem(value);
    case "run":
      return value.startsWith("-") ? "is no program" : undefined;
    default:
      return KEPT.test(normalized(kind, value)) ? "is what datmo keeps, which no plugin may see" : undefined;
  }
}

/** The one spelling: of `./data/`, `data`. */
export function normalized(kind: PermissionKind, value: string): string {
  if (kind === "net") return value.toLowerCase();
  if (kind !== "read" && kind !== "write") return value;
  const parts: string[] = [];
  for (const part of value.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !value.startsWith("/")) parts.push(part);
  }
  const path = parts.join("/");
  return value.startsWith("/") ? `/${path}` : path === "" ? "." : path;
}

/** On some systems upper case is the same. */
const KEPT = /^\.datmo(\/|$)/i;
const NET = /^(\[[0-9a-f:]{2,45}\]|[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?)(:[0-9]{1,5})?$/i;

function engineProblem(method: string): string | undefined {
  const info = Object.hasOwn(methodInfo, method) ? methodInfo[method as keyof typeof methodInfo] : undefined;
  if (info === undefined) return "is no method of this engine";
  return info.pluginAccess === "never" ? "is a method that no plugin may call" : undefined;
}

function overlaps(kind: PermissionKind, asked: string, granted: string): boolean {
  return covers(kind, asked, granted) || covers(kind, granted, asked);
}

function isInside(outer: string, inner: string): boolean {
  if (outer === ".") return !inner.startsWith("/") && inner !== ".." && !inner.startsWith("../");
  return inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}

function hasPort(host: string): boolean {
  return /:[0-9]+$/.test(host) && !/^\[[^\]]*$/.test(host);
}

function hostOf(host: string): string {
  return hasPort(host) ? host.replace(/:[0-9]+$/, "") : host;
}
