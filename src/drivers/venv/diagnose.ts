import { indexOptions, type Requirement, requirementsIn } from "./requirement-set.ts";

/** Why a package cannot be had. */
export interface Missing {
  readonly requirement: string;
  readonly problem: "gone" | "platform" | "python" | "build" | "other";
  readonly reason: string;
}

/** How a tool answers when it is asked for one package. */
export interface Questions {
  /** Versions that would do here, and everything said about those that would not; undefined: it cannot say. */
  ask(requirement: Requirement, options: readonly string[]): Promise<{ ok: boolean; text: string }>;
  /** Understands what the tool said about a package that cannot be had. */
  understand(requirement: Requirement, text: string): Pick<Missing, "problem" | "reason">;
}

/** Asked at the same time. */
const AT_ONCE = 4;

/** Which of the requirements cannot be had, one by one. Empty: each one by itself can. */
export async function findMissing(
  text: string,
  questions: Questions,
  progress: (done: number, total: number) => void,
): Promise<Missing[]> {
  const all = requirementsIn(text).filter(({ version }) => version !== undefined);
  const options = indexOptions(text);
  const missing = new Map<number, Missing>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) {
      const requirement = all[index] as Requirement;
      const answer = await questions.ask(requirement, options);
      if (!answer.ok) {
        missing.set(index, {
          requirement: requirement.text,
          ...questions.understand(requirement, answer.text),
        });
      }
      progress(++done, all.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...missing].sort(([a], [b]) => a - b).map(([, one]) => one);
}

/** Packages that had to be compiled, and could not be: from the text of pip or uv. */
export function failedBuilds(text: string): Missing[] {
  const names = new Set<string>();
  for (const pattern of [
    /Failed building wheel for ([\w.-]+)/g,
    /Failed to build installable wheels for some pyproject\.toml based projects[^(]*\(([^)]+)\)/g,
    /Failed to build [`']?([\w.-]+(?:==[\w.+!-]+)?)[`']?/g,
    /× Failed to (?:download and )?build [`']?([\w.-]+(?:==[\w.+!-]+)?)[`']?/g,
  ]) {
    for (const [, list = ""] of text.matchAll(pattern))
      for (const name of list.split(/,\s*/)) names.add(name);
  }
  names.delete("installable");
  return [...names].map((requirement) => ({
    requirement,
    problem: "build",
    reason: "there is no wheel for this machine, and compiling it failed",
  }));
}
