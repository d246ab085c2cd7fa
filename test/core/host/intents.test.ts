import { expect, test } from 'vitest'
import { openTrial } from '../../../core/host/trial.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const cause = {
  kind: 'intent',
  id: 'i1',
  state: 'open',
  agent: 'ads/spend',
  intent: 'spend',
  resource: 'channel:email',
  direction: 'up',
} as const

const told = 'causes[0].kind === "intent" ? causes[0] : { id: "" }'

test('a trial hands on what others announce, and shows what is vetoed and announced', async () => {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      agents: [
        probeAgent({
          triggers: { intents: ['spend'] },
          announces: [{ kind: 'save' }],
          vetoes: ['spend'],
        }),
      ],
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      export default definePlugin({ agents: { probe: ({ causes }) => done({
        intents: [{ kind: causes[0].resource === 'x' ? 'spend' : 'save', resource: 'y', windowMs: 100 }],
        vetoes: [{ intent: (${told}).id, reason: 'no' }] }) } })`,
  })
  await using trial = await openTrial(folder.path)
  const outcome = await trial.react('probe', { causes: [cause] })
  expect(outcome).toMatchObject({
    intents: [{ kind: 'save', resource: 'y', windowMs: 100 }],
    vetoes: [{ intent: 'i1', reason: 'no' }],
  })
  // (refused)
  await expect(
    trial.react('probe', { causes: [{ ...cause, resource: 'x' }] }),
  ).rejects.toMatchObject({ code: 'effect_not_declared', values: { effect: 'announce spend' } })
  await expect(
    trial.react('probe', { causes: [{ ...cause, intent: 'other' }] }),
  ).rejects.toMatchObject({ code: 'trial_input_undeclared' })
})
