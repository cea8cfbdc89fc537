import { errors } from "../protocol/errors.ts";
import type { InitializeParams } from "../protocol/types.ts";
import type { JsonObject } from "../util/json.ts";

/*
 * `initialize` is answered before any other code is loaded, the generated validators included, so its params are
 * checked here by hand; a test holds this against the examples of the contract.
 */

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 1;
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const optional = (check: Check): Check => {
  return (value) => value === undefined || check(value);
};

const FIELDS: readonly (readonly [path: string, check: Check, expected: string])[] = [
  ["", isObject, "must be object"],
  ["/protocolVersion", isCount, "must be integer"],
  ["/client", isObject, "must be object"],
  ["/client/name", isText, "must be string"],
  ["/client/version", isText, "must be string"],
  ["/client/language", optional(isText), "must be string"],
  ["/processId", optional(isCount), "must be integer"],
  ["/projectDir", optional((value) => isText(value) && (value as string).length <= 4096), "must be a path"],
  ["/capabilities", optional(isObject), "must be object"],
  ["/capabilities/notifications", optional(isTexts), "must be array of strings"],
  ["/capabilities/logMessages", optional((value) => typeof value === "boolean"), "must be boolean"],
];

const KNOWN = new Set(["protocolVersion", "client", "processId", "projectDir", "capabilities"]);

/** Throws INVALID_PARAMS, or PROTOCOL_VERSION_UNSUPPORTED when the versions differ. */
export function readInitialize(params: unknown, protocolVersion: number): InitializeParams {
  const asked = isObject(params) ? valueAt(params, "/protocolVersion") : undefined;
  // First of all: another version may have other params.
  if (isCount(asked) && asked !== protocolVersion) {
    throw errors.PROTOCOL_VERSION_UNSUPPORTED({ engine: protocolVersion, client: asked as number });
  }
  for (const [path, check, expected] of FIELDS) {
    if (!check(valueAt(params, path))) refuse(path, expected);
  }
  const initialize = params as InitializeParams;
  const unknown = Object.keys(initialize).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) refuse("", `has no property "${unknown}"`);
  return initialize;
}

/** Throws INVALID_PARAMS unless there are no params, in whichever way a client says so. */
export function readShutdown(params: unknown): void {
  if (params === undefined || params === null) return;
  if (!isObject(params)) refuse("", "must be object", "shutdown");
  const unknown = Object.keys(params)[0];
  if (unknown !== undefined) refuse("", `has no property "${unknown}"`, "shutdown");
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function valueAt(params: unknown, path: string): unknown {
  const names = path.split("/").slice(1);
  return names.reduce((value, name) => (value as JsonObject | undefined)?.[name], params);
}

function refuse(path: string, message: string, method = "initialize"): never {
  const place = path === "" ? method : `${method}: ${path.slice(1).replaceAll("/", ".")}`;
  throw errors.INVALID_PARAMS({ summary: `${place} ${message}.`, problems: [{ path, message }] });
}
