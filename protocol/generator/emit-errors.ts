import { banner, type Contract, type ErrorRow } from "./model.ts";
import { docComment, tsType } from "./typescript-type.ts";

/** `src/protocol/errors.ts`: one data table, one builder, and types that say what each kind needs. */
export function emitErrors(contract: Contract): string {
  const { categories, errors } = contract.errorTable;
  return `// ${banner}
import type { JsonObject } from "./types.ts";

export type ErrorCategory = ${categories.map((row) => JSON.stringify(row.name)).join(" | ")};

/** Details of each kind of error, by kind. */
export interface ErrorDetails {
${errors.map(detailsLine).join("")}}

export type ErrorKind = keyof ErrorDetails;

export interface ErrorInfo {
  /** Stable for ever, never reused. */
  readonly code: number;
  readonly category: ErrorCategory;
  /** With placeholders: \`{name}\` stands for a field of the details. */
  readonly message: string;
  /** With placeholders; empty when there is nothing to advise. */
  readonly hint: string;
  readonly exitCode: number;
  readonly retryable: boolean;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Advice that fits the case better than the one in the table. */
  readonly hint?: string;
}

/** One factory per kind of error. */
export interface ErrorFactories {
${errors.map(factoryLine).join("")}}

const info = (
  code: number,
  category: ErrorCategory,
  exitCode: number,
  retryable: boolean,
  message: string,
  hint: string,
): ErrorInfo => ({ code, category, message, hint, exitCode, retryable });

export const errorTable: Readonly<Record<ErrorKind, ErrorInfo>> = {
${errors.map(tableLine).join("")}};

const categoryRanges: readonly (readonly [ErrorCategory, from: number, to: number, exitCode: number])[] = [
${categories.map((row) => `  [${JSON.stringify(row.name)}, ${row.from}, ${row.to}, ${row.exitCode}],\n`).join("")}];
${runtime}`;
}

function detailsLine(row: ErrorRow): string {
  return `  readonly ${row.kind}: ${detailsType(row)};\n`;
}

/** A mapped type over nothing is what TypeScript calls an object without properties. */
function detailsType(row: ErrorRow): string {
  if (Object.keys(row.details.properties ?? {}).length === 0) return "{ readonly [name: string]: never }";
  return tsType(row.details, refuseReference, "", false);
}

function refuseReference(ref: string): string {
  throw new Error(`errors.json: details must not refer elsewhere (${ref})`);
}

function factoryLine(row: ErrorRow): string {
  const optional = (row.details.required ?? []).length === 0 ? "?" : "";
  const details = `details${optional}: ErrorDetails["${row.kind}"]`;
  return `${docComment(row.description, "  ")}  ${row.kind}(${details}, options?: ErrorOptions): DatmoError;\n`;
}

function tableLine(row: ErrorRow): string {
  const cells = [row.code, row.category, row.exitCode, row.retryable, row.message, row.hint];
  return `  ${row.kind}: info(${cells.map((cell) => JSON.stringify(cell)).join(", ")}),\n`;
}

const runtime = `
interface DatmoErrorInit {
  readonly kind: ErrorKind;
  readonly info: Omit<ErrorInfo, "message" | "hint">;
  readonly message: string;
  readonly details: JsonObject;
  readonly hint: string | undefined;
  readonly cause?: unknown;
  readonly log?: readonly string[];
}

/** What every expected failure is thrown as; on the wire \`{code, message, data: {kind, details, hint?, log?}}\`. */
export class DatmoError extends Error {
  override readonly name = "DatmoError";
  readonly kind: ErrorKind;
  readonly code: number;
  readonly category: ErrorCategory;
  readonly details: JsonObject;
  /** What to do about it, placeholders filled. */
  readonly hint: string | undefined;
  /** Exit code of the command line for it. */
  readonly exitCode: number;
  readonly retryable: boolean;
  /** The engine's last log lines for the request. */
  log?: readonly string[];

  constructor(init: DatmoErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = init.kind;
    this.code = init.info.code;
    this.category = init.info.category;
    this.details = init.details;
    this.hint = init.hint === "" ? undefined : init.hint;
    this.exitCode = init.info.exitCode;
    this.retryable = init.info.retryable;
    if (init.log !== undefined) this.log = init.log;
  }
}

export const errors: ErrorFactories = makeFactories();

export function isDatmoError(e: unknown): e is DatmoError {
  return e instanceof DatmoError;
}

/**
 * The error that a JSON-RPC error object stands for. A kind that this version does not know keeps its name;
 * an error without \`data\` gets the kind that has its code, else \`INTERNAL_ERROR\`.
 */
export function errorFromWire(code: number, message: string, data: unknown): DatmoError {
  const wire = isObject(data) ? data : {};
  const kind = typeof wire["kind"] === "string" ? (wire["kind"] as ErrorKind) : kindOfCode(code);
  return new DatmoError({
    kind,
    info: { ...(Object.hasOwn(errorTable, kind) ? errorTable[kind] : infoOfCode(code)), code },
    message,
    details: isObject(wire["details"]) ? wire["details"] : {},
    hint: typeof wire["hint"] === "string" ? wire["hint"] : undefined,
    log: Array.isArray(wire["log"]) ? wire["log"].map(String) : undefined,
  });
}

function makeFactories(): ErrorFactories {
  const factories: Record<string, unknown> = {};
  for (const kind of Object.keys(errorTable) as ErrorKind[]) {
    factories[kind] = (details: JsonObject = {}, options: ErrorOptions = {}) => build(kind, details, options);
  }
  return factories as unknown as ErrorFactories;
}

function build(kind: ErrorKind, details: JsonObject, options: ErrorOptions): DatmoError {
  const info = errorTable[kind];
  const hint = options.hint ?? fill(info.hint, details);
  return new DatmoError({ kind, info, message: fill(info.message, details), details, hint, cause: options.cause });
}

function fill(template: string, details: JsonObject): string {
  return template.replace(/\\{(\\w+)\\}/g, (_, name: string) => String(details[name]));
}

function kindOfCode(code: number): ErrorKind {
  const kinds = Object.keys(errorTable) as ErrorKind[];
  return kinds.find((kind) => errorTable[kind].code === code) ?? "INTERNAL_ERROR";
}

function infoOfCode(code: number): Omit<ErrorInfo, "message" | "hint"> {
  const range = categoryRanges.find(([, from, to]) => code >= from && code <= to);
  return { code, category: range?.[0] ?? "protocol", exitCode: range?.[3] ?? 70, retryable: false };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
`;
