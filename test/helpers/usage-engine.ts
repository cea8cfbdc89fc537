import type { TestContext } from "node:test";
import { openTestEngine, removeTestEngine, type TestEngine } from "./engine.ts";

export type { TestEngine };

/** An engine that measures runs unless `variables` say otherwise, removed after the test. */
export async function withTestEngine(
  t: TestContext,
  variables: Readonly<Record<string, string>>,
): Promise<TestEngine> {
  const engine = await openTestEngine({ variables: { ...process.env, DATMO_USAGE: "1", ...variables } });
  t.after(() => removeTestEngine(engine));
  return engine;
}
