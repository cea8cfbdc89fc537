import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertVersion, productVersion, rVersion } from "./versions.mjs";

/** The source package for R. Answers its path. */
export function packR({ root, bundle, staging, outdir }) {
  const version = rVersion(productVersion(root));
  assertVersion(join(root, "clients/r/DESCRIPTION"), /^Version: (.*)$/m, version);
  assertVersion(join(root, "clients/r/NEWS.md"), /^# datmo (.*)$/m, version);
  const source = join(staging, "datmo");
  cpSync(join(root, "clients/r"), source, { recursive: true });
  rmSync(join(source, "inst/engine"), { recursive: true, force: true });
  cpSync(bundle, join(source, "inst/engine"), { recursive: true });
  const quiet = { cwd: staging, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("R", ["CMD", "build", "datmo"], quiet);
  const archive = readdirSync(staging).find((name) => name.endsWith(".tar.gz"));
  rmSync(source, { recursive: true });
  execFileSync("tar", ["-xzf", archive], quiet);
  withoutTimeAndUser(join(source, "DESCRIPTION"));
  const tar = [
    "--sort=name",
    "--mtime=@1577836800",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--format=ustar",
  ];
  execFileSync("tar", [...tar, "-cf", "plain.tar", "datmo"], quiet);
  const packed = execFileSync("gzip", ["-9nc", "plain.tar"], { cwd: staging, maxBuffer: 1 << 28 });
  writeFileSync(join(outdir, archive), packed);
  return join(outdir, archive);
}

/** Who built it and when would make every build another. */
function withoutTimeAndUser(path) {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/^Packaged: .*$/m, "Packaged: 2020-01-01 00:00:00 UTC; datmo"));
}
