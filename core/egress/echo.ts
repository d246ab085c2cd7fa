import type { Echo } from './prepare.ts'

/** Shorter values would tear every answer apart and tell nobody anything. */
const echoCharsMin = 4

/** A text with every value covered, in the forms in which servers give back what they were sent. */
export function cover(text: string, echoes: readonly Echo[]): string {
  const forms = echoes
    .filter(([value]) => value.length >= echoCharsMin)
    .flatMap(([value, shown]) => formsOf(value).map((form) => [form, shown] as const))
    .toSorted(([left], [right]) => right.length - left.length)
  return forms.reduce((covered, [form, shown]) => replaceAnyCase(covered, form, shown), text)
}

const formsOf = (value: string): string[] => {
  const bytes = Buffer.from(value)
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      encodeURIComponent(value).replaceAll('%20', '+'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ]),
  ]
}

const replaceAnyCase = (text: string, form: string, shown: string): string =>
  text.replaceAll(
    new RegExp(form.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`), 'gi'),
    () => shown,
  )
