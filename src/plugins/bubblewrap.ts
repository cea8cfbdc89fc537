import { execFile } from "node:child_process";
import { lstatSync, readlinkSync } from "node:fs";
import { promisify } from "node:util";
import { findExecutable, type Variables } from "../util/executables.ts";

/** What a program of the system's needs of it. */
const SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** What connecting to a host by name needs. */
const NETWORK = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/pki"];
const PROBE_MS = 5_000;

export interface Wrapping {
  readonly bwrap: string;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Folders that are shown empty. */
  readonly hidden: readonly string[];
  readonly network: boolean;
  readonly directory: string;
}

/** The path of a bubblewrap in which this Deno works; undefined when there is none. Never rejects. */
export async function findBubblewrap(variables: Variables, deno: string): Promise<string | undefined> {
  if (process.platform !== "linux" || variables["DATMO_BUBBLEWRAP"] === "off") return undefined;
  const bwrap = findExecutable("bwrap", variables, "/");
  if (bwrap === undefined) return undefined;
  try {
    // Where user namespaces are forbidden it is installed and does not work; Deno's libraries may be elsewhere.
    const words = [
      ...base(bwrap).slice(1),
      "--ro-bind",
      deno,
      deno,
      "--",
      "/bin/sh",
      "-c",
      `exec "$0" --version`,
      deno,
    ];
    await promisify(execFile)(bwrap, words, { timeout: PROBE_MS, env: {} });
    return bwrap;
  } catch {
    return undefined;
  }
}

/** The words that put a command into a place where nothing else exists. The command's own words follow. */
export function wrapped(options: Wrapping): string[] {
  const words = base(options.bwrap);
  if (options.network) {
    words.push("--share-net");
    for (const path of NETWORK) words.push("--ro-bind-try", path, path);
  }
  const binds = [
    ...options.readable.map((path) => ({ path, flag: "--ro-bind-try" })),
    ...options.writable.map((path) => ({ path, flag: "--bind-try" })),
  ];
  // What is inside another comes after it; written to wins over read.
  binds.sort((a, b) => (a.path === b.path ? (a.flag < b.flag ? 1 : -1) : a.path < b.path ? -1 : 1));
  for (const { path, flag } of binds) words.push(flag, path, path);
  for (const path of options.hidden) words.push("--tmpfs", path, "--remount-ro", path);
  words.push("--dir", options.directory, "--chdir", options.directory, "--");
  return words;
}

function base(bwrap: string): string[] {
  const words = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"];
  words.push("--ro-bind", "/usr", "/usr");
  for (const path of SYSTEM) {
    const target = linkTarget(path);
    if (target === undefined) words.push("--ro-bind-try", path, path);
    else words.push("--symlink", target, path);
  }
  // Deno asks for its own process there, and there is no other one to be seen.
  words.push("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp");
  return words;
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
