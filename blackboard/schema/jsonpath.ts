import { customType } from 'drizzle-orm/pg-core'

/** Paths of SQL/JSON, as text. */
export const jsonpath = customType<{ data: string }>({ dataType: () => 'jsonpath' })
