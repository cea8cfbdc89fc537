import { join } from "node:path";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import { readJson } from "./load.ts";
import type { Contract } from "./model.ts";

/** Holds every file against `meta.schema.json`. */
export function checkShape(contract: Contract, root: string): string[] {
  const ajv = new Ajv2020.default({ strict: true, strictRequired: false, allErrors: true });
  const messages = ajv.compile(readJson(join(root, "protocol", "meta.schema.json")) as object);
  const errors = ajv.getSchema("meta.schema.json#/$defs/errorTable")!;
  return [
    ...contract.sources.flatMap(({ name, content }) => problemsOf(messages, content, `messages/${name}`)),
    ...problemsOf(errors, contract.errorTable, "errors.json"),
  ];
}

function problemsOf(validate: ValidateFunction, data: unknown, file: string): string[] {
  if (validate(data)) return [];
  return (validate.errors ?? []).map((error) => {
    const detail =
      error.params["additionalProperty"] ?? error.params["allowedValue"] ?? error.params["allowedValues"];
    const more = detail === undefined ? "" : ` (${JSON.stringify(detail)})`;
    return `${file}${error.instancePath} ${error.message}${more}`;
  });
}
