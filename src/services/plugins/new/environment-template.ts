import { keyOf, type Template } from "./template.ts";

/** A catalogue with one entry. */
export const environmentTemplate: Template = {
  description: "an environment with the packages that a team shares",
  provides: (name) => [{ kind: "environment", name, description: "the environments of a team" }],
  main: {
    typescript: (name) => `import { definePlugin } from "datmo-plugin";

const IMAGES = { py312: "python:3.12-slim", py313: "python:3.13-slim" };
const PACKAGES = ["numpy==2.2.1", "pandas==2.2.3"];

export default definePlugin({
  environments: {
    ${keyOf(name)}: {
      /** What can be chosen, the default first. */
      entries: () => [
        {
          framework: "${name}",
          description: "Python with the packages of the team",
          variants: Object.entries(IMAGES).map(([language, image]) => ({ type: "cpu", language, image })),
        },
      ],
      /** The files of one choice. */
      files: ({ language }) => {
        const image = IMAGES[language as keyof typeof IMAGES];
        return {
          Dockerfile: \`FROM \${image}\\nCOPY requirements.txt .\\nRUN pip install -r requirements.txt\\n\`,
          "requirements.txt": \`\${PACKAGES.join("\\n")}\\n\`,
        };
      },
    },
  },
});
`,
  },
  unitTest: (name) => `import assert from "node:assert/strict";
import { fakeDatmo } from "datmo-plugin/testing";
import plugin from "./main.ts";

const catalogue = plugin.environments?.["${name}"];

Deno.test("has a Dockerfile for each of its variants", async () => {
  for (const { framework, variants } of (await catalogue?.entries(fakeDatmo())) ?? []) {
    for (const { type, language, image } of variants) {
      const files = await catalogue?.files({ framework, type, language }, fakeDatmo());
      assert.ok(files?.["Dockerfile"]?.startsWith(\`FROM \${image}\\n\`));
      assert.match(files?.["requirements.txt"] ?? "", /^numpy==/);
    }
  }
});
`,
  cases: (name) => [
    {
      name: "is set up as datmo's own environments are",
      steps: [
        {
          request: "environment.setup",
          params: { framework: name, language: "py313" },
          expect: { created: true, environment: { name: `${name}:cpu-py313` } },
        },
        {
          request: "environment.setup",
          params: { framework: name, language: "py27" },
          expectError: "CATALOGUE_UNKNOWN",
        },
      ],
    },
  ],
  use: (name) => `datmo environment setup --framework ${name}`,
};
