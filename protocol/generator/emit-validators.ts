import standaloneCode from "ajv/dist/standalone/index.js";
import { build, type Plugin } from "esbuild";
import { compileContract, type Unit, unitId } from "./compile.ts";
import { banner, type Contract, type Outputs } from "./model.ts";
import { pascalName } from "./names.ts";

/** Standalone validators: code without ajv, bundled since ajv's output calls `require` for its helpers. */
export async function emitValidators(contract: Contract): Promise<Outputs> {
  const { units } = compileContract(contract);
  const taken = units.filter((unit) => unit.side === "taken");
  const sent = units.filter((unit) => unit.side === "sent");
  const documents = units.filter((unit) => unit.side === "document");
  const answers = units.filter((unit) => unit.side === "plugin" && unit.part === "result");
  const results = sent.filter((unit) => unit.part === "result");
  const notifications = sent.filter((unit) => unit.part === "params");
  return new Map([
    ["src/protocol/validators.js", await bundle(contract, taken, table("validateParams", taken))],
    ["src/protocol/validators.d.ts", declareParams()],
    [
      "src/protocol/result-validators.js",
      await bundle(
        contract,
        sent,
        table("validateResult", results) + table("validateNotification", notifications),
      ),
    ],
    ["src/protocol/result-validators.d.ts", declareResults()],
    [
      "src/protocol/plugin-validators.js",
      await bundle(contract, answers, table("validatePluginAnswer", answers)),
    ],
    ["src/protocol/plugin-validators.d.ts", declareAnswers()],
    ["src/protocol/document-validators.js", await bundle(contract, documents, `export * from "code";`)],
    ["src/protocol/document-validators.d.ts", declareDocuments(documents)],
  ]);
}

/** Bundles ajv's code for some units behind a module `entry` that imports it as "code". */
async function bundle(contract: Contract, units: readonly Unit[], entry: string): Promise<string> {
  const { ajv } = compileContract(contract, true);
  const code = standaloneCode.default(
    ajv,
    Object.fromEntries(units.map((unit) => [localName(unit), unitId(unit)])),
  );
  const { outputFiles } = await build({
    stdin: { contents: `import * as code from "code";\n${entry}`, resolveDir: import.meta.dirname },
    plugins: [virtualModule("code", code)],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    legalComments: "none",
  });
  return `// ${banner}\n${outputFiles[0]!.text}`;
}

function virtualModule(name: string, contents: string): Plugin {
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
      onLoad({ filter: /.*/, namespace: name }, () => ({ contents, resolveDir: import.meta.dirname }));
    },
  };
}

function localName(unit: Unit): string {
  const name = unit.part === "document" ? documentName(unit.key) : pascalName(unit.key);
  return `validate${name}${unit.part === "result" ? "Result" : ""}`;
}

/** `run-journal.schema.json` → `RunJournal`. */
function documentName(file: string): string {
  return file
    .replace(/\.schema\.json$/, "")
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

function table(name: string, units: readonly Unit[]): string {
  const rows = units.map((unit) => `${JSON.stringify(unit.key)}:code.${localName(unit)}`);
  return `export const ${name}={${rows.join(",")}};\n`;
}

const validateType = `
export interface ValidationProblem {
  /** Place in the data, a JSON pointer. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** True when the data fit; else \`errors\` holds the first thing wrong, until the next call. */
export type Validate = ((data: unknown) => boolean) & { readonly errors?: readonly ValidationProblem[] | null };
`;

function declareParams(): string {
  return `// ${banner}
import type { ClientNotification, Method } from "./methods.ts";
${validateType}
/** Validators of what the engine takes. */
export const validateParams: Readonly<Record<Method | ClientNotification, Validate>>;
`;
}

function declareResults(): string {
  return `// ${banner}
import type { EngineNotification, Method } from "./methods.ts";
import type { Validate } from "./validators.js";

/** Validators of what the engine answers; for tests and development. */
export const validateResult: Readonly<Record<Method, Validate>>;

/** Validators of the notifications that only the engine sends; for tests and development. */
export const validateNotification: Readonly<Record<Exclude<EngineNotification, "$/cancelRequest">, Validate>>;
`;
}

function declareAnswers(): string {
  return `// ${banner}
import type { PluginCall } from "./methods.ts";
import type { Validate } from "./validators.js";

/** Validators of what plugins answer. */
export const validatePluginAnswer: Readonly<Record<PluginCall, Validate>>;
`;
}

function declareDocuments(units: readonly Unit[]): string {
  return `// ${banner}
import type { Validate } from "./validators.js";

${units.map((unit) => `/** Validates a document by \`schemas/${unit.key}\`. */\nexport const ${localName(unit)}: Validate;\n`).join("\n")}`;
}
