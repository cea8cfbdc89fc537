export interface TapTest {
  /** With the names of the tests that it is a step of: `outer > inner`. */
  readonly name: string;
  /** Undefined: it passed, or was left out by its author. */
  readonly problem?: string;
}

/** The tests in what `deno test --reporter=tap` prints; of a test that only failed for its steps, the steps. */
export function readTap(text: string): TapTest[] {
  const tests: TapTest[] = [];
  const outer: string[] = [];
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const begun = /^( *)# Subtest: (.*)$/.exec(line);
    if (begun) {
      outer.length = depthOf(begun[1]);
      outer.push(begun[2] as string);
      continue;
    }
    const ended = /^( *)(not )?ok \d+ - (.*)$/.exec(line);
    if (!ended) continue;
    const depth = depthOf(ended[1]);
    const name = [...outer.slice(0, depth), ended[3]].join(" > ");
    const problem = ended[2] === undefined ? undefined : messageIn(lines[at + 2] ?? "");
    if (problem === undefined) tests.push({ name });
    else if (!/^\d+ test steps? failed\.$/.test(problem)) tests.push({ name, problem });
  }
  return tests;
}

function depthOf(indent = ""): number {
  return indent.length / 4;
}

function messageIn(line: string): string {
  try {
    return String((JSON.parse(line) as { readonly message?: unknown }).message ?? "it failed");
  } catch {
    return "it failed";
  }
}
