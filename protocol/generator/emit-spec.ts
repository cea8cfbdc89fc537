import {
  banner,
  type CallRecord,
  type Contract,
  type Located,
  type MessageFile,
  type MethodRecord,
  type NotificationRecord,
} from "./model.ts";
import { directionOf } from "./names.ts";
import { errorTables } from "./spec-errors.ts";
import { exampleBlock, propertyTable, schemaText } from "./spec-schema.ts";
import { fullText } from "./text.ts";

/** `protocol/SPEC.md`: the contract for people. */
export function emitSpec(contract: Contract): string {
  const files = contract.sources.map(({ content }) => content);
  return `<!-- ${banner} -->

# The datmo protocol, version ${contract.protocolVersion}

JSON-RPC 2.0 on the engine's standard input and output, each message framed by a \`Content-Length\` header as in LSP.
\`initialize\` comes first. \`params\` and \`result\` are always objects; params with an unknown name are refused, unknown
names in results are to be ignored. Times (\`…At\`) are RFC 3339 UTC, durations (\`…Ms\`) are milliseconds. Wherever an id
is asked for, a unique prefix of at least four characters will do.

**Plugin access** is what a plugin or agent needs to be granted to call a method: \`never\`, \`read\`, \`write\` or \`exec\`.
**Calls of plugins** go the other way: from the engine to a plugin that provides something, over the same framing.

## Methods

${methodIndex(contract.methods)}
${files.map((file) => nounSection(file, contract)).join("")}
${errorTables(contract.errorTable)}`;
}

function methodIndex(methods: readonly Located<MethodRecord>[]): string {
  const rows = methods.map(
    ({ name, record }) =>
      `| [\`${name}\`](#${anchor(name)}) | ${record.summary} | ${record.pluginAccess} | ${yes(record.cancellable)} | ${yes(record.progress)} |\n`,
  );
  return `| method | does | plugin access | cancellable | progress |\n|---|---|---|---|---|\n${rows.join("")}`;
}

function nounSection(file: MessageFile, contract: Contract): string {
  const methods = contract.methods.filter(({ namespace }) => namespace === file.namespace);
  const notifications = contract.notifications.filter(({ namespace }) => namespace === file.namespace);
  const calls = contract.calls.filter(({ namespace }) => namespace === file.namespace);
  const defs = Object.entries(file.$defs ?? {});
  return [
    `\n## Namespace ${file.namespace}\n\n${file.description}\n`,
    ...methods.map((method) => methodSection(method, contract)),
    ...notifications.map((notification) => notificationSection(notification, contract)),
    ...calls.map((call) => callSection(call, contract)),
    ...defs.map(([name, schema]) => `\n### ${name}\n\n${schemaText(schema)}`),
  ].join("");
}

function methodSection({ name, record }: Located<MethodRecord>, contract: Contract): string {
  const errors =
    record.errors.length === 0 ? "none of its own" : record.errors.map((kind) => `\`${kind}\``).join(", ");
  const traits = [
    `plugin access: ${record.pluginAccess}`,
    ...(record.cancellable ? ["cancellable"] : []),
    ...(record.progress ? ["sends progress"] : []),
    ...(record.plumbing === true ? ["plumbing"] : []),
    `since ${record.since}`,
    record.stability,
  ];
  return `
### ${name}

${fullText(record)}

${traits.join(" · ")}. Errors: ${errors}.

Params

${propertyTable(record.params)}
Result

${propertyTable(record.result)}
${exampleBlock(name, contract.examples)}`;
}

function callSection({ name, record }: Located<CallRecord>, contract: Contract): string {
  return `
### ${name}

${fullText(record)}

Call of a plugin by the engine · since ${record.since} · ${record.stability}.

Params

${propertyTable(record.params)}
Result

${propertyTable(record.result)}
${exampleBlock(name, contract.examples)}`;
}

function notificationSection({ name, record }: Located<NotificationRecord>, contract: Contract): string {
  const ways = {
    clientToEngine: "from the client to the engine",
    engineToClient: "from the engine to the client",
    both: "either way",
  };
  return `
### ${name}

${fullText(record)}

Notification, ${ways[directionOf(record)]} · since ${record.since} · ${record.stability}.

${propertyTable(record.params)}
${exampleBlock(name, contract.examples)}`;
}

/** What GitHub makes of a heading. */
function anchor(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9-]/g, "");
}

function yes(value: boolean): string {
  return value ? "yes" : "";
}
