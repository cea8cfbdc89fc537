import type { PackageFact } from "../../services/ports/capture.ts";

/** Packages in /var/lib/dpkg/status that are installed. */
export function readDpkgStatus(text: string): readonly PackageFact[] {
  return stanzas(text).flatMap((fields) => {
    const name = fields.get("Package");
    const version = fields.get("Version");
    const isInstalled = /\binstalled$/.test(fields.get("Status") ?? "");
    return name && version && isInstalled ? [{ name, version }] : [];
  });
}

/** Packages in /lib/apk/db/installed. */
export function readApkInstalled(text: string): readonly PackageFact[] {
  return stanzas(text).flatMap((fields) => {
    const name = fields.get("P");
    const version = fields.get("V");
    return name && version ? [{ name, version }] : [];
  });
}

/** Lines of `name version`, as this driver asks rpm and R to print them. */
export function readNameLines(text: string): readonly PackageFact[] {
  return text.split("\n").flatMap((line) => {
    const [name, version] = line.trim().split(/\s+/);
    return name && version ? [{ name, version }] : [];
  });
}

function stanzas(text: string): ReadonlyMap<string, string>[] {
  return text.split(/\n\s*\n/).map((block) => {
    const lines = block.split("\n").map((line) => /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line));
    return new Map(lines.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""] as const] : [])));
  });
}
