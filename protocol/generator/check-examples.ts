import { compileContract, validatorOf } from "./compile.ts";
import type { Contract, Example } from "./model.ts";

/** Every example gets the verdict its name promises, and no message lacks the examples it needs. */
export function checkExamples(contract: Contract): string[] {
  const { ajv } = compileContract(contract);
  const verdicts = contract.examples.flatMap((example) => {
    const validate = validatorOf(ajv, example.message, example.part);
    if (validate === undefined) return [`examples/${example.path}: there is no such message`];
    if (validate(example.value) === example.valid) return [];
    const reason = example.valid ? ajv.errorsText(validate.errors, { dataVar: "" }) : "it is valid";
    return [`examples/${example.path}: ${reason}`];
  });
  return [...verdicts, ...missingExamples(contract)];
}

function missingExamples({ methods, notifications, calls, examples }: Contract): string[] {
  const need = (message: string, part: Example["part"], valid: boolean): string[] => {
    const found = examples.some((e) => e.message === message && e.part === part && e.valid === valid);
    return found
      ? []
      : [
          `${message} lacks an example NAME${part === "result" ? ".result" : ""}.${valid ? "" : "in"}valid.json`,
        ];
  };
  return [
    ...methods.flatMap(({ name }) => [
      ...need(name, "params", true),
      ...need(name, "params", false),
      ...need(name, "result", true),
    ]),
    ...calls.flatMap(({ name }) => [
      ...need(name, "params", true),
      ...need(name, "result", true),
      ...need(name, "result", false),
    ]),
    ...notifications.flatMap(({ name }) => [...need(name, "params", true), ...need(name, "params", false)]),
  ];
}
