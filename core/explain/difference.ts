/** Where two accounts of one decision part. */
export interface Difference {
  /** Such as `outcome`, `checks.lawful_basis.evidence`, `audit.inputs`, or the stored part that is not what it was. */
  readonly where: string
  readonly recorded: string
  readonly replayed: string
}
