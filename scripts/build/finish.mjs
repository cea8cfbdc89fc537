const SHEBANG = "#!/usr/bin/env node\n";
const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);\n';
const FOLDER =
  'import{fileURLToPath as __toPath}from"node:url";const __filename=__toPath(import.meta.url),__dirname=__toPath(new URL(".",import.meta.url));\n';

/**
 * What the bundler leaves out of ES modules that hold CommonJS code: `require`, `__filename` and `__dirname`.
 * Only files that mention them get them; the entry files stay free of the cost.
 */
export function finishedText(name, text) {
  let head = "";
  if (name === "datmo.js") head += SHEBANG;
  if (text.includes("Dynamic require of")) head += REQUIRE;
  if (/\b__(filename|dirname)\b/.test(text)) head += FOLDER;
  return head + text;
}
