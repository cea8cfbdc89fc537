import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { errors } from "../../../protocol/errors.ts";

/** Where a remote is. `shown` is what people and records see of it: never a password. */
export type RemoteAddress =
  | { readonly kind: "folder"; readonly shown: string; readonly path: string }
  | { readonly kind: "http"; readonly shown: string; readonly url: string; readonly login?: Login }
  | { readonly kind: "ssh"; readonly shown: string; readonly url: string; readonly host: SshHost }
  | { readonly kind: "git"; readonly shown: string; readonly url: string };

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface SshHost {
  /** `user@host` or `host`, as ssh takes it. */
  readonly target: string;
  readonly port?: string;
  /** As the server is to take it. */
  readonly path: string;
}

const SCHEMES = "https, http, ssh, git and file";
const LONGEST = 300;
const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._+@~-]*$/;

/**
 * Reads the name of a remote as git does, but takes only what leads to a repository: nothing that git would
 * execute, and nothing that could be an option. Paths are relative to `directory`. Throws REMOTE_INVALID.
 */
export function parseRemote(text: string, directory: string): RemoteAddress {
  const refuse = (reason: string): never => {
    const remote = withoutPassword(text.replace(/[\x00-\x1f\x7f]/g, "?")).slice(0, LONGEST);
    throw errors.REMOTE_INVALID({ remote, reason });
  };
  if (text.trim() === "") return refuse("it is empty");
  if (/[\x00-\x1f\x7f]/.test(text)) return refuse("it holds a control character");
  if (text.startsWith("-")) return refuse("it begins like an option");
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(text)) return refuse(`only ${SCHEMES} addresses are followed`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return shortForm(text, directory, refuse);
  if (scheme === "file") return { kind: "folder", shown: text, path: filePath(text, refuse) };
  if (!["https", "http", "ssh", "git"].includes(scheme)) {
    return refuse(`only ${SCHEMES} addresses are followed`);
  }
  return networkAddress(text, refuse);
}

/** The text with what could be a password or a token taken out of every address in it. */
export function withoutPassword(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*):\/\/([^\s/?#]*)@/gi,
    (_, scheme: string, login: string): string => {
      // Over ssh the user is part of the address; over http a token is often sent as the user.
      const user = /^https?$/i.test(scheme) ? "" : (login.split(":", 1)[0] ?? "");
      return `${scheme}://${user === "" ? "" : `${user}@`}`;
    },
  );
}

/** `user@host:path`, or a path. */
function shortForm(text: string, directory: string, refuse: (reason: string) => never): RemoteAddress {
  const colon = text.startsWith("[") ? text.indexOf("]:") + 1 : text.indexOf(":");
  const slash = text.indexOf("/");
  const isDrive = process.platform === "win32" && /^[A-Za-z]:/.test(text);
  const isHost = colon > 0 && (slash < 0 || colon < slash) && !isDrive;
  if (!isHost) return { kind: "folder", shown: text, path: resolve(directory, text) };
  const before = text.slice(0, colon);
  const at = before.lastIndexOf("@");
  const host = before.slice(at + 1);
  const path = text.slice(colon + 1);
  if (!HOST.test(host)) return refuse("the name of the host is not one");
  if (at >= 0 && !USER.test(before.slice(0, at))) return refuse("the name of the user is not one");
  if (path === "" || path.startsWith("-")) return refuse("it names no repository");
  const target = before.replace(/[[\]]/g, "");
  return { kind: "ssh", shown: text, url: text, host: { target, path } };
}

function networkAddress(text: string, refuse: (reason: string) => never): RemoteAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("it is not an address");
  }
  if (!HOST.test(url.hostname)) return refuse("the name of the host is not one");
  if (url.search !== "" || url.hash !== "") return refuse("it holds a query");
  if (url.pathname === "" || url.pathname === "/") return refuse("it names no repository");
  const shown = withoutPassword(text);
  if (url.protocol === "ssh:") return sshAddress(url, text, shown, refuse);
  if (url.protocol === "git:") return { kind: "git", shown, url: text };
  const user = decode(url.username, refuse);
  const password = decode(url.password, refuse);
  url.username = "";
  url.password = "";
  const plain = url.href.replace(/\/+$/, "");
  return { kind: "http", shown, url: plain, ...(user || password ? { login: { user, password } } : {}) };
}

function sshAddress(url: URL, text: string, shown: string, refuse: (reason: string) => never): RemoteAddress {
  const user = decode(url.username, refuse);
  if (user !== "" && !USER.test(user)) return refuse("the name of the user is not one");
  // `ssh://host/~name/x` is relative to a home, as git has it.
  const path = decode(url.pathname, refuse).replace(/^\/~/, "~");
  const host = url.hostname.replace(/[[\]]/g, "");
  const target = user === "" ? host : `${user}@${host}`;
  const port = url.port === "" ? {} : { port: url.port };
  // ssh takes no password from an address; one that is there is left out.
  const clean = text.replace(/^(ssh:\/\/[^/@:]*):[^/@]*@/i, "$1@");
  return { kind: "ssh", shown, url: clean, host: { target, path, ...port } };
}

function filePath(text: string, refuse: (reason: string) => never): string {
  try {
    const url = new URL(text);
    if (url.search !== "" || url.hash !== "") return refuse("it holds a query");
    return fileURLToPath(url);
  } catch {
    return refuse("it is not a path on this machine");
  }
}

function decode(text: string, refuse: (reason: string) => never): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse("it is not an address");
  }
}
