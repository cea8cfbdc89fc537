/** The subset of JSON Schema 2020-12 that the dialect allows; `meta.schema.json` checks it. */
export interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly "x-known"?: readonly string[];
  readonly [keyword: string]: unknown;
}

export type Direction = "clientToEngine" | "engineToClient" | "both";

export interface MethodRecord {
  readonly summary: string;
  readonly description: string;
  readonly params: Schema;
  readonly result: Schema;
  readonly errors: readonly string[];
  readonly progress: boolean;
  readonly cancellable: boolean;
  readonly pluginAccess: "never" | "read" | "write" | "exec";
  readonly plumbing?: boolean;
  readonly direction?: Direction;
  readonly since: string;
  readonly stability: string;
}

/** A call of the engine's to a plugin that provides something. */
export interface CallRecord {
  readonly summary: string;
  readonly description: string;
  readonly params: Schema;
  readonly result: Schema;
  readonly since: string;
  readonly stability: string;
}

export interface NotificationRecord {
  readonly summary: string;
  readonly description: string;
  readonly params: Schema;
  readonly direction?: Direction;
  readonly since: string;
  readonly stability: string;
}

export interface MessageFile {
  readonly namespace: string;
  readonly description: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly methods?: Readonly<Record<string, MethodRecord>>;
  readonly notifications?: Readonly<Record<string, NotificationRecord>>;
  readonly calls?: Readonly<Record<string, CallRecord>>;
}

export interface ErrorRow {
  readonly kind: string;
  readonly code: number;
  readonly category: string;
  readonly message: string;
  readonly description: string;
  readonly details: Schema;
  readonly hint: string;
  readonly exitCode: number;
  readonly retryable: boolean;
}

export interface ErrorCategoryRow {
  readonly name: string;
  /** Class of the Python client. */
  readonly className: string;
  readonly from: number;
  readonly to: number;
  readonly exitCode: number;
  readonly description: string;
}

export interface ErrorTable {
  readonly categories: readonly ErrorCategoryRow[];
  readonly errors: readonly ErrorRow[];
}

/** A method or notification with where it is written. */
export interface Located<T> {
  readonly name: string;
  readonly namespace: string;
  /** Name of the file in `messages/`, e.g. `run.json`: what relative references in it start from. */
  readonly file: string;
  readonly record: T;
}

export interface Example {
  /** Path below `protocol/examples`. */
  readonly path: string;
  readonly message: string;
  readonly part: "params" | "result";
  readonly valid: boolean;
  readonly value: unknown;
}

/** Everything that is written by hand, loaded and checked; sorted, so that what is made of it is deterministic. */
export interface Contract {
  readonly protocolVersion: number;
  readonly sources: readonly { readonly name: string; readonly content: MessageFile }[];
  readonly defs: readonly Located<Schema>[];
  readonly methods: readonly Located<MethodRecord>[];
  readonly notifications: readonly Located<NotificationRecord>[];
  /** From the engine to plugins. */
  readonly calls: readonly Located<CallRecord>[];
  readonly errorTable: ErrorTable;
  /** Schemas of documents at rest, by file name. */
  readonly documents: ReadonlyMap<string, Schema>;
  readonly examples: readonly Example[];
}

/** Path below the repository → text. */
export type Outputs = Map<string, string>;

export const banner = "generated from protocol/, do not edit; npm run generate";
