import type { Json } from '../core/model/json.ts'
import { isObject } from '../core/model/json.ts'

/** What a condition may ask of the principal who asks: `{ "$principal": "id" }` stands for its id, a text. */
export const askerFields = ['id', 'name'] as const
export type AskerField = (typeof askerFields)[number]

/** The asking principal, as far as it is known. */
export type Asker = { readonly [field in AskerField]?: string }

/** What stands in a condition while nobody asks: no value of a profile is equal to it. */
const mark = '\u0001'
export const nobodyYet: Required<Asker> = { id: `${mark}id`, name: `${mark}name` }
export const isNobodyYet = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith(mark)

export const isPlaceholder = (value: Json | undefined): boolean =>
  isObject(value) && Object.hasOwn(value, '$principal')

/** The field that a placeholder names; undefined when it names none that there is. */
export function askerField(value: Json): AskerField | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined
  return askerFields.find((field) => value['$principal'] === field)
}

/** Whether a condition, as it is written, depends on who asks. */
export function hasPlaceholder(value: Json | undefined): boolean {
  if (isPlaceholder(value)) return true
  if (Array.isArray(value)) return value.some(hasPlaceholder)
  return isObject(value) && Object.values(value).some(hasPlaceholder)
}
