import type { Call } from "../call.ts";
import type { ListOptions } from "../options/list-options.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
  readonly total?: number;
}

/** Most items asked for at once: an answer must stay far below what a message may hold. */
const PAGE = 1000;
const DEFAULT_LIMIT = 30;

/** As many items as were asked for, page by page, as one result of the method. */
export async function fetchPages<T>(
  options: Pick<ListOptions, "limit" | "all">,
  fetch: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<Page<T>> {
  const wanted = options.limit ?? (options.all ? Number.POSITIVE_INFINITY : DEFAULT_LIMIT);
  let result = await fetch({ limit: Math.min(PAGE, wanted) });
  while (result.nextCursor !== undefined && result.items.length < wanted) {
    const limit = Math.min(PAGE, wanted - result.items.length);
    const next = await fetch({ limit, cursor: result.nextCursor });
    result = { ...next, items: [...result.items, ...next.items] };
  }
  return result;
}

/** Says that there is more than what is shown. */
export async function noteMore(call: Call, page: Page<unknown>): Promise<void> {
  if (page.nextCursor === undefined) return;
  const of = page.total === undefined ? "" : ` of ${page.total}`;
  await call.note(call.noteStyle.dim(`The first ${page.items.length}${of}; --all shows every one.`));
}
