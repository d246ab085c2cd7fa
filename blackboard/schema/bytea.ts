import { customType } from 'drizzle-orm/pg-core'

/** Binary columns; postgres.js gives and takes Buffers. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
