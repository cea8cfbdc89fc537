import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, parseFilter } from "../../../src/domain/filter.ts";
import { SNAPSHOT_KEYS } from "../../../src/domain/filter-keys.ts";

const NOW = Date.parse("2026-02-10T12:00:00Z");
const RUN = {
  id: "abcdefghijklmnopqrstuvwxyz",
  name: "quiet-heron",
  status: "succeeded",
  type: "script",
  tags: ["best", "v2"],
  group: "sweep 1",
  command: ["python", "train.py", "--lr", "0.1"],
  config: {
    lr: 0.05,
    optimizer: { name: "adam", betas: [0.9, 0.999] },
    version: "10",
    "a.b": "dotted",
    "learning rate": 1,
    nothing: null,
    fast: true,
    layers: [64, 64],
    nan: "nan",
  },
  metrics: { acc: 0.95, "train/loss": 0.1, "val.acc": 0.9, bad: "NaN", huge: "Infinity", "f1 (macro)": 0.5 },
  createdAt: "2026-02-05T10:00:00.000Z",
  durationMs: 5_400_000,
  exitCode: 0,
};

function check(expected: boolean, ...filters: string[]): void {
  for (const filter of filters) assert.equal(matches(parseFilter(filter), RUN, NOW), expected, filter);
}

test("numbers, texts and lists", () => {
  check(
    true,
    "metrics.acc > 0.9",
    "metrics.acc>=.95",
    "metrics.acc == 0.95",
    "config.lr<1e-1",
    "config.lr > -1",
    "status = succeeded",
    "status='succeeded'",
    'status == "succeeded"',
    "status != failed",
    "name = quiet-heron",
    "group = 'sweep 1'",
    "tag = best",
    "tags = v2",
    "tag != worst",
    "tag in (worst, v2)",
    "tag ~ BES",
    "exitCode = 0",
    "config.layers = '[64,64]'",
    "config.layers = 64",
    "config.optimizer.betas > 0.99",
    "config.optimizer.betas.0 = 0.9",
    "config.optimizer.name in ('sgd', adam)",
    "config.optimizer.name not in (sgd)",
    "command ~ train.py",
    "command ~ 'python train'",
    "config.fast = true",
    "config.nothing = null",
    "params.lr = 0.05",
    "metric.acc > 0",
    "config.lr = '0.05'",
  );
  check(
    false,
    "metrics.acc > 0.95",
    "metrics.acc < nan",
    "status = SUCCEEDED",
    "status = succ",
    "tag != best",
    "tag in (worst)",
    "config.lr = adam",
    "config.lr > adam",
    "config.fast > false",
    "config.optimizer.name not in (sgd, adam)",
    "config.nothing != null",
  );
});

test("texts of digits compare as numbers with numbers, and as texts with texts", () => {
  check(true, "config.version > 9", "config.version = 10.0", "config.version = '10'", "config.version < '9'");
  check(false, "config.version > '9'", "config.version = '10.0'", "config.optimizer.name > 3");
});

test("keys: nested, with slashes and dots, in backticks", () => {
  check(
    true,
    "metrics.train/loss = 0.1",
    "metrics.val.acc = 0.9",
    "metrics.`val.acc` = 0.9",
    "metrics.`f1 (macro)` > 0.4",
    "config.`learning rate` = 1",
    "config.`a.b` = dotted",
    "config.a.b = dotted",
    "`config`.lr = 0.05",
  );
  assert.equal(matches(parseFilter("config.in = 1 and config.not = 2"), { config: { in: 1, not: 2 } }), true);
  const dots = { config: { "a.b": 1, a: { b: 2, "c.d": 3 }, "e.f": { g: 4 } } };
  const all = "config.a.b = 2 and config.`a.b` = 1 and config.a.c.d = 3 and config.e.f.g = 4";
  assert.equal(matches(parseFilter(all), dots), true);
  assert.equal(matches(parseFilter("config.größe = 1"), { config: { größe: 1 } }), true);
});

test("a missing key makes every comparison false", () => {
  const operators = ["= 1", "!= 1", "< 1", "<= 1", "> 1", ">= 1", "~ 1", "in (1)", "not in (1)"];
  check(false, ...operators.map((operator) => `config.missing ${operator}`));
  check(false, ...operators.map((operator) => `config.lr.deeper ${operator}`));
  check(false, ...operators.map((operator) => `metrics.missing ${operator}`));
  check(false, "note = x", "note != x", "ended > 2020-01-01", "ended < 2030-01-01", "config.toString != 1");
  check(true, "not config.missing = 1", "not note != x");
  check(true, "isolated = false", "late != true");
  assert.equal(matches(parseFilter("tag != x"), {}), true);
});

test("NaN and the infinities compare sanely", () => {
  check(
    true,
    "metrics.bad = nan",
    "metrics.bad != 1",
    "metrics.bad >= NaN",
    "metrics.huge > 1e300",
    "metrics.huge = inf",
  );
  check(true, "metrics.acc > -inf", "metrics.acc < Infinity", "metrics.acc != nan", "config.nan = nan");
  check(
    false,
    "metrics.bad > 0",
    "metrics.bad < 0",
    "metrics.bad = 0",
    "metrics.huge = -inf",
    "metrics.huge = nan",
  );
});

test("dates stand for the whole of what they name", () => {
  check(
    true,
    "created = 2026-02-05",
    "created = 2026-02",
    "created > 2026-02-04",
    "created >= 2026-02-05",
    "created <= 2026-02-05",
    "created < 2026-02-06",
    "created > 2026-02-05T09:59",
    "created = 2026-02-05T10:00",
    "created = 2026-02-05T10:00:00.000Z",
    "created = 2026-02-05T12:00+02:00",
    "created = '2026-02-05 10:00'",
    "createdAt != 2026-02-06",
    "created ~ 2026-02",
    "created in (2026-02-04, 2026-02-05)",
  );
  check(
    false,
    "created > 2026-02-05",
    "created < 2026-02-05",
    "created != 2026-02",
    "created = 2026-02-05T10:01",
  );
});

test("ages count back from now", () => {
  check(true, "created > 7d", "created < 1d", "created > 5d3h", "created >= 1w");
  check(false, "created > 4d", "created < 7d");
});

test("durations", () => {
  check(true, "duration > 1h", "duration = 90m", "duration = 1h30m", "durationMs = 5400000", "duration < 1d");
  check(false, "duration < 5400s");
});

test("not binds closer than and, and closer than or", () => {
  check(
    true,
    "tag = best or tag = x and tag = y",
    "(tag = best or tag = x) and not tag = y",
    "not tag = x and tag = best",
    "not (tag = x or tag = y)",
    "not not tag = best",
    "NOT tag = x AND tag = best OR tag = y",
    "((((tag = best))))",
    "",
    "   ",
    "  tag  =  best  ",
    "tag=best and(tag=v2)",
    "tag in(best)",
  );
  check(
    false,
    "(tag = best or tag = x) and tag = y",
    "not tag = best or tag = x",
    "not (tag = best and tag = v2)",
  );
});

test("quotes hold spaces, operators, words of the language and themselves", () => {
  const subject = { name: `a "b" 'c' \\ and = (x)` };
  const filter = parseFilter(`name = "a \\"b\\" 'c' \\\\ and = (x)"`);
  assert.equal(matches(filter, subject), true);
  assert.equal(matches(parseFilter(`name = 'C:\\new'`), { name: "C:\\new" }), true);
  assert.equal(matches(parseFilter("name in ('and', 'or')"), { name: "or" }), true);
});

test("a wrong filter is told by the character", () => {
  const wrong: [string, number, RegExp][] = [
    ["metrics.acc >", 14, /expected a value, found the end/],
    ["metrics.acc 0.9", 13, /expected =.* found "0\.9"/],
    ["acc > 0.9", 1, /no key "acc"; did you mean metrics\.acc or config\.acc/],
    ["tag = best and", 15, /expected a key, found the end/],
    ["tag = best tag = x", 12, /expected "and", "or" or the end, found "tag"/],
    ["(tag = best", 1, /"\(" is never closed/],
    ["tag = best)", 11, /found "\)"/],
    ["tag = 'best", 7, /' is never closed/],
    ["metrics.`x > 1", 9, /` is never closed/],
    ["metrics.`` > 1", 9, /must not be empty/],
    ["tag = and", 7, /word "and"; put quotes/],
    ["tag in best", 8, /expected "\("/],
    ["tag in (a b)", 11, /expected "," or "\)"/],
    ["tag in ()", 9, /expected a value/],
    ["status not failed", 12, /expected "in" after "not"/],
    ["created > yesterday", 11, /no date/],
    ["created > 2026-02-31", 11, /no date/],
    ["created > 2026-02-05T25:00", 11, /no date/],
    ["duration > 90", 12, /no duration/],
    ["metrics.acc > high", 15, /no number/],
    ["exitCode in (0, x)", 17, /no number/],
    ["metrics > 1", 1, /needs a name/],
    ["status.x = 1", 1, /has no parts/],
    ["tag = a && tag = b", 9, /expected "and"/],
    ["tag <> a", 5, /write "!="/],
    ["tag => a", 5, /write ">="/],
    ["metrics. > 1", 9, /expected a key/],
    ["tag = a or or tag = b", 12, /the word "or"/],
    ["= 1", 1, /expected a key/],
    ["tag = \u{1f600} x", 9, /expected "and"/],
    ["__proto__.x = 1", 1, /no key/],
    ["constructor = 1", 1, /no key/],
  ];
  for (const [filter, position, reason] of wrong) {
    assert.throws(
      () => parseFilter(filter),
      (error: { kind?: string; details?: { position: number; reason: string; filter: string } }) => {
        assert.equal(error.kind, "FILTER_INVALID", filter);
        assert.equal(error.details?.position, position, `${filter}: ${error.details?.reason}`);
        assert.match(error.details?.reason ?? "", reason, filter);
        assert.equal(error.details?.filter, filter);
        return true;
      },
    );
  }
});

test("depth and length are bounded", () => {
  assert.throws(() => parseFilter(`${"(".repeat(5000)}tag = a${")".repeat(4000)}`), {
    kind: "FILTER_INVALID",
  });
  assert.throws(() => parseFilter(`${"not ".repeat(2000)}tag = a`), { kind: "FILTER_INVALID" });
  assert.throws(() => parseFilter(`tag = ${"a".repeat(10_000)}`), { kind: "FILTER_INVALID" });
  const wide = parseFilter(Array.from({ length: 500 }, (_, n) => `tag = t${n}`).join(" or "));
  assert.equal(matches(wide, { tags: ["t499"] }), true);
});

test("snapshots have keys of their own", () => {
  const filter = parseFilter("label = best and visible = true and message ~ warm", SNAPSHOT_KEYS);
  assert.equal(matches(filter, { label: "best", visible: true, message: "after Warm-up" }), true);
  assert.throws(() => parseFilter("status = failed", SNAPSHOT_KEYS), { kind: "FILTER_INVALID" });
});
