import type { CallContext } from "../domain/call-context.ts";
import { errors } from "../protocol/errors.ts";
import { describeProblems, invalidParams, type Validator } from "./param-problems.ts";
import { progressReporter, progressToken } from "./progress.ts";
import { QUICK_CHECKS, type QuickCheck } from "./quick-checks.ts";
import type { RequestContext } from "./request-context.ts";

export type Handler = (params: never, context: CallContext) => object | Promise<object>;

export interface MethodFacts {
  readonly cancellable: boolean;
  readonly progress: boolean;
}

/** What serves the methods of the protocol; made by the composition root. */
export interface EngineParts {
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly validateParams: Readonly<Record<string, Validator>>;
  readonly methodInfo: Readonly<Record<string, MethodFacts>>;
  /** For development and tests: results that do not match become INTERNAL_ERROR. */
  readonly validateResult?: Readonly<Record<string, Validator>>;
  /** Called once, when no request is open any more. */
  close(): Promise<void>;
}

export interface DispatchHost {
  answer(request: RequestContext, result: object): void;
  fail(request: RequestContext, error: unknown): void;
  notify(method: string, params: object): void;
  /** False when too many requests that may take long are open. */
  admitLong(request: RequestContext): boolean;
  openRequests(): number;
}

interface Entry {
  readonly call: (params: unknown, context: CallContext) => object | Promise<object>;
  readonly quickCheck: QuickCheck | undefined;
  readonly validate: Validator;
  readonly validateResult: Validator | undefined;
  readonly info: MethodFacts;
}

/** From a request to its handler and back: known, valid, not too many, called, answered. */
export class Dispatcher {
  readonly #host: DispatchHost;
  readonly #entries: ReadonlyMap<string, Entry>;

  /** Throws when a handler has no validator or no facts: a mistake of the composition. */
  constructor(parts: EngineParts, host: DispatchHost) {
    this.#host = host;
    this.#entries = new Map(Object.keys(parts.handlers).map((method) => [method, entryOf(parts, method)]));
  }

  dispatch(request: RequestContext, params: unknown): void {
    const entry = this.#entries.get(request.method);
    if (entry === undefined) {
      this.#host.fail(request, errors.METHOD_NOT_FOUND({ method: request.method }));
      return;
    }
    if (!entry.quickCheck?.(params) && !entry.validate(params)) {
      this.#host.fail(request, invalidParams(request.method, entry.validate));
      return;
    }
    if (entry.info.cancellable && !this.#admitCancellable(request)) return;
    if (entry.info.progress) this.#connectProgress(request, params);
    this.#call(entry, request, params);
  }

  #admitCancellable(request: RequestContext): boolean {
    if (request.cancelWanted) {
      this.#host.fail(request, errors.CANCELLED());
      return false;
    }
    if (this.#host.admitLong(request)) return true;
    this.#host.fail(request, errors.ENGINE_BUSY({ count: this.#host.openRequests() }));
    return false;
  }

  #connectProgress(request: RequestContext, params: unknown): void {
    const token = progressToken(params);
    if (token !== undefined) request.reporter = progressReporter(token, this.#host.notify);
  }

  #call(entry: Entry, request: RequestContext, params: unknown): void {
    let outcome: object | Promise<object>;
    try {
      outcome = entry.call(params, request);
    } catch (error) {
      this.#host.fail(request, error);
      return;
    }
    if (outcome instanceof Promise) {
      outcome.then(
        (result) => this.#answer(entry, request, result),
        (error: unknown) => this.#host.fail(request, error),
      );
    } else {
      this.#answer(entry, request, outcome);
    }
  }

  #answer(entry: Entry, request: RequestContext, result: object): void {
    if (entry.validateResult === undefined || entry.validateResult(asWritten(result))) {
      this.#host.answer(request, result);
      return;
    }
    const [problem] = describeProblems(entry.validateResult.errors ?? []);
    this.#host.fail(
      request,
      new Error(`the result of ${request.method}: ${problem?.path} ${problem?.message}`),
    );
  }
}

function entryOf(parts: EngineParts, method: string): Entry {
  const validate = parts.validateParams[method];
  const info = parts.methodInfo[method];
  if (validate === undefined || info === undefined) throw new Error(`${method} is not in the protocol`);
  const call = parts.handlers[method] as Entry["call"];
  const quickCheck = QUICK_CHECKS.get(method);
  return { call, quickCheck, validate, info, validateResult: parts.validateResult?.[method] };
}

/** What the peer will read: fields that are undefined are left out, dates are text. */
function asWritten(result: object): unknown {
  return JSON.parse(JSON.stringify(result));
}
