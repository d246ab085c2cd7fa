import { z } from 'zod'
import { purposeSchema } from './purpose.ts'

const name = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w][\w .:/-]*$/, 'letters, digits, spaces and _ . : / - only')

export const noticeInputSchema = z.object({
  id: name(200),
  version: name(60),
  language: z
    .string()
    .max(35)
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language looks like de or pt-BR'),
  text: z.string().min(1).max(200_000),
  purposes: z.array(purposeSchema).min(1).max(100),
  /** The oldest version whose grants still count; this one itself where the change matters to people. */
  accepts: name(60).nullish(),
})
export type NoticeInput = z.infer<typeof noticeInputSchema>

/** What people are told before they consent, in one language of one version. */
export interface Notice extends Omit<NoticeInput, 'accepts'> {
  sha256: string
  /** The order of versions, from 1. */
  number: number
  accepts: string
  author: string
  publishedAt: Date
}

/** One version of a notice, as far as it decides whose grants count. */
export interface NoticeVersion {
  id: string
  version: string
  number: number
  /** The number of the oldest version that this one accepts. */
  floor: number
}

/** Per notice the numbers of its versions, and the oldest that is still accepted. */
export type NoticeFloors = ReadonlyMap<
  string,
  { readonly floor: number; readonly numbers: ReadonlyMap<string, number> }
>

/** What one version no longer accepts none of those after it accepts again. */
export function floorsOf(versions: readonly NoticeVersion[]): NoticeFloors {
  return new Map(
    [...Map.groupBy(versions, ({ id }) => id)].map(([id, all]) => [
      id,
      {
        floor: Math.max(...all.map(({ floor }) => floor)),
        numbers: new Map(all.map(({ version, number }) => [version, number])),
      },
    ]),
  )
}

/** Whether a grant for a version of a notice counts no more. Of a known notice an unknown version does not count. */
export function isOutdated(
  floors: NoticeFloors,
  id: string | null,
  version: string | null,
): boolean {
  const notice = id === null ? undefined : floors.get(id)
  if (notice === undefined) return false
  const number = version === null ? undefined : notice.numbers.get(version)
  return number === undefined || number < notice.floor
}
