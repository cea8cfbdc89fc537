import assert from "node:assert/strict";
import { test } from "node:test";
import { setLongTimeout } from "../../../src/util/long-timeout.ts";

const LONGEST_MS = 2 ** 31 - 1;

test("a delay of weeks waits for weeks", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let fired = 0;
  setLongTimeout(() => {
    fired += 1;
  }, LONGEST_MS + 1000);
  t.mock.timers.tick(LONGEST_MS);
  assert.equal(fired, 0);
  t.mock.timers.tick(999);
  assert.equal(fired, 0);
  t.mock.timers.tick(1);
  assert.equal(fired, 1);
});

test("a delay that was cleared never comes, in its second stretch either", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const timeout = setLongTimeout(() => assert.fail("it came"), LONGEST_MS + 1000);
  t.mock.timers.tick(LONGEST_MS);
  timeout.clear();
  t.mock.timers.tick(2000);
});
