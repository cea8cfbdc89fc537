import { join } from "node:path";
import { createHostDriver } from "../../../src/drivers/host/host-driver.ts";
import { driverSuite } from "../../helpers/driver-suite.ts";
import { makePlace } from "./helpers.ts";

driverSuite((t) => {
  const place = makePlace(t);
  let made = 0;
  return {
    driver: createHostDriver(),
    directory: place.directory,
    spec: (command, more) =>
      place.spec(command, { taskDirectory: join(place.taskDirectory, "..", `run${made++}`), ...more }),
  };
});
