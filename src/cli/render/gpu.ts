import type { MachineFacts } from "../../protocol/types.ts";
import { bytesText, count, plain } from "./text.ts";

type Gpu = MachineFacts["gpus"][number];

/** One graphics processor with all that is known of it. */
export function gpuText(gpu: Gpu): string {
  const { index, uuid } = gpu;
  const number = typeof index === "number" ? `${index}  ` : "";
  return `${number}${gpuKind(gpu)}${typeof uuid === "string" ? plain(`  ${uuid}`) : ""}`;
}

/** The same for all of its kind: `NVIDIA H100 80GB HBM3 (85.5 GB, driver 580.159.04, CUDA 13.0)`. */
export function gpuKind(gpu: Gpu): string {
  const { memoryBytes, driver, cuda, mig } = gpu;
  const facts = [
    typeof memoryBytes === "number" ? bytesText(memoryBytes) : "",
    typeof driver === "string" ? `driver ${driver}` : "",
    typeof cuda === "string" ? `CUDA ${cuda}` : "",
    Array.isArray(mig) ? count(mig.length, "MIG part") : "",
  ].filter((fact) => fact !== "");
  const name = String(gpu["model"] ?? gpu["name"] ?? gpu["device"] ?? "unknown");
  return plain(facts.length === 0 ? name : `${name} (${facts.join(", ")})`);
}
