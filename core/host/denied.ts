import type { PluginCallDenied } from './contract.ts'

/** Why a call of a plugin to the host was denied, as the plugin is told; fit for a log. */
export type Denial = Pick<PluginCallDenied, 'code' | 'message' | 'remedy'> &
  Partial<Pick<PluginCallDenied, 'rule' | 'missing'>>

/** What the implementation of a host call throws; the plugin's promise rejects with it as `PluginCallDenied`. */
export class CallDenied extends Error {
  override readonly name = 'CallDenied'
  readonly denial: Denial

  constructor(denial: Denial) {
    super(denial.message)
    this.denial = denial
  }
}
