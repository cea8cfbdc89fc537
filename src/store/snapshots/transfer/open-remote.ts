import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { BigFilePlace } from "./big-files/big-file-place.ts";
import { noFiles } from "./big-files/no-files.ts";
import { findGitFolder, unusualSetting } from "./folder/git-folder.ts";
import { type FoundGit, findGit } from "./git/find-git.ts";
import type { Variables } from "./git/git-environment.ts";
import { parseRemote, type RemoteAddress } from "./remote-address.ts";
import type { RemoteLink } from "./remote-link.ts";

/** A remote: where references and objects go, and where big files go. */
export interface Remote {
  /** Without a password. */
  readonly shown: string;
  /** Its git directory, when it is on this machine. */
  readonly folder?: string;
  readonly link: RemoteLink;
  readonly files: BigFilePlace;
}

export interface RemoteParts {
  readonly store: ObjectStore;
  readonly variables: Variables;
  /** What relative paths are relative to. */
  readonly projectDirectory: string;
}

type Kind<K extends RemoteAddress["kind"]> = Extract<RemoteAddress, { kind: K }>;

/** Chooses how a remote is reached. Throws REMOTE_INVALID, REMOTE_NOT_FOUND and GIT_NEEDED. */
export async function openRemote(text: string, parts: RemoteParts): Promise<Remote> {
  const address = parseRemote(text, parts.projectDirectory);
  const git = await findGit(parts.variables);
  switch (address.kind) {
    case "folder":
      return openFolder(address, git, parts);
    case "http":
      return openHttp(address, git, parts);
    case "ssh":
      return openSsh(address, git, parts);
    case "git": {
      const files = noFiles(address.shown, "git:// carries no big files");
      return { shown: address.shown, files, link: await nativeLink(address, git, parts) };
    }
  }
}

async function openFolder(address: Kind<"folder">, git: FoundGit, parts: RemoteParts): Promise<Remote> {
  const { store } = parts;
  const { shown } = address;
  const folder = findGitFolder(store.fs, address.path, shown);
  if (realpathSync(folder) === realpathSync(store.gitDirectory)) {
    throw errors.REMOTE_INVALID({ remote: shown, reason: "it is this project's own store" });
  }
  if (isStore(store.fs, folder)) {
    const reason = "it is the store of another project; share through a repository between them";
    throw errors.REMOTE_INVALID({ remote: shown, reason });
  }
  const { FolderFiles } = await import("./folder/folder-files.ts");
  const files = new FolderFiles(store, folder);
  const unusual = unusualSetting(store.fs, folder);
  const { FolderLink } = await import("./folder/folder-link.ts");
  const direct = new FolderLink(store, folder);
  if ("missing" in git) {
    if (!unusual) return { shown, folder, files, link: direct };
    throw errors.GIT_NEEDED({ remote: shown, reason: `it has the setting ${unusual}` });
  }
  const native = await nativeLink({ ...address, path: folder }, git, parts);
  if (unusual) return { shown, folder, files, link: native };
  // Reading needs no other program; writing is left to git, which packs better and knows more settings.
  const link: RemoteLink = {
    list: () => direct.list(),
    receive: (refs, have, take) => direct.receive(refs, have, take),
    send: (updates, options) => native.send(updates, options),
  };
  return { shown, folder, files, link };
}

/** True for the `git` in a `.datmo`: only its own project writes there. */
function isStore(fs: FileSystem, folder: string): boolean {
  const above = dirname(realpathSync(folder));
  return (
    basename(above) === ".datmo" &&
    fs.statSync(join(above, "format"), { throwIfNoEntry: false }) !== undefined
  );
}

async function openHttp(address: Kind<"http">, git: FoundGit, parts: RemoteParts): Promise<Remote> {
  const { store, variables } = parts;
  const { shown, url } = address;
  const { HttpSession } = await import("./http/http-login.ts");
  const { LfsFiles } = await import("./big-files/lfs-files.ts");
  const program = "program" in git ? git.program : undefined;
  const session = new HttpSession(address, program, variables);
  const server = { url: `${url.endsWith(".git") ? url : `${url}.git`}/info/lfs`, session, headers: {} };
  const files = new LfsFiles(store, shown, async () => server);
  if (program !== undefined) return { shown, files, link: await nativeLink(address, git, parts) };
  const { HttpLink } = await import("./http/http-link.ts");
  return { shown, files, link: new HttpLink(store, session, address) };
}

async function openSsh(address: Kind<"ssh">, git: FoundGit, parts: RemoteParts): Promise<Remote> {
  const { store, variables } = parts;
  const { shown, host } = address;
  const link = await nativeLink(address, git, parts);
  const { SshCommand } = await import("./big-files/ssh-command.ts");
  const { SshFiles } = await import("./big-files/ssh-files.ts");
  const program = "program" in git ? git.program : "git";
  const files = new SshFiles(store, { shown, path: host.path }, new SshCommand(host, program, variables));
  return { shown, files, link };
}

async function nativeLink(address: RemoteAddress, git: FoundGit, parts: RemoteParts): Promise<RemoteLink> {
  if ("missing" in git) throw errors.GIT_NEEDED({ remote: address.shown, reason: git.missing });
  const { NativeLink } = await import("./git/native-link.ts");
  return new NativeLink(parts.store, address, git.program, parts.variables);
}
