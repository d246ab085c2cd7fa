import { covers } from '../../../model/purpose.ts'
import { definitionFor } from '../../../../policies/guard.ts'
import { pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput, ManifestGrant } from '../input.ts'

/** Known purpose, known channel, known fields, and somewhere to deliver. */
export function checkRequest({ request, purposes, channels, traits }: GateInput): Finding {
  if (definitionFor(request.purpose, purposes) === undefined) return refuse('purpose_unknown')
  const channel = Object.hasOwn(channels, request.channel) ? channels[request.channel] : undefined
  if (channel === undefined) return refuse('channel_unknown')
  if (channel.needsDestination && (request.destination ?? '') === '') {
    return refuse('destination_required')
  }
  const unknown = request.fields.filter((field) => !traits.some(({ key }) => key === field))
  return unknown.length > 0 ? refuse('field_unknown', unknown.map(traitEvidence)) : pass()
}

/** Somebody stopped it, or there is no policy to go by. */
export function checkKillSwitch({ killSwitches, policy }: GateInput): Finding {
  if (killSwitches.workspacePaused) return refuse('workspace_paused')
  if (killSwitches.pluginPaused) return refuse('plugin_paused')
  if (killSwitches.channelPaused) return refuse('channel_paused')
  if (killSwitches.proposerRevoked) return refuse('proposer_revoked')
  return policy === null ? refuse('no_active_policy') : pass()
}

/** An agent proposes only what its manifest declares: purpose, channel and every field. */
export function checkManifest({ request, grant }: GateInput): Finding {
  if (request.proposer.kind === 'principal') return pass('not_an_agent')
  if (grant === null) return refuse('not_declared')
  const sameAct = declaredActs({ request, grant })
  if (sameAct.length === 0) {
    return refuse('not_declared', [`${request.purpose} by ${request.channel}`])
  }
  const declared = sameAct.some(({ fields }) =>
    request.fields.every((field) => fields.includes(field)),
  )
  if (!declared) return refuse('not_declared', request.fields.map(traitEvidence))
  const { cost } = request
  const mayPay = cost === null || sameAct.some(({ budgets = [] }) => budgets.includes(cost.budget))
  return mayPay ? pass() : refuse('not_declared', [`budget:${cost.budget}`])
}

/** The acts in the agent's manifest that this is one of. */
export const declaredActs = ({
  request,
  grant,
}: Pick<GateInput, 'request' | 'grant'>): readonly ManifestGrant['proposes'][number][] =>
  (grant?.proposes ?? []).filter(
    ({ purpose, channels }) =>
      covers(purpose, request.purpose) &&
      (channels.includes(request.channel) || channels.includes('*')),
  )

export const traitEvidence = (key: string): string => `trait:${key}`
