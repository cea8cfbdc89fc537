// generated from protocol/, do not edit; npm run generate
import type { PluginCall } from "./methods.ts";
import type { Validate } from "./validators.js";

/** Validators of what plugins answer. */
export const validatePluginAnswer: Readonly<Record<PluginCall, Validate>>;
