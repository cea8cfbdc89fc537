import { methodInfo } from "../protocol/methods.ts";
import { EVERY, PERMISSION_KINDS, type PermissionKind, type Permissions } from "./plugin-permissions.ts";

/** What a permission lets a plugin do, for a person who has to decide. */
export function permissionSentence(kind: PermissionKind, value: string): string {
  switch (kind) {
    case "read":
      return value === "."
        ? "read every file of the project, except what datmo keeps"
        : `read ${value} and what is below it`;
    case "write":
      return value === "."
        ? "change and delete every file of the project, except what datmo keeps"
        : `write, change and delete ${value} and what is below it`;
    case "net":
      return `send to and receive from ${value} over the network`;
    case "env":
      return `read the environment variable ${value}`;
    case "run":
      return value === EVERY
        ? "start any program, outside the sandbox: it may then do everything that you may"
        : `start the program ${value}, outside the sandbox`;
    case "engine":
      return engineSentence(value);
  }
}

/** `read data; net localhost:5432`, or `nothing`. */
export function permissionsText(permissions: Permissions): string {
  const parts = PERMISSION_KINDS.filter((kind) => permissions[kind].length > 0).map(
    (kind) => `${kind} ${permissions[kind].join(", ")}`,
  );
  return parts.length === 0 ? "nothing but to run" : parts.join("; ");
}

function engineSentence(method: string): string {
  const info = Object.hasOwn(methodInfo, method) ? methodInfo[method as keyof typeof methodInfo] : undefined;
  const what = { read: "read what datmo keeps", write: "change what datmo keeps", exec: "run commands" };
  const access = info?.pluginAccess;
  const means = access === undefined || access === "never" ? "" : ` (${what[access]})`;
  return `call the engine's ${method}${means}`;
}
