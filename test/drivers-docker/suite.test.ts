import { describe } from "node:test";
import { driverSuite } from "../helpers/driver-suite.ts";
import { makePlace, skip, useEngine } from "./helpers.ts";

describe("containers as a driver", { skip }, () => {
  const box = useEngine();
  driverSuite((t) => {
    const { driver, root, spec } = makePlace(t, box.engine.host);
    return { driver, directory: root, spec: (command, more) => spec(command, {}, more) };
  });
});
