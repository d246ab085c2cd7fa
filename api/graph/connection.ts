import { fail } from '../../core/errors.ts'
import type { Page } from '../../core/read/page.ts'

/** A page in Relay's form. The cursor is the row's own id: what pages are cut by. */
export function asConnection<T>(
  page: Page<T>,
  cursorOf: (item: T) => string,
  after?: string | null,
) {
  const edges = page.items.map((node) => ({ cursor: cursorOf(node), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

export interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** @throws bad_input for a cursor that no page ended with */
export function checked<Args extends PageArgs>(args: Args): Args {
  if (args.after == null || /^[0-9A-Za-z_-]{1,64}$/.test(args.after)) return args
  throw fail('bad_input', { path: 'after', reason: 'it is not a cursor of this list' })
}
