/** What came of making a decision again. `{count}`, `{recorded}` and `{running}` are filled in. */
export const replayWords = {
  same: 'Made again from the stored versions, the decision is the same in every word.',
  differs:
    'Made again from the stored versions, the decision differs in {count} places: something of what it was made from, or of what was recorded, is not what it was. What begins with audit is what the audit log says.',
  unaudited:
    'That nobody rewrote what it was made from is not shown: the audit log has no digest of it, as of decisions of earlier releases.',
  recorded_before_inputs:
    'It cannot be made again: it was recorded by a release that did not keep what decisions are made from. Its verdicts and evidence stand as they were recorded.',
  erased:
    'It cannot be made again: the person was erased, and with them what the decision was made from. Its verdicts stay as proof.',
  inputs_unreadable:
    'It cannot be made again: what was kept of it has a form that this release does not read.',
  other_engine: 'It was made by release {recorded}; release {running} made it again.',
} as const
