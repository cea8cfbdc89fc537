import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Page } from "playwright-core";

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** How long a page may take for one step; what cannot come is an error then, with what was waited for. */
const STEP_MS = 120_000;

/** What is missing for a browser of the tests' own, and how to get it; undefined when nothing is. */
export function missingBrowser(): string | undefined {
  return browserPath() === undefined ? "Chromium: apt-get install chromium-headless-shell" : undefined;
}

/** An empty page of a headless Chromium, which is gone when the test is over. */
export async function openPage(t: { after(end: () => Promise<void>): void }): Promise<Page> {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: browserPath() ?? "",
    // Chromium's sandbox refuses to run as root, as which containers do everything.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.context().setDefaultTimeout(STEP_MS);
  page.context().setDefaultNavigationTimeout(STEP_MS);
  return page;
}

/** Where a file is kept that people look at after the tests: `test-artifacts/`, or DATMO_TEST_ARTIFACTS. */
export function artifact(name: string): string {
  const folder = resolve(process.env["DATMO_TEST_ARTIFACTS"] ?? "test-artifacts");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

function browserPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
