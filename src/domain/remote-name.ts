import { createHash } from "node:crypto";
import { resolve } from "node:path";

/** What people and records see of a remote: never a password or token. */
export function shownRemote(remote: string): string {
  return remote.replace(
    /\b([a-z][a-z0-9+.-]*):\/\/([^\s/?#]*)@/gi,
    (_, scheme: string, login: string): string => {
      // Over ssh the user is part of the address; over http a token is often sent as the user.
      const user = /^https?$/i.test(scheme) ? "" : (login.split(":", 1)[0] ?? "");
      return `${scheme}://${user === "" ? "" : `${user}@`}`;
    },
  );
}

/** The same remote, named so that it is found from any folder: paths are made absolute, from `directory`. */
export function fullRemote(remote: string, directory: string): string {
  const isAddress = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(remote);
  const colon = remote.indexOf(":");
  const slash = remote.indexOf("/");
  const isHost = colon > 0 && (slash < 0 || colon < slash);
  const isPath = remote !== "" && !isAddress && !isHost && !remote.startsWith("-");
  return isPath ? resolve(directory, remote) : remote;
}

/** A short name for what is remembered of a remote. */
export function remoteKey(remote: string): string {
  const plain = shownRemote(remote).replace(/\/+$/, "");
  return createHash("sha256").update(plain).digest("hex").slice(0, 16);
}
