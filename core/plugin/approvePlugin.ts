import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { decidePluginInput } from '../model/pluginLife.ts'
import { canaryInput } from '../model/pluginRollout.ts'
import { authorOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { trustTooLow } from './assess.ts'
import { loadCandidate, type Candidate } from './candidate.ts'
import { grantOf } from './grantOf.ts'

const approvePluginInput = decidePluginInput.extend(canaryInput.shape)

/**
 * Agrees to what a version asks for, which then takes over without a gap, or runs on a share of the profiles where that
 * was asked for or is said here. Where that touches personal data it is
 * for somebody else than who asked; where the plugin is trusted too little for it, for an administrator.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_nothing_waits, plugin_overtaken, plugin_own_approval,
 * plugin_trust_low, plugin_digest_mismatch, plugin_canary_refused, and what keeps a version from being installed
 */
export async function approvePlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> {
  demand(reader, 'approve', 'Plugin')
  const { plugin, digest, comment, canary } = parseInput(approvePluginInput, input)
  const candidate = await loadCandidate(reader, plugin, digest)
  demandApprover(reader, candidate)
  const { pkg, requestedBy } = candidate
  const grant = grantOf(candidate, {
    verdict: 'approved',
    requestedBy,
    decidedBy: authorOf(reader),
    comment: comment ?? null,
  })
  await registry.install(reader.principal.workspaceId, pkg, grant, canary ?? candidate.share)
  return plugin
}

function demandApprover(reader: Reader, candidate: Candidate): void {
  const { pkg, touchesPii, requestedBy } = candidate
  const principal = authorOf(reader)
  if (touchesPii && principal === requestedBy) {
    throw fail('plugin_own_approval', { principal, plugin: pkg.manifest.id })
  }
  demandTrust(reader, candidate)
}

/** What is trusted too little for what it uses is for an administrator. @throws plugin_trust_low */
export function demandTrust(reader: Reader, candidate: Candidate): void {
  const { beyond } = candidate
  if (beyond.length > 0 && !reader.ability.may('administer', 'Plugin').allowed) {
    throw trustTooLow(candidate, beyond)
  }
}
