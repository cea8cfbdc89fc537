// generated from protocol/, do not edit; npm run generate
import type { EngineNotification, Method } from "./methods.ts";
import type { Validate } from "./validators.js";

/** Validators of what the engine answers; for tests and development. */
export const validateResult: Readonly<Record<Method, Validate>>;

/** Validators of the notifications that only the engine sends; for tests and development. */
export const validateNotification: Readonly<Record<Exclude<EngineNotification, "$/cancelRequest">, Validate>>;
