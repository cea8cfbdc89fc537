import {
  banner,
  type CallRecord,
  type Contract,
  type Located,
  type MethodRecord,
  type NotificationRecord,
} from "./model.ts";
import { directionOf, paramsName, resultName } from "./names.ts";
import { docComment } from "./typescript-type.ts";

/** `src/protocol/methods.ts`: which method takes and answers what, and what else is known of each. */
export function emitMethods(contract: Contract): string {
  const { methods, notifications } = contract;
  const plumbing = methods.filter((method) => method.record.plumbing === true);
  return `// ${banner}
import type { ErrorKind } from "./errors.ts";
import type {
${typeNames(contract)
  .map((name) => `  ${name},\n`)
  .join("")}} from "./types.ts";

/** Version of the protocol; a client and an engine with different ones do not talk. */
export const protocolVersion = ${contract.protocolVersion};

/** Every method. */
export interface MethodMap {
${methods.map(methodLine).join("")}}

/** Every notification, whichever way it goes. */
export interface NotificationMap {
${notifications.map(notificationLine).join("")}}

${pluginCalls(contract)}
export type Method = keyof MethodMap;

/** Methods of the connection itself: answered by \`rpc/\`, no handler of a service. */
export type PlumbingMethod = ${union(plumbing)};

export type ServiceMethod = Exclude<Method, PlumbingMethod>;

/** Notifications that the engine sends. */
export type EngineNotification = ${union(notifications.filter((n) => directionOf(n.record) !== "clientToEngine"))};

/** Notifications that the engine takes. */
export type ClientNotification = ${union(notifications.filter((n) => directionOf(n.record) !== "engineToClient"))};

/** A handler for each method of a service; one missing or too many does not compile. */
export type Handlers<Ctx> = {
  readonly [M in ServiceMethod]: (
    params: MethodMap[M]["params"],
    ctx: Ctx,
  ) => Promise<MethodMap[M]["result"]> | MethodMap[M]["result"];
};

export interface MethodInfo {
  readonly cancellable: boolean;
  /** It sends \`$/progress\` when its params hold a \`progressToken\`. */
  readonly progress: boolean;
  /** What a plugin or agent needs to be granted to call it. */
  readonly pluginAccess: "never" | "read" | "write" | "exec";
  readonly plumbing: boolean;
  /** Errors a caller should expect, besides those that any method may have. */
  readonly errors: readonly ErrorKind[];
}

export const methodInfo = {
${methods.map(infoLine).join("")}} as const satisfies Record<Method, MethodInfo>;
`;
}

function pluginCalls({ calls }: Contract): string {
  return `/** What the engine asks plugins that provide something. */
export interface PluginCallMap {
${calls.map(callLine).join("")}}

export type PluginCall = keyof PluginCallMap;
`;
}

function typeNames(contract: Contract): string[] {
  const ofMethods = contract.methods.flatMap(({ name }) => [paramsName(name), resultName(name)]);
  const ofCalls = contract.calls.flatMap(({ name }) => [paramsName(name), resultName(name)]);
  return [...ofMethods, ...ofCalls, ...contract.notifications.map(({ name }) => paramsName(name))].sort();
}

function callLine({ name, record }: Located<CallRecord>): string {
  return `${docComment(record.summary, "  ")}  readonly ${key(name)}: { readonly params: ${paramsName(name)}; readonly result: ${resultName(name)} };\n`;
}

function methodLine({ name, record }: Located<MethodRecord>): string {
  return `${docComment(record.summary, "  ")}  readonly ${key(name)}: { readonly params: ${paramsName(name)}; readonly result: ${resultName(name)} };\n`;
}

function notificationLine({ name, record }: Located<NotificationRecord>): string {
  return `${docComment(record.summary, "  ")}  readonly ${key(name)}: { readonly params: ${paramsName(name)} };\n`;
}

function infoLine({ name, record }: Located<MethodRecord>): string {
  const { cancellable, progress, pluginAccess, plumbing = false, errors } = record;
  const fields = Object.entries({ cancellable, progress, pluginAccess, plumbing, errors });
  const body = fields.map(([field, value]) => `${field}: ${JSON.stringify(value).replaceAll('","', '", "')}`);
  return `  ${key(name)}: { ${body.join(", ")} },\n`;
}

function union(messages: readonly Located<unknown>[]): string {
  return messages.length === 0 ? "never" : messages.map(({ name }) => JSON.stringify(name)).join(" | ");
}

function key(name: string): string {
  return /^[a-z]+$/i.test(name) ? name : JSON.stringify(name);
}
