import complaintOpen from './case/complaint-open.json' with { type: 'json' }
import consentAbsent from './case/consent-absent.json' with { type: 'json' }
import consentDenied from './case/consent-denied.json' with { type: 'json' }
import consentExpired from './case/consent-expired.json' with { type: 'json' }
import consentForAllChannels from './case/consent-for-all-channels.json' with { type: 'json' }
import consentGranted from './case/consent-granted.json' with { type: 'json' }
import consentOfMergedProfiles from './case/consent-of-merged-profiles.json' with { type: 'json' }
import consentReopened from './case/consent-reopened.json' with { type: 'json' }
import consentWithdrawn from './case/consent-withdrawn.json' with { type: 'json' }
import consentWithdrawnFromAncestor from './case/consent-withdrawn-from-ancestor.json' with { type: 'json' }
import everythingGranted from './case/everything-granted.json' with { type: 'json' }
import minorCaliforniaChild from './case/minor-california-child.json' with { type: 'json' }
import minorCaliforniaGuardian from './case/minor-california-guardian.json' with { type: 'json' }
import minorCaliforniaUnverified from './case/minor-california-unverified.json' with { type: 'json' }
import minorCaliforniaTeen from './case/minor-california-teen.json' with { type: 'json' }
import minorCaliforniaTeenSilent from './case/minor-california-teen-silent.json' with { type: 'json' }
import minorGermany15 from './case/minor-germany-15.json' with { type: 'json' }
import minorGermany16 from './case/minor-germany-16.json' with { type: 'json' }
import minorSpain14 from './case/minor-spain-14.json' with { type: 'json' }
import minorBrazilTeen from './case/minor-brazil-teen.json' with { type: 'json' }
import minorBrazilChild from './case/minor-brazil-child.json' with { type: 'json' }
import minorAnywhere17 from './case/minor-anywhere-17.json' with { type: 'json' }
import limitFrequency from './case/limit-frequency.json' with { type: 'json' }
import limitFrequencyKept from './case/limit-frequency-kept.json' with { type: 'json' }
import limitRisk from './case/limit-risk.json' with { type: 'json' }
import limitRiskKept from './case/limit-risk-kept.json' with { type: 'json' }
import personErased from './case/person-erased.json' with { type: 'json' }
import personMinor from './case/person-minor.json' with { type: 'json' }
import personNotToBeContacted from './case/person-not-to-be-contacted.json' with { type: 'json' }
import personObjected from './case/person-objected.json' with { type: 'json' }
import personOptedOutOfSharing from './case/person-opted-out-of-sharing.json' with { type: 'json' }
import personRestricted from './case/person-restricted.json' with { type: 'json' }
import placeCalifornia from './case/place-california.json' with { type: 'json' }
import placeCaliforniaOptedOut from './case/place-california-opted-out.json' with { type: 'json' }
import placeVirginiaSignal from './case/place-virginia-signal.json' with { type: 'json' }
import placeBrazil from './case/place-brazil.json' with { type: 'json' }
import placeUnknown from './case/place-unknown.json' with { type: 'json' }
import consentPending from './case/consent-pending.json' with { type: 'json' }
import consentPendingInCalifornia from './case/consent-pending-in-california.json' with { type: 'json' }
import consentNoticeOutdated from './case/consent-notice-outdated.json' with { type: 'json' }
import reading from './case/reading.json' with { type: 'json' }
import readingRestricted from './case/reading-restricted.json' with { type: 'json' }
import rights from './case/rights.json' with { type: 'json' }
import sending from './case/sending.json' with { type: 'json' }
import writing from './case/writing.json' with { type: 'json' }

/** The tests of the shipped policy: the tables of policies/case, which a workspace's own versions start from. */
export const shippedTests: readonly unknown[] = [
  complaintOpen,
  consentAbsent,
  consentDenied,
  consentExpired,
  consentForAllChannels,
  consentGranted,
  consentOfMergedProfiles,
  consentReopened,
  consentWithdrawn,
  consentWithdrawnFromAncestor,
  everythingGranted,
  minorCaliforniaChild,
  minorCaliforniaGuardian,
  minorCaliforniaUnverified,
  minorCaliforniaTeen,
  minorCaliforniaTeenSilent,
  minorGermany15,
  minorGermany16,
  minorSpain14,
  minorBrazilTeen,
  minorBrazilChild,
  minorAnywhere17,
  limitFrequency,
  limitFrequencyKept,
  limitRisk,
  limitRiskKept,
  personErased,
  personMinor,
  personNotToBeContacted,
  personObjected,
  personOptedOutOfSharing,
  personRestricted,
  placeCalifornia,
  placeCaliforniaOptedOut,
  placeVirginiaSignal,
  placeBrazil,
  placeUnknown,
  consentPending,
  consentPendingInCalifornia,
  consentNoticeOutdated,
  reading,
  readingRestricted,
  rights,
  sending,
  writing,
]
