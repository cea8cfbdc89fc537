import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { interpreter } from "./python-interpreter.ts";

const REQUIREMENTS = "clients/python/bench/requirements.txt";
const FOLDER = resolve("node_modules/.cache/datmo-bench-peers");
/** For some 400 MB from the package index. */
const INSTALL_MS = 900_000;

/**
 * The Python with what datmo is measured beside, in an environment of its own: made on first use, kept as long as the
 * versions stay. Undefined, and said, when they cannot be installed.
 */
export function peersPython(): string | undefined {
  const python = join(FOLDER, "bin", "python");
  const stamp = join(FOLDER, "requirements.txt");
  const wanted = readFileSync(REQUIREMENTS, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  process.stderr.write("installing what datmo is measured beside …\n");
  const quiet: ExecFileSyncOptionsWithStringEncoding = {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: INSTALL_MS,
  };
  try {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    execFileSync(interpreter().program, ["-m", "venv", FOLDER], quiet);
    const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", REQUIREMENTS];
    execFileSync(python, pip, quiet);
    writeFileSync(stamp, wanted);
    return python;
  } catch (error) {
    rmSync(FOLDER, { recursive: true, force: true });
    const why = String((error as { stderr?: string }).stderr || error).trim();
    process.stderr.write(`left out, for they cannot be installed: ${why.split("\n").at(-1)}\n`);
    return undefined;
  }
}
