import {
  banner,
  type Contract,
  type ErrorRow,
  type Example,
  type Located,
  type MethodRecord,
  type NotificationRecord,
  type Schema,
} from "./model.ts";
import { directionOf, refName } from "./names.ts";
import { mapSchema } from "./walk.ts";

/** `protocol/openrpc.json`: the contract for tools, by OpenRPC 1.3.2. */
export function emitOpenrpc(contract: Contract): string {
  const fromClient = contract.notifications.filter(({ record }) => directionOf(record) !== "engineToClient");
  const fromEngine = contract.notifications.filter(({ record }) => directionOf(record) !== "clientToEngine");
  const document = {
    openrpc: "1.3.2",
    info: {
      title: "datmo",
      version: String(contract.protocolVersion),
      description: "JSON-RPC 2.0 over the engine's stdin and stdout, framed by Content-Length as in LSP.",
      license: { name: "MIT" },
      "x-generated": banner,
    },
    methods: [
      ...contract.methods.map((method) => describeMethod(method, contract.examples)),
      ...fromClient.map((notification) => describeNotification(notification, contract.examples)),
    ],
    components: {
      schemas: Object.fromEntries(contract.defs.map(({ name, record }) => [name, openSchema(record)])),
      errors: Object.fromEntries(contract.errorTable.errors.map((row) => [row.kind, describeError(row)])),
    },
    "x-notifications": fromEngine.map((notification) =>
      describeNotification(notification, contract.examples),
    ),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function describeMethod(
  { name, namespace, record }: Located<MethodRecord>,
  examples: readonly Example[],
): object {
  return {
    ...head(name, namespace, record),
    params: describeParams(record.params),
    result: { name: "result", required: true, schema: openSchema(record.result) },
    errors: record.errors.map((kind) => ({ $ref: `#/components/errors/${kind}` })),
    examples: pairings(name, record.params, examples),
    "x-plugin-access": record.pluginAccess,
    "x-cancellable": record.cancellable,
    "x-progress": record.progress,
    "x-since": record.since,
    "x-stability": record.stability,
  };
}

function describeNotification(
  { name, namespace, record }: Located<NotificationRecord>,
  examples: readonly Example[],
): object {
  const valid = examples.filter((example) => example.message === name && example.valid);
  return {
    ...head(name, namespace, record),
    params: describeParams(record.params),
    examples: valid.map((example) => ({
      name: exampleName(example),
      params: exampleParams(example, record.params),
    })),
    "x-since": record.since,
    "x-stability": record.stability,
  };
}

function head(
  name: string,
  namespace: string,
  record: { readonly summary: string; readonly description: string },
): object {
  const description = record.description === "" ? {} : { description: record.description };
  return {
    name,
    tags: [{ name: namespace }],
    summary: record.summary,
    ...description,
    paramStructure: "by-name",
  };
}

/** Params in the order OpenRPC wants, the required ones first. */
function describeParams(params: Schema): object[] {
  const required = new Set(params.required ?? []);
  const all = Object.entries(params.properties ?? {}).map(([name, property]) => ({
    name,
    ...(property.description !== undefined && { description: property.description }),
    required: required.has(name),
    schema: openSchema(property),
  }));
  return [...all.filter((one) => one.required), ...all.filter((one) => !one.required)];
}

/** Each valid example of params beside the first valid result. */
function pairings(name: string, params: Schema, examples: readonly Example[]): object[] {
  const valid = examples.filter((example) => example.message === name && example.valid);
  const result = valid.find((example) => example.part === "result");
  return valid
    .filter((example) => example.part === "params")
    .map((example) => ({
      name: exampleName(example),
      params: exampleParams(example, params),
      ...(result !== undefined && { result: { name: exampleName(result), value: result.value } }),
    }));
}

function exampleParams(example: Example, params: Schema): object[] {
  const given = example.value as Readonly<Record<string, unknown>>;
  return Object.keys(params.properties ?? {})
    .filter((name) => name in given)
    .map((name) => ({ name, value: given[name] }));
}

function exampleName(example: Example): string {
  return example.path.replace(/^.*\//, "").replace(/(\.result)?\.valid\.json$/, "");
}

function describeError({ kind, code, message, description, details, hint }: ErrorRow): object {
  return { code, message, data: { kind, description, hint, details: openSchema(details) } };
}

function openSchema(schema: Schema): Schema {
  return mapSchema(schema, ({ $ref, ...rest }) => {
    if ($ref === undefined) return rest;
    return $ref.endsWith(".schema.json")
      ? { ...rest, type: "object" }
      : { $ref: `#/components/schemas/${refName($ref)}`, ...rest };
  });
}
