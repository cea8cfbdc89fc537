import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../util/durations.ts";

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** `2h`, `1h30m`, `90s`; a bare number is seconds. In milliseconds. */
export function durationOption(text: string): number {
  const milliseconds = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (milliseconds === null || milliseconds < 1) {
    throw new InvalidArgumentError("Write a time such as 90s, 30m, 2h or 1h30m.");
  }
  return milliseconds;
}

export function countOption(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("Write a whole number above 0.");
  }
  return number;
}

/** 0 and above. */
export function naturalOption(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError("Write a whole number that is not negative.");
  }
  return number;
}

export function integerOption(text: string): number {
  const number = Number(text);
  if (!/^[-+]?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError("Write a whole number.");
  }
  return number;
}

export function shareOption(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError("Write a number that is not negative, such as 1e-6.");
  }
  return number;
}

/** `0,2`: what stands between the commas. */
export function wordsOption(text: string): string[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.includes("")) throw new InvalidArgumentError("Write names with commas between them.");
  return words;
}

/** How the output of a command is read. */
export function parserOption(): Option {
  const what = "what finds metrics in its output: key-value (when not given), none, or a plugin's parser";
  return new Option("--parser <name>", what);
}
