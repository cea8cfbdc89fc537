import { type DatmoError, errors } from "../protocol/errors.ts";

/** What a generated validator reports. */
export interface ValidationProblem {
  /** JSON pointer into the params. */
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: readonly ValidationProblem[] | null;
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

const MAX_PROBLEMS = 20;

/** The error for params that `validate` has just refused. */
export function invalidParams(method: string, validate: Validator): DatmoError {
  const problems = describeProblems(validate.errors ?? []);
  const [first = { path: "", message: "does not match its schema" }] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const place = first.path === "" ? method : `${method}: ${first.path.slice(1).replaceAll("/", ".")}`;
  return errors.INVALID_PARAMS({ summary: `${place} ${first.message}${more}.`, problems });
}

/** In words; of a failed `oneOf` only the innermost problems, which say more than "matches no form". */
export function describeProblems(problems: readonly ValidationProblem[]): Problem[] {
  const precise = problems.filter((problem) => problem.keyword !== "oneOf" && problem.keyword !== "anyOf");
  const described = (precise.length > 0 ? precise : problems).map(describe);
  const unique = new Map(described.map((problem) => [`${problem.path} ${problem.message}`, problem]));
  return [...unique.values()].slice(0, MAX_PROBLEMS);
}

function describe({ instancePath, message, keyword, params }: ValidationProblem): Problem {
  return { path: instancePath, message: wording(keyword, params) ?? message ?? "is not valid" };
}

function wording(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  switch (keyword) {
    case "additionalProperties":
      return `has no property "${params["additionalProperty"]}"`;
    case "required":
      return `needs "${params["missingProperty"]}"`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    default:
      return undefined;
  }
}
