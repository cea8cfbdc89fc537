import assert from "node:assert/strict";
import { test } from "node:test";
import { baseImages, bothDockerfile, copySources, rDockerfile } from "../../../src/domain/dockerfile.ts";
import { renvLock } from "../../../src/domain/renv-lock.ts";

test("a lock file for renv holds what a repository has, and tells what it leaves out", () => {
  const { text, left } = renvLock("4.2.2", [
    { name: "jsonlite", version: "1.8.4" },
    { name: "mine", version: "0.1", source: "https://github.com/me/mine@abc" },
  ]);
  const lock = JSON.parse(text);
  assert.deepEqual([lock.R.Version, Object.keys(lock.Packages), left], ["4.2.2", ["jsonlite"], ["mine"]]);
  assert.equal(lock.Packages.jsonlite.Version, "1.8.4");
});

test("Dockerfiles for R, alone and with Python", () => {
  assert.deepEqual(baseImages(rDockerfile("4.2.2")), ["rocker/r-ver:4.2.2"]);
  assert.deepEqual(copySources(bothDockerfile("4.2.2")), ["renv.lock", "requirements.txt"]);
});
