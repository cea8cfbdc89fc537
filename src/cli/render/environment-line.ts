import type { BuildFacts, Environment } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { bytesText, count, plain } from "./text.ts";

/** One line: the whole id, so that a script can take it, then the name and what it is. */
export function environmentLine({ id, name, kind }: Environment, style: Style): string {
  return `${style.bold(id)} ${plain(name)} (${plain(kind)})`;
}

/** What a build gave: `sha256:0c1f…, 131 MB, Python 3.13.1, 92 packages`. */
export function buildText({ imageId, bytes, python, r, packageCount, venvKey }: BuildFacts): string {
  const facts = [
    imageId?.slice(0, 19),
    venvKey && `venv ${venvKey.slice(0, 12)}`,
    bytes === undefined ? undefined : bytesText(bytes),
    python && `Python ${plain(python)}`,
    r && `R ${plain(r)}`,
    packageCount > 0 ? count(packageCount, "package") : undefined,
  ];
  return facts.filter(Boolean).join(", ");
}
