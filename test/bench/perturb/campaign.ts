import { digestOf, type PluginPackage } from '../../../core/host/package.ts'
import { manifestSchema } from '../../../core/model/manifest.ts'

export const plugin = 'campaign'
export const budget = 'campaign'
export const purpose = 'marketing.promotion'

/** Two agents: who is gold goes by a rule that operators set, and gold customers are made an offer at a cost. */
export function campaignPackage(url: string): PluginPackage {
  const manifest = manifestSchema.parse({
    id: plugin,
    version: '1.0.0',
    name: 'Campaign',
    apiVersion: 1,
    engines: { slateboard: '*' },
    main: 'plugin.ts',
    traits: [{ key: 'tier', class: 'none', purposes: ['personalization', 'marketing'] }],
    agents: [
      {
        id: 'segment',
        triggers: { traits: ['spend'] },
        reads: { traits: ['spend'] },
        writes: ['tier'],
        purpose: 'personalization',
      },
      {
        id: 'offer',
        triggers: { traits: ['tier'] },
        reads: { traits: ['tier'] },
        when: { 'traits.tier': 'gold' },
        purpose: 'personalization',
        proposes: [{ purpose, channels: ['webhook'], budgets: [budget] }],
      },
    ],
    network: [{ host: new URL(url).hostname, methods: ['POST'], purpose, reason: 'offers' }],
    config: {
      schema: {
        type: 'object',
        properties: { goldFrom: { type: 'number', default: 500 } },
        additionalProperties: false,
      },
    },
  })
  const bundle = `"use strict";
const done = (effects) => ({ kind: 'done', writes: {}, activations: [], holds: [], releases: [], ...effects });
const segment = ({ profile: { traits }, config }) => {
  const value = traits.spend && traits.spend.value >= config.goldFrom ? 'gold' : 'basic';
  return done({ writes: { tier: { value } } });
};
const offer = () => done({ activations: [{
  purpose: '${purpose}', channel: 'webhook', destination: '${url}/hook', content: { offer: 'tea' },
  cost: { budget: '${budget}', amount: 1 },
}] });
var slateboardPlugin = { default: { agents: { segment, offer } } };`
  return { manifest, bundle, digest: digestOf(manifest, bundle) }
}
