import { codeOf } from './problem.ts'

// Letters of other alphabets that are drawn like a Latin one; those that Unicode itself calls compatible
// (full width, mathematical) are folded by normalising.
const latin: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ЅS ІI ЈJ аa еe оo рp сc уy хx ѕs іi јj һh ԁd ԛq ԝw ' +
    'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo αa ιi νv ρp κk υu ıi ɡg ɑa ℓl ƖI ⅼl ‐- ‑- –- —- −- ＿_'
  )
    .split(' ')
    .map((pair) => [pair.slice(0, 1), pair.slice(1)]),
)

/**
 * What a text looks like in plain Latin letters, and the first letter that only looks like one; undefined for
 * a text of plain letters and for one that looks like nothing Latin.
 */
export function looksLike(text: string): { plain: string; letter: string } | undefined {
  const letter = Array.from(text).find((each) => each > '\u007e')
  if (letter === undefined) return undefined
  const folded = text.normalize('NFKD').replaceAll(/[\p{M}\u200c\u200d]/gu, '')
  const plain = Array.from(folded, (each) =>
    Object.hasOwn(latin, each) ? (latin[each] ?? each) : each,
  ).join('')
  return /^[\u0020-\u007e]+$/.test(plain) ? { plain, letter: codeOf(letter) } : undefined
}
