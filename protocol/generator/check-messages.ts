import type { Contract, Located, Schema } from "./model.ts";
import { paramsName, resultName } from "./names.ts";
import { walkSchema } from "./walk.ts";

/** What the meta schema cannot say: names, references, and what absence means. */
export function checkMessages(contract: Contract): string[] {
  return [
    ...checkNames(contract),
    ...checkErrorKinds(contract),
    ...allSchemas(contract).flatMap(({ file, path, schema }) => checkSchema(contract, file, path, schema)),
  ];
}

function checkNames(contract: Contract): string[] {
  const { defs, methods, notifications, calls, sources } = contract;
  const types = [
    ...defs.map(({ name }) => name),
    ...methods.flatMap(({ name }) => [paramsName(name), resultName(name)]),
    ...notifications.map(({ name }) => paramsName(name)),
    ...calls.flatMap(({ name }) => [paramsName(name), resultName(name)]),
  ];
  const misfiled = sources.filter(({ name, content }) => name !== `${content.namespace}.json`);
  const strangers = [...methods, ...notifications, ...calls].filter(isStranger);
  return [
    ...repeated(types).map((name) => `the type ${name} is defined twice`),
    ...repeated([...methods, ...notifications, ...calls].map(({ name }) => name)).map(
      (name) => `${name} is described twice`,
    ),
    ...misfiled.map(({ name, content }) => `messages/${name} must be called ${content.namespace}.json`),
    ...strangers.map(({ name, file }) => `messages/${file}: ${name} belongs to another noun`),
  ];
}

/** `lifecycle` holds the plumbing, whose names are LSP's. */
function isStranger({ name, namespace }: Located<unknown>): boolean {
  return namespace === "lifecycle" ? name.includes(".") : !name.startsWith(`${namespace}.`);
}

function checkErrorKinds(contract: Contract): string[] {
  const kinds = new Set(contract.errorTable.errors.map(({ kind }) => kind));
  return contract.methods.flatMap(({ name, record }) =>
    record.errors.filter((kind) => !kinds.has(kind)).map((kind) => `${name}: errors.json has no ${kind}`),
  );
}

interface Placed {
  readonly file: string;
  readonly path: string;
  readonly schema: Schema;
}

function allSchemas(contract: Contract): Placed[] {
  return [
    ...contract.defs.map(({ name, file, record }) => ({ file, path: name, schema: record })),
    ...[...contract.methods, ...contract.calls].flatMap(({ name, file, record }) => [
      { file, path: `${name} params`, schema: record.params },
      { file, path: `${name} result`, schema: record.result },
    ]),
    ...contract.notifications.map(({ name, file, record }) => ({ file, path: name, schema: record.params })),
  ];
}

function checkSchema(contract: Contract, file: string, path: string, schema: Schema): string[] {
  const problems: string[] = [];
  walkSchema(schema, path, (part, place) => {
    if (part.$ref !== undefined && !leadsSomewhere(contract, file, part.$ref)) {
      problems.push(`messages/${file}: ${place}: ${part.$ref} leads nowhere`);
    }
    problems.push(...checkProperties(part).map((problem) => `messages/${file}: ${place}.${problem}`));
  });
  return problems;
}

function leadsSomewhere(contract: Contract, file: string, ref: string): boolean {
  if (ref.endsWith(".schema.json")) return contract.documents.has(ref.replace(/^.*\//, ""));
  const [target, name] = ref.split("#/$defs/");
  return contract.defs.some((def) => def.name === name && def.file === (target === "" ? file : target));
}

function checkProperties(schema: Schema): string[] {
  const properties = schema.properties ?? {};
  const required = new Set(schema.required ?? []);
  const unknown = [...required].filter((name) => !Object.hasOwn(properties, name));
  const silent = Object.keys(properties).filter(
    (name) => !required.has(name) && !/\babsent\b/i.test(properties[name]!.description ?? ""),
  );
  return [
    ...unknown.map((name) => `${name} is required but not described`),
    ...silent.map((name) => `${name} is optional: its description must say what "Absent:" means`),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
