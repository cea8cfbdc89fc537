import assert from "node:assert/strict";
import { test } from "node:test";
import { baseImages, copySources } from "../../../src/domain/dockerfile.ts";

test("what a Dockerfile copies from its context", () => {
  const text = `# COPY not-this /
FROM python:3.13 AS build
copy requirements.txt setup.cfg \\
     /app/
ADD --chown=1000:1000 ["data file.csv", "/data/"]
ADD https://example.org/x.tar.gz /x
COPY --from=build /out /out
COPY . /app
RUN echo COPY nothing /
COPY <<EOF /etc/conf
a
EOF
`;
  assert.deepEqual(copySources(text), ["requirements.txt", "setup.cfg", "data file.csv", "."]);
});

test("the images that it builds on", () => {
  const text =
    "FROM --platform=linux/amd64 Python:3.13 as Build\nFROM scratch\nFROM build\nFROM r:4\nFROM r:4\n";
  assert.deepEqual(baseImages(text), ["Python:3.13", "r:4"]);
});
