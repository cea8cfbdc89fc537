import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { banner, type Contract, type Located, type MethodRecord, type Schema } from "./model.ts";
import { snakeName } from "./names.ts";
import { ascii, formals, isList, rFunction, rParams, targetOf } from "./r-text.ts";
import { fullText, wrap } from "./text.ts";

/** A page in `clients/r/man/` per method, and the package's NAMESPACE. */
export function emitRDocs(contract: Contract, root: string): [string, string][] {
  const methods = contract.methods.filter(({ record }) => record.plumbing !== true);
  const pages = methods.map((method): [string, string] => [
    `clients/r/man/${rFunction(method.name)}.Rd`,
    page(method, contract),
  ]);
  return [...pages, ["clients/r/NAMESPACE", namespace(methods, join(root, "clients", "r", "R"))]];
}

function page({ name, record }: Located<MethodRecord>, contract: Contract): string {
  const params = rParams(record).map(([key, property]) => [
    snakeName(key),
    describeParam(key, property, record, contract),
  ]);
  const items = [
    ...params,
    ["engine", "From \\code{\\link{datmo_engine}}. Absent: the current folder's project."],
  ];
  const errors = record.errors.map((kind) => `\\code{datmo_error_${kind.toLowerCase()}}`);
  return `% ${banner}
\\name{${rFunction(name)}}
\\alias{${rFunction(name)}}
\\title{${rd(record.summary.replace(/[.]$/, ""))}}
\\usage{
${rFunction(name)}(${formals(record, "  ")})
}
\\arguments{
${items.map(([item, text]) => `\\item{${item}}{${folded(text ?? "")}}`).join("\n\n")}
}
\\value{
${folded(value(record, contract))}
}
\\description{
${folded(rd(fullText(record)))}
}
\\details{
Request \\code{${name}} of the protocol.${errors.length > 0 ? `\n${folded(`Errors: ${errors.join(", ")}.`)}` : ""}
}
`;
}

/** In R a list method reads all pages. */
function describeParam(key: string, property: Schema, record: MethodRecord, contract: Contract): string {
  if (isList(record) && key === "limit") return "At most this many items. Absent: all.";
  if (key === "cursor") {
    return "Attribute \\code{next_cursor} of the answer before. Absent: from the beginning.";
  }
  return rd(property.description ?? targetOf(property, contract).description ?? "");
}

function value(record: MethodRecord, contract: Contract): string {
  const properties = Object.entries(record.result.properties ?? {});
  if (isList(record)) {
    const items = targetOf(record.result.properties?.["items"]?.items ?? {}, contract);
    return `A data frame${columns(items)}.`;
  }
  const [first, ...rest] = properties;
  if (first === undefined) return "Nothing, invisibly.";
  if (rest.length > 0) {
    return `A list: ${properties.map(([key]) => `\\code{${snakeName(key)}}`).join(", ")}.`;
  }
  const [key, schema] = first;
  const target = targetOf(schema, contract);
  if (target.type === "array") return `${rd(schema.description ?? target.description ?? key)}`;
  return `A list of class \\code{datmo_record}: ${rd(schema.description ?? target.description ?? key)}`;
}

function columns(items: Schema): string {
  const names = Object.keys(items.properties ?? {}).map((key) => `\\code{${snakeName(key)}}`);
  return names.length === 0 ? "" : ` with columns ${names.join(", ")}`;
}

function folded(text: string): string {
  return wrap(text, 100).join("\n");
}

function rd(text: string): string {
  const escaped = ascii(text).replace(/[\\%{}]/g, (char) => `\\${char}`);
  return escaped.replace(/`([^`]+)`/g, "\\code{$1}");
}

/** Exports: a function per method, and what `@export` stands over in the files of the package. */
function namespace(methods: readonly Located<MethodRecord>[], folder: string): string {
  const written = writtenExports(folder);
  const isMethod = /^(print|as\.data\.frame)\.(datmo_\w+)$/;
  const s3 = written.flatMap((name) => {
    const found = isMethod.exec(name);
    return found ? [`S3method(${found[1]}, ${found[2]})`] : [];
  });
  const exported = [
    ...written.filter((name) => !isMethod.test(name)),
    ...methods.map(({ name }) => rFunction(name)),
  ];
  const lines = [...s3.sort(), ...exported.sort().map((name) => `export(${name})`)];
  return `# ${banner}\n\n${lines.join("\n")}\n`;
}

function writtenExports(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith(".R") && name !== "protocol.R");
  } catch {
    return [];
  }
  return files.sort().flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return [...text.matchAll(/^#' @export\n([\w.]+) <- /gm)].map((found) => found[1] ?? "");
  });
}
