// generated from protocol/, do not edit; npm run generate
import type { Validate } from "./validators.js";

/** Validates a document by `schemas/open-run.schema.json`. */
export const validateOpenRun: Validate;

/** Validates a document by `schemas/plugin-manifest.schema.json`. */
export const validatePluginManifest: Validate;

/** Validates a document by `schemas/plugin-tests.schema.json`. */
export const validatePluginTests: Validate;

/** Validates a document by `schemas/pointer.schema.json`. */
export const validatePointer: Validate;

/** Validates a document by `schemas/project-config.schema.json`. */
export const validateProjectConfig: Validate;

/** Validates a document by `schemas/queued-run.schema.json`. */
export const validateQueuedRun: Validate;

/** Validates a document by `schemas/run-journal.schema.json`. */
export const validateRunJournal: Validate;

/** Validates a document by `schemas/snapshot-manifest.schema.json`. */
export const validateSnapshotManifest: Validate;
