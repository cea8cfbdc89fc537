import { checkErrors } from "./check-errors.ts";
import { checkExamples } from "./check-examples.ts";
import { checkMessages } from "./check-messages.ts";
import { checkShape } from "./check-shape.ts";
import type { Contract } from "./model.ts";

/** Everything that is wrong with what is written by hand, one line each; empty when all is well. */
export function checkContract(contract: Contract, root: string): string[] {
  const shape = checkShape(contract, root);
  if (shape.length > 0) return shape;
  const meaning = [...checkErrors(contract.errorTable), ...checkMessages(contract)];
  // Validators can only be made of schemas whose references lead somewhere.
  return meaning.length > 0 ? meaning : checkExamples(contract);
}
