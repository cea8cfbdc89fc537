import assert from "node:assert/strict";
import { test } from "node:test";
import { repositoryOf } from "../../../src/domain/image-name.ts";

test("the repository of an image is its name without tag and digest", () => {
  const digest = `@sha256:${"a".repeat(64)}`;
  assert.equal(repositoryOf("python:3.12-slim"), repositoryOf(`python${digest}`));
  assert.equal(repositoryOf("docker.io/library/python:3"), "python");
  assert.equal(repositoryOf(`localhost:5000/team/app:1${digest}`), "localhost:5000/team/app");
  assert.notEqual(repositoryOf(`evil.example/python${digest}`), repositoryOf("python:3.12"));
});
