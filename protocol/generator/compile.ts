import Ajv2020, { type ValidateFunction } from "ajv/dist/2020.js";
import type { Contract, Schema } from "./model.ts";
import { directionOf, refName } from "./names.ts";
import { mapSchema } from "./walk.ts";

/** A schema that becomes a validator: of a message's params or result, or of a document at rest. */
export interface Unit {
  /** Message, or file name of the document. */
  readonly key: string;
  readonly part: "params" | "result" | "document";
  /** Taken by the engine (checked in production) or sent by it (checked in tests), or said between it and plugins. */
  readonly side: "taken" | "sent" | "document" | "plugin";
}

type Ajv = InstanceType<typeof Ajv2020.default>;

/** All validators of the contract, in ajv's strict mode. `source` is needed for standalone code only. */
export function compileContract(contract: Contract, source = false): { ajv: Ajv; units: readonly Unit[] } {
  const ajv = new Ajv2020.default({
    strict: true,
    inlineRefs: false,
    ...(source && { code: { source: true, esm: true } }),
  });
  // One schema for each definition: ajv then makes one function of it, however many messages refer to it.
  for (const { name, record } of contract.defs) ajv.addSchema({ ...resolved(record, contract), $id: name });
  for (const [name, schema] of contract.documents)
    ajv.addSchema({ ...resolved(schema, contract), $id: name });
  const units = listUnits(contract);
  for (const unit of units) if (unit.part !== "document") addMessage(ajv, contract, unit);
  return { ajv, units };
}

export function unitId(unit: Unit): string {
  return unit.part === "document" ? unit.key : `${unit.part} ${unit.key}`;
}

/** The validator of a message's part; undefined when there is no such message. */
export function validatorOf(
  ajv: Ajv,
  message: string,
  part: "params" | "result",
): ValidateFunction | undefined {
  return ajv.getSchema(unitId({ key: message, part, side: "taken" }));
}

function listUnits(contract: Contract): Unit[] {
  return [
    ...contract.methods.flatMap(({ name }): Unit[] => [
      { key: name, part: "params", side: "taken" },
      { key: name, part: "result", side: "sent" },
    ]),
    ...contract.notifications.map(
      ({ name, record }): Unit => ({
        key: name,
        part: "params",
        side: directionOf(record) === "engineToClient" ? "sent" : "taken",
      }),
    ),
    ...contract.calls.flatMap(({ name }): Unit[] => [
      { key: name, part: "params", side: "plugin" },
      { key: name, part: "result", side: "plugin" },
    ]),
    ...[...contract.documents.keys()].map(
      (name): Unit => ({ key: name, part: "document", side: "document" }),
    ),
  ];
}

function addMessage(ajv: Ajv, contract: Contract, unit: Unit): void {
  const method = [...contract.methods, ...contract.calls].find(({ name }) => name === unit.key);
  const notification = contract.notifications.find(({ name }) => name === unit.key);
  const schema = unit.part === "result" ? method?.record.result : (method ?? notification)?.record.params;
  // A key, not an `$id`: an id would become the base that the references start from.
  ajv.addSchema(resolved(schema ?? {}, contract), unitId(unit));
}

/**
 * A schema as validators need it: without texts, which ajv would carry into the code, and with references by the
 * bare name of the definition. Small shapes are put in place, which saves a call for each value.
 */
function resolved(schema: Schema, contract: Contract): Schema {
  return mapSchema(schema, ({ description: _, title: _title, "x-known": _known, $ref, ...rest }) => {
    if ($ref === undefined) return rest;
    if ($ref.endsWith(".schema.json")) return { ...rest, $ref: $ref.replace(/^.*\//, "") };
    const name = refName($ref);
    const target = contract.defs.find((def) => def.name === name)?.record;
    if (target === undefined || target.properties !== undefined) return { ...rest, $ref: name };
    return { ...resolved(target, contract), ...rest };
  });
}
