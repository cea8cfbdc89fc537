import {
  banner,
  type Contract,
  type Located,
  type MethodRecord,
  type Outputs,
  type Schema,
} from "./model.ts";
import { paramsName, refName, resultName } from "./names.ts";
import { isPythonName, quote } from "./python-text.ts";
import { PythonTypes } from "./python-types.ts";
import { capital, fullText, wrap } from "./text.ts";

/** Nouns whose functions are written by hand, and plumbing. */
const notHere = new Set(["snapshot", "run", "config", "lifecycle"]);
/** What is written by hand and belongs to a noun: its module, and the names in it. */
const byHand: Readonly<Record<string, { readonly module: string; readonly names: readonly string[] }>> = {
  plugin: { module: "_plugin_serve", names: ["serve"] },
};
/** What the client itself takes care of. */
const ours = new Set(["progressToken", "originId", "cursor"]);
const width = 106;
const atMost = "At most this many. Absent: all.";

/** `clients/python/src/datmo/<noun>.py`: a function for each method, params as keywords in snake_case. */
export function emitPythonNouns(contract: Contract): Outputs {
  const outputs: Outputs = new Map();
  for (const { content } of contract.sources) {
    const noun = content.namespace;
    const methods = contract.methods.filter(
      ({ namespace, record }) => namespace === noun && !record.plumbing,
    );
    if (notHere.has(noun) || methods.length === 0) continue;
    outputs.set(`clients/python/src/datmo/${noun}.py`, module(noun, content.description, methods, contract));
  }
  const nouns = [...outputs.keys()].map((path) => /(\w+)\.py$/.exec(path)![1]!).sort();
  outputs.set("clients/python/src/datmo/_nouns.py", list(nouns));
  return outputs;
}

/** Which nouns there are, for the package itself and for type checkers. */
function list(nouns: readonly string[]): string {
  const names = nouns.map((noun) => `    ${quote(noun)},\n`).join("");
  return `# ${banner}
"""The nouns of the protocol, each a module of functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import ${nouns.join(", ")}

__all__ = [
${names}]
`;
}

function module(
  noun: string,
  description: string,
  methods: readonly Located<MethodRecord>[],
  contract: Contract,
): string {
  const ownPart = byHand[noun];
  const functions = methods.map((method) => makeFunction(method, contract));
  const known = /\b[A-Z][A-Za-z]+\b/g;
  const used = new Set(functions.flatMap(({ types }) => types.flatMap((type) => type.match(known) ?? [])));
  const typing = ["Any", "Dict", "List", "Literal", "Mapping", "Optional", "Sequence", "Union"];
  const own = new Set(["None", "ExecutedRun", "True", "False", ...typing]);
  const wire = [...used].filter((name) => !own.has(name)).sort();
  const imports = [
    `from typing import ${typing.filter((name) => used.has(name)).join(", ")}`,
    ...(used.has("ExecutedRun") ? ["from ._executed import ExecutedRun"] : []),
    ...(wire.length > 0 ? [`from ._protocol import (\n        ${wire.join(",\n        ")},\n    )`] : []),
  ].filter((line) => !line.endsWith("import "));
  const helpers = ["call_method", "items", "mapping", "executed"].filter((name) =>
    functions.some(({ text }) => new RegExp(`\\b${name}\\(`).test(text)),
  );
  const joined = ownPart
    ? `\nfrom .${ownPart.module} import ${ownPart.names.map((it) => `${it} as ${it}`).join(", ")}`
    : "";
  const lists = functions.some(({ text }) => text.startsWith("def list("));
  return `# ${banner}
"""${wrap(description, width).join("\n")}

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with \`\`DATMO_MODE=disabled\`\` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import ${helpers.sort().join(", ")}${joined}

TYPE_CHECKING = False
if TYPE_CHECKING:
    ${imports.join("\n    ")}
${functions.map(({ text }) => `\n\n${text}`).join("")}${lists ? "\n\nls = list\n" : ""}`;
}

interface Argument {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
}

function makeFunction(
  { name, record }: Located<MethodRecord>,
  contract: Contract,
): { text: string; types: string[] } {
  const verb = name.split(".")[1]!;
  const required = new Set(record.params.required ?? []);
  const types = new PythonTypes();
  const all = Object.entries(record.params.properties ?? {})
    .filter(([key]) => !ours.has(key))
    .map(([key, schema]) => ({
      key,
      name: snake(key),
      type: argumentType(types.typeOf(schema, paramsName(name) + capital(key))),
      required: required.has(key),
      doc: key === "limit" ? atMost : describe(schema, contract),
    }));
  const must = all.filter((argument) => argument.required);
  const may = all.filter((argument) => !argument.required);
  const answer = answerOf(name, record.result, record.params);
  const formals = [
    ...must.map(({ name, type }) => `${name}: ${type}`),
    ...(may.length > 0 ? ["*"] : []),
    ...may.map(({ name, type }) => `${name}: Optional[${type}] = None`),
  ];
  const head = formals.length > 2 ? `\n    ${formals.join(",\n    ")},\n` : formals.join(", ");
  const text = `def ${snake(verb)}(${head}) -> ${answer.type}:
${documentation(record, [...must, ...may], answer.doc)}    result: ${answer.type} = ${answer.wrap(quote(name), given(all))}
    return result
`;
  return {
    text,
    types: [answer.type, ...all.map(({ type, required }) => (required ? type : `Optional[${type}]`))],
  };
}

interface Answer {
  readonly type: string;
  readonly doc: string;
  wrap(method: string, given: string): string;
}

/** Lists come whole, an answer that is just a run is one to wait for. */
function answerOf(name: string, result: Schema, params: Schema): Answer {
  const properties = result.properties ?? {};
  const keys = Object.keys(properties);
  if (params.properties?.cursor !== undefined && properties.items?.items !== undefined) {
    const type = new PythonTypes().typeOf(properties.items.items, `${resultName(name)}ItemsItem`);
    return { type: `List[${type}]`, doc: "", wrap: (method, given) => `items(${method}, ${given})` };
  }
  if (keys.length === 1 && properties.run?.$ref !== undefined && refName(properties.run.$ref) === "Run") {
    const wrap = (method: string, given: string): string => `executed(${method}, ${given})`;
    return { type: "ExecutedRun", doc: "The run, which can be waited for.", wrap };
  }
  const doc = keys.map((key) => `\`\`${key}\`\``).join(", ");
  return {
    type: resultName(name),
    doc: doc && `Answers ${doc}.`,
    wrap: (method, given) => `call_method(${method}, ${given})`,
  };
}

function given(all: readonly Argument[]): string {
  if (all.length === 0) return "{}";
  const pairs = all.map(({ key, name, type }) =>
    type === "Mapping[str, Any]"
      ? `${quote(key)}: mapping(${name}, ${quote(name)})`
      : `${quote(key)}: ${name}`,
  );
  const line = `{${pairs.join(", ")}}`;
  return line.length < 90 ? line : `{\n        ${pairs.join(",\n        ")},\n    }`;
}

function argumentType(type: string): string {
  return type === "JsonObject"
    ? "Mapping[str, Any]"
    : type.replace(/^List\[/, "Sequence[").replace(/^Dict\[/, "Mapping[");
}

function documentation(record: MethodRecord, all: readonly Argument[], answer: string): string {
  const raises = record.errors.length > 0 ? `Raises DatmoError: ${record.errors.join(", ")}.` : "";
  const [summary, rest] = [record.summary, fullText(record).slice(record.summary.length).trim()];
  const body = [
    ...(rest === "" ? [] : ["", ...wrap(rest, width)]),
    ...(all.length > 0 ? [""] : []),
    ...all.flatMap(({ name, doc }) => hanging(`\`\`${name}\`\`: ${doc}`)),
    ...(answer === "" && raises === "" ? [] : ["", ...wrap(`${answer} ${raises}`, width)]),
  ];
  const lines = [...wrap(`"""${escaped(summary)}`, width), ...body.map(escaped)];
  if (body.length === 0) return `    ${lines.join("\n    ")}"""\n`;
  return `${lines.map((line) => (line === "" ? "" : `    ${line}`)).join("\n")}\n    """\n`;
}

function hanging(text: string): string[] {
  return wrap(text, width - 4).map((line, index) => (index === 0 ? line : `    ${line}`));
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('""" ', "''' ");
}

function describe(schema: Schema, contract: Contract): string {
  if (schema.description !== undefined || schema.$ref === undefined) return schema.description ?? "";
  const named = refName(schema.$ref);
  return contract.defs.find(({ name }) => name === named)?.record.description ?? "";
}

function snake(key: string): string {
  const name = key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  return isPythonName(name) ? name : `${name}_`;
}
