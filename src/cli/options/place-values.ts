import { InvalidArgumentError } from "commander";
import type { DataSource, PortMapping } from "../../protocol/types.ts";

/** Words that may follow `--gpu` as its value. */
export const GPU_VALUE =
  /^(all|\d+(:\d+)?(,\d+(:\d+)?)*|(device=|GPU-|MIG-)\S+|renderD\d+(,renderD\d+)*|[\w.-]+\/[\w.-]+=\S+)$/;

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `4g`, `512m`, `1.5GiB`; a bare number is bytes. In bytes, units as powers of 1024, as Docker has them. */
export function sizeOption(text: string): number {
  const [, number = "", unit = "b"] = /^(\d+(?:\.\d+)?) *(?:([bkmgt])(?:i?b)?)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
  if (number === "" || bytes < 1 || !Number.isSafeInteger(bytes)) {
    throw new InvalidArgumentError("Write a size such as 512m or 4g.");
  }
  return bytes;
}

export function cpusOption(text: string): number {
  const number = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || number <= 0) {
    throw new InvalidArgumentError("Write a number of processors, such as 2 or 0.5.");
  }
  return number;
}

/** `8080:80`; `80` alone is a free port of this machine. */
export function portOption(text: string, earlier: readonly PortMapping[] = []): PortMapping[] {
  const [, host, container] = /^(?:127\.0\.0\.1:)?(?:(\d+):)?(\d+)$/.exec(text) ?? [];
  const mapping = { host: Number(host ?? 0), container: Number(container ?? 0) };
  if (mapping.container < 1 || Math.max(mapping.host, mapping.container) > 65_535) {
    throw new InvalidArgumentError("Write HOST:CONTAINER, such as 8080:80.");
  }
  return [...earlier, mapping];
}

/** `SRC`, `SRC>NAME`, each with `:ro` for one that is only read. */
export function dataOption(text: string, earlier: readonly DataSource[] = []): DataSource[] {
  const readOnly = text.endsWith(":ro");
  const [source = "", name, ...more] = (readOnly ? text.slice(0, -3) : text)
    .split(">")
    .map((part) => part.trim());
  if (source === "" || name === "" || more.length > 0) {
    throw new InvalidArgumentError("Write SRC or SRC>NAME, with :ro when it is only read.");
  }
  const one = { source, ...(name === undefined ? {} : { name }), ...(readOnly ? { readOnly } : {}) };
  return [...earlier, one];
}
