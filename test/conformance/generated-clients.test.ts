/* The generated parts of the Python and R clients, in their own languages: same errors, same requests. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { errors } from "../../src/protocol/errors.ts";
import { methodInfo } from "../../src/protocol/methods.ts";

const root = join(import.meta.dirname, "..", "..");
const unknown = {
  code: 1577,
  message: "Something new.",
  data: { kind: "NEWER_THAN_THIS", details: { a: 1 } },
};
const sent = errors.RUN_ACTIVE({ id: "k3vq", status: "running" });
const known = {
  code: sent.code,
  message: sent.message,
  data: { kind: sent.kind, details: sent.details, hint: sent.hint },
};

const python = `
import json, pickle, sys
sys.path.insert(0, "clients/python/src/datmo")
import _protocol, errors
known, unknown = (errors.error_from_wire(error) for error in json.load(sys.stdin))
made = pickle.loads(pickle.dumps(errors.make_error("RUN_ACTIVE", {"id": "k3vq", "status": "running"})))
names = [name for name in vars(_protocol.Methods) if not name.startswith("_")]
print(json.dumps({
    "known": [type(known).__name__, known.kind, known.code, str(known), known.details],
    "made": [type(made).__name__, made.kind, made.code, str(made), made.details],
    "unknown": [type(unknown).__name__, unknown.kind, unknown.code, str(unknown), unknown.details],
    "methods": [getattr(_protocol.Methods(lambda method, params: method), name)({}) for name in names],
}))`;

const r = `
for (name in c("the", "clock", "merge", "json", "answers", "conditions", "protocol")) source(sprintf("clients/r/R/%s.R", name))
show <- function(e) cat(class(e)[1:2], e$kind, e$code, conditionMessage(e), names(e$details), sep = "\\n")
show(.datmo_condition_from_wire(list(code = ${known.code}, message = "${known.message}", data = list(
  kind = "${known.data.kind}", details = list(id = "k3vq", status = "running"), hint = "${known.data.hint}"))))
show(.datmo_condition("RUN_ACTIVE", list(id = "k3vq", status = "running")))
show(.datmo_condition_from_wire(list(code = 1577L, message = "Something new.", data = list(kind = "NEWER_THAN_THIS"))))
sent <- NULL
engine <- list(request = function(method, params) {
  sent <<- c(sent, paste(method, json_map(params, method)))
  list(run = list(id = "k3vq", exitCode = 0L, startedAt = "2026-01-02T03:04:05.678Z", metrics = list(a = "NaN", b = 1L)))
})
run <- datmo_run_start("ls", tags = "one", config = list(), timeout_ms = 1e6, engine = engine)
told <- datmo_run_wait(run, engine = engine)
cat(sent, names(run), rfc3339(run$started_at), unlist(run$metrics), class(run), sep = "\\n")`;

function run(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, input, encoding: "utf8" });
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr);
  return stdout;
}

function missing(command: string): string | false {
  if (process.env["DATMO_TEST_REQUIRE"] === "all") return false;
  const asked = command === "Rscript" ? ["-e", "loadNamespace('rlang')"] : ["--version"];
  return spawnSync(command, asked).status === 0
    ? false
    : `${command} is not installed, or without its packages`;
}

describe("generated clients", () => {
  it("Python: errors and methods", { skip: missing("python3") }, () => {
    const told = JSON.parse(run("python3", ["-B", "-c", python], JSON.stringify([known, unknown])));
    const runActive = ["RunError", "RUN_ACTIVE", 1103, `${sent.message}\n${sent.hint}`, sent.details];
    assert.deepEqual(told.known, runActive);
    assert.deepEqual(told.made, runActive);
    assert.deepEqual(told.unknown, ["StoreError", "NEWER_THAN_THIS", 1577, "Something new.", { a: 1 }]);
    assert.deepEqual(told.methods, Object.keys(methodInfo));
  });

  it("R: conditions and requests", { skip: missing("Rscript") }, () => {
    const runActive = [
      "datmo_error_run_active",
      "datmo_error_run",
      "RUN_ACTIVE",
      "1103",
      sent.message,
      sent.hint,
      "id",
      "status",
    ];
    const newer = [
      "datmo_error_newer_than_this",
      "datmo_error_store",
      "NEWER_THAN_THIS",
      "1577",
      "Something new.",
    ];
    const start = [
      'run.start {"command":"ls","timeoutMs":1000000,"tags":["one"],"config":{}}',
      'run.wait {"id":"k3vq"}',
      ...["id", "exit_code", "metrics", "started_at", "2026-01-02T03:04:05.678Z", "NaN", "1"],
      ...["datmo_record_run", "datmo_record"],
    ];
    const lines = run("Rscript", ["-"], r).trimEnd().split("\n");
    assert.deepEqual(lines, [...runActive, ...runActive, ...newer, ...start]);
  });
});
