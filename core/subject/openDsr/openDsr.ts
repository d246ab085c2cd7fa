import type { Board } from '../../board.ts'
import { createPoster, type PosterOptions } from '../../flow/channel/post.ts'
import { repeat } from '../../flow/repeat.ts'
import { answerControllers } from './answer.ts'
import { tellControllers } from './callbacks.ts'
import { createSigner, type Signer, type SignerOptions } from './signer.ts'

export interface OpenDsrOptions extends SignerOptions {
  /** Where controllers reach us, without the path. */
  baseUrl: string
  /** How long a request can be cancelled before it is answered. */
  pendingMs: number
}

/** OpenDSR 2.0 as this installation speaks it: one key for all workspaces, each with its own controllers. */
export interface OpenDsr extends AsyncDisposable {
  signer: Signer
  baseUrl: string
  /** Answers what is due; returns how many. */
  answer(): Promise<number>
  /** Tells controllers; returns how many were tried. */
  tell(): Promise<number>
}

export const openDsrDefaults: OpenDsrOptions = {
  domain: 'localhost',
  baseUrl: 'http://localhost:4000',
  keyPem: undefined,
  certificatePem: undefined,
  pendingMs: 3_600_000,
}

const pollMs = 5000

/** @param works false leaves answering and telling to another process */
export function createOpenDsr(
  board: Board,
  workspaceId: number,
  options: OpenDsrOptions,
  outward: PosterOptions,
  works: boolean,
): OpenDsr {
  const { baseUrl, pendingMs } = options
  const signer = createSigner(board, workspaceId, options)
  const poster = createPoster(outward)
  const answer = () => answerControllers(board, pendingMs)
  const tell = () => tellControllers({ board, signer, poster, baseUrl })
  const steps = works
    ? [repeat('openDsr', pollMs, board.log, answer), repeat('callbacks', pollMs, board.log, tell)]
    : []
  const deafen = board.signals.on('subject', () => {
    for (const step of steps) step.rouse()
  })
  return {
    signer,
    baseUrl,
    answer,
    tell,
    async [Symbol.asyncDispose]() {
      deafen()
      for (const step of steps) await step[Symbol.asyncDispose]()
      poster.close()
    },
  }
}
