/**
 * The attack list: what a hostile plugin would try, as data. Each line is the body of an async function that
 * gets `get(name)`, which reaches for a built-in module in every known way, and `bait`. It is open when it
 * answers something truthy; throwing or answering nothing means that the tier held.
 */
export interface AttackLine {
  what: string
  code: string
  /** Why it does no harm where it works; such lines are told and not counted as open. */
  harmless?: string
}

export interface AttackGroup {
  name: string
  lines: readonly AttackLine[]
  /** Left out outside the isolate, where what it looks for is there by nature. */
  isInsideOnly?: true
}

/** What the lines go for; all of it made for them and nothing of it anybody's. */
export interface Bait {
  /** A file that must not be read, and what is in it. */
  file: string
  secret: string
  /** A folder that must stay empty. */
  folder: string
  /** A symbolic link to the file, in the folder of the plugin's code. */
  link: string
  /** A server on this machine that nobody may reach. */
  port: number
  /** A process of the same user that must be left alone. */
  pid: number
}

export const line = (what: string, code: string, harmless?: string): AttackLine =>
  harmless === undefined ? { what, code } : { what, code, harmless }
