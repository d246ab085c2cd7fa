import { fail } from '../errors.ts'
import type { ConsentProof } from '../model/consent.ts'
import type { Notice } from '../model/notice.ts'
import { covers } from '../model/purpose.ts'

type Published = Omit<Notice, 'text'>

/**
 * The proof of a grant, held against the notice that it names. What the workspace never published is kept as it
 * was said; what it published must have been published so, and tell people of the purpose. The hash of the text
 * is filled in where the proof leaves no doubt which text it was.
 *
 * @param versions all that was published under the notice's id
 * @throws notice_mismatch
 */
export function witness(
  proof: ConsentProof,
  purpose: string,
  versions: readonly Published[],
): ConsentProof {
  const [newest] = versions
  if (newest === undefined) return proof
  const { noticeVersion, noticeHash, language } = proof
  const mismatch = (reason: string) => fail('notice_mismatch', { notice: newest.id, reason })
  if (!noticeVersion) throw mismatch('the proof names no version of it')
  const ofVersion = versions.filter(({ version }) => version === noticeVersion)
  if (ofVersion.length === 0) throw mismatch(`there is no version ${noticeVersion} of it`)
  const shown = ofVersion.filter((each) => !language || each.language === language)
  if (shown.length === 0) {
    throw mismatch(`version ${noticeVersion} was not published in language ${language}`)
  }
  const meant = shown.filter(({ sha256 }) => !noticeHash || sha256 === noticeHash.toLowerCase())
  const [only] = meant
  if (only === undefined) {
    throw mismatch(`no text of version ${noticeVersion} has the hash ${noticeHash}`)
  }
  if (!meant.some(({ purposes }) => purposes.some((each) => covers(each, purpose)))) {
    throw mismatch(`version ${noticeVersion} tells nobody of the purpose ${purpose}`)
  }
  return meant.length === 1 ? { ...proof, noticeHash: only.sha256, language: only.language } : proof
}
