/** The special categories of GDPR Art. 9(1), by one word each; `orientation` is sex life and sexual orientation. */
export const specialCategories = [
  'health',
  'religion',
  'politics',
  'orientation',
  'ethnicity',
  'union',
  'biometric',
  'genetic',
] as const
export type SpecialCategory = (typeof specialCategories)[number]
