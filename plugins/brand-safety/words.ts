/** Finding words that are not to be said. Pure. */

/** A few words each: a start for a list of one's own, not the last word on a category. */
const categories: Readonly<Record<string, readonly string[]>> = {
  adult: ['porn', 'xxx', 'escort', 'nude'],
  alcohol: ['beer', 'wine', 'vodka', 'whisky', 'cocktail'],
  gambling: ['casino', 'betting', 'jackpot', 'poker', 'roulette'],
  pressure: ['last warning', 'act now or', 'you will lose', 'final notice', 'risk free'],
  tobacco: ['cigarette', 'cigarettes', 'vape', 'tobacco', 'nicotine'],
  weapons: ['gun', 'guns', 'rifle', 'ammunition', 'firearm'],
}

export interface Forbidden {
  words: readonly string[]
  categories: readonly string[]
}

/** What a text was found to be: names of categories, and `word` for a word of the list; sorted, each once. */
export function faultsOf(text: string, forbidden: Forbidden): string[] {
  const said = plain(text)
  const isSaid = (word: string): boolean => said.includes(plain(word))
  const found = forbidden.categories.filter((name) => categories[name]?.some(isSaid))
  return [...found, ...(forbidden.words.some(isSaid) ? ['word'] : [])].toSorted()
}

/**
 * Words between single spaces, without accents, case, signs and what is not seen: `Ca\u00adSINO!` is ` casino `.
 * Whole words only, so that `begun` has no gun in it.
 */
const plain = (text: string): string => {
  const letters = text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
  return ` ${letters.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()} `
}
