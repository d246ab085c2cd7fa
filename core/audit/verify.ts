import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { genesis, problemWithin, verifyEntries } from './chain.ts'
import type { Entry } from './chain.ts'
import { isSignedBy, keyIdOf } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { jsonOf, parseLine, readPublicKey } from './line.ts'
import type { Proof } from './line.ts'
import { digestOfReceipt, isReceiptSignedBy } from '../subject/receipt.ts'
import type { Receipt } from '../subject/receipt.ts'
import { emptyTree, grow, inclusionPath, isIncluded, rootOf } from './merkle.ts'

export interface AuditResult {
  valid: boolean
  /** Entries found in order. */
  entries: number
  /** Hash of the last of them. */
  head: string | null
  checkpoints: number
  /** Receipts of erasures found, each signed, and named by the log where there is one. */
  receipts: number
  /** How many of the entries the last checkpoint covers; what comes after is chained and not signed yet. */
  signed: number
  /** Of the key that the checkpoints were held against. */
  keyId: string | null
  problem: string | null
}

/**
 * Checks an exported log, or a proof of one entry, with nothing but itself and the public key: that the
 * entries are in order and unchanged, and that each checkpoint is what they add up to and was signed.
 *
 * @param key who is believed; absent, the key that the file names, which is only worth what is known of it
 * @throws bad_input for a line that is none of an export
 */
export async function verifyLog(
  lines: AsyncIterable<string> | Iterable<string>,
  key?: KeyObject,
): Promise<AuditResult> {
  const check = new Check(key)
  let number = 0
  for await (const text of lines) {
    number += 1
    if (text.trim() === '') continue
    const line = parseLine(text, number)
    if ('publicKey' in line) check.takeKey(line.publicKey)
    else if ('entry' in line) check.takeEntry(line.entry)
    else if ('checkpoint' in line) check.takeCheckpoint(line.checkpoint)
    else if ('receipt' in line) check.takeReceipt(line.receipt)
    else check.takeProof(line.proof)
    if (check.problem !== null) break
  }
  return check.result()
}

class Check {
  problem: string | null = null
  #key: KeyObject | undefined
  readonly #isGiven: boolean
  #state = { seq: 0, hash: genesis }
  #tree = emptyTree
  #workspace: number | undefined
  #checkpoints = 0
  #receipts = 0
  /** By receipt, the digest that the log has of it. */
  readonly #erasures = new Map<string, string>()
  #signed = 0
  #proven: Entry | undefined

  constructor(key: KeyObject | undefined) {
    this.#key = key
    this.#isGiven = key !== undefined
  }

  takeKey(text: string): void {
    if (!this.#isGiven) this.#key = readPublicKey(text)
  }

  takeEntry(entry: Entry): void {
    const result = verifyEntries([entry], this.#state)
    if (!result.ok) {
      this.problem = `entry ${result.seq}: ${result.problem}`
      return
    }
    this.#state = { seq: result.entries, hash: result.head }
    this.#tree = grow(this.#tree, [Buffer.from(entry.hash, 'hex')])
    const erased = entry.action === 'subject.erase' ? erasureOf(entry.payload) : undefined
    if (erased) this.#erasures.set(erased.receipt, erased.digest)
  }

  takeCheckpoint(checkpoint: Checkpoint): void {
    const { size, root, head } = checkpoint
    this.problem = this.#unsigned(checkpoint)
    if (this.problem !== null) return
    if (size !== this.#tree.size)
      this.problem = `checkpoint ${size}: it does not stand after its last entry`
    else if (root !== rootOf(this.#tree).toString('hex') || head !== this.#state.hash) {
      this.problem = `checkpoint ${size}: what was signed is not what stands here`
    }
    this.#checkpoints += 1
    this.#signed = size
  }

  takeProof({ entry, path, checkpoint }: Proof): void {
    const within = problemWithin(entry)
    const leaf = Buffer.from(entry.hash, 'hex')
    const steps = path.map((step) => Buffer.from(step, 'hex'))
    const tree = { size: checkpoint.size, root: Buffer.from(checkpoint.root, 'hex') }
    this.problem = this.#unsigned(checkpoint)
    if (this.problem !== null) return
    if (within !== undefined) this.problem = `entry ${entry.seq}: ${within}`
    else if (!isIncluded(leaf, entry.seq - 1, steps, tree)) {
      this.problem = `entry ${entry.seq}: it is not part of what was signed`
    }
    this.#checkpoints += 1
    this.#proven = entry
  }

  takeReceipt(receipt: Receipt): void {
    const { id, workspace, keyId } = receipt
    this.#workspace ??= workspace
    this.#receipts += 1
    if (!this.#key) this.problem = `receipt ${id}: no key to hold its signature against`
    else if (!isReceiptSignedBy(receipt, this.#key)) {
      this.problem = `receipt ${id}: it was not signed by ${keyIdOf(this.#key)}, or changed since (${keyId})`
    } else if (workspace !== this.#workspace) {
      this.problem = `receipt ${id}: it is of another workspace`
    } else if (this.#state.seq > 0 && this.#erasures.get(id) !== digestOfReceipt(receipt)) {
      this.problem = `receipt ${id}: the log before it does not name it`
    }
  }

  #unsigned(checkpoint: Checkpoint): string | null {
    const { size, workspace } = checkpoint
    this.#workspace ??= workspace
    if (!this.#key) return `checkpoint ${size}: no key to hold its signature against`
    if (workspace !== this.#workspace) return `checkpoint ${size}: it is of another workspace`
    return isSignedBy(checkpoint, this.#key)
      ? null
      : `checkpoint ${size}: it was not signed by ${keyIdOf(this.#key)}`
  }

  result(): AuditResult {
    const isProof = this.#proven !== undefined
    const entries = isProof ? 1 : this.#state.seq
    return {
      valid: this.problem === null,
      entries,
      head: this.problem === null ? (this.#proven?.hash ?? this.#state.hash) : null,
      checkpoints: this.#checkpoints,
      receipts: this.#receipts,
      signed: isProof ? entries : this.#signed,
      keyId: this.#key ? keyIdOf(this.#key) : null,
      problem: this.problem,
    }
  }
}

const erasureSchema = z.object({ receipt: z.string(), digest: z.string() })

/** The payload is what its entry's hash covers: it is JSON, and may be of another release. */
const erasureOf = (payload: string): z.infer<typeof erasureSchema> | undefined =>
  erasureSchema.safeParse(jsonOf(payload)).data

/**
 * The proof of one entry from an exported log: the first checkpoint that covers it, and the way there.
 * Undefined when no checkpoint of the log does. Reads the log as it stands; verify it first.
 */
export async function proveEntry(
  lines: AsyncIterable<string> | Iterable<string>,
  seq: number,
): Promise<{ proof: Proof; publicKey: string } | undefined> {
  const leaves: Buffer[] = []
  let entry: Entry | undefined
  let publicKey = ''
  let number = 0
  for await (const text of lines) {
    number += 1
    if (text.trim() === '') continue
    const line = parseLine(text, number)
    if ('publicKey' in line) publicKey = line.publicKey
    if ('entry' in line) {
      leaves.push(Buffer.from(line.entry.hash, 'hex'))
      if (line.entry.seq === seq) entry = line.entry
    }
    if ('checkpoint' in line && entry !== undefined) {
      const path = inclusionPath(leaves, seq - 1).map((step) => step.toString('hex'))
      return { proof: { entry, path, checkpoint: line.checkpoint }, publicKey }
    }
  }
  return undefined
}
