import type { ReactInput } from './contract.ts'

const shown = '[masked]'

// What looks like an address, or like a phone, card or customer number, whatever was in the input.
const personal = /[^\s@"'<>]+@[^\s@"'<>]+|\+?\d(?:[ ()./-]{0,3}\d){5,}/g

/**
 * A plugin's text made fit for logs and errors: every value of the input that stands in it is replaced,
 * then everything that looks like an address or a long number. At most 500 characters.
 */
export function mask(text: string, input: ReactInput | undefined): string {
  const leaves = new Set<string>()
  if (input !== undefined) {
    for (const trait of Object.values(input.profile.traits)) collect(trait.value, leaves)
    for (const cause of input.causes) if (cause.kind === 'event') collect(cause.properties, leaves)
    collect(input.state?.profile, leaves)
  }
  const longestFirst = [...leaves].toSorted((left, right) => right.length - left.length)
  const covered = longestFirst.reduce(
    (masked, leaf) => masked.replaceAll(leaf, shown),
    text.slice(0, 2000),
  )
  return covered.replaceAll(personal, shown).slice(0, 500)
}

// Shorter values ("a", "12") would tear every message apart and tell nobody anything.
const leafMin = 3

function collect(value: unknown, leaves: Set<string>): void {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item, leaves)
  } else if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value)
    if (text.length >= leafMin) leaves.add(text)
  }
}
