import { z } from 'zod'

/** What OpenDSR 2.0 calls ways to name a person, and which of our namespaces each is. */
export const identityNamespaces = {
  controller_customer_id: 'user_id',
  email: 'email',
  android_advertising_id: 'android.idfa',
  android_id: 'android.id',
  ios_advertising_id: 'ios.idfa',
  ios_vendor_id: 'ios.id',
  fire_advertising_id: 'fire.advertising_id',
  microsoft_advertising_id: 'microsoft.advertising_id',
  microsoft_publisher_id: 'microsoft.publisher_id',
  roku_publisher_id: 'roku.publisher_id',
  roku_advertising_id: 'roku.advertising_id',
} as const satisfies Record<string, string>
export type IdentityType = keyof typeof identityNamespaces

export const identityTypes = [
  'controller_customer_id',
  'email',
  'android_advertising_id',
  'android_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'fire_advertising_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_publisher_id',
  'roku_advertising_id',
] as const satisfies readonly IdentityType[]

export const identityFormats = ['raw', 'sha1', 'md5', 'sha256'] as const
export const openDsrTypes = ['access', 'portability', 'erasure'] as const

const identitySchema = z.object({
  identity_type: z.enum(identityTypes),
  identity_value: z.string().min(1).max(500),
  identity_format: z.enum(identityFormats),
})
export type OpenDsrIdentity = z.infer<typeof identitySchema>

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const controllerIdSchema = z.string().max(40).toLowerCase().regex(uuid4, 'it is no UUID v4')

export const openDsrRequestSchema = z.object({
  // The specification's own example leaves it out, as requests of OpenGDPR did, which knew one law.
  regulation: z.enum(['gdpr', 'ccpa']).default('gdpr'),
  subject_request_id: controllerIdSchema,
  subject_request_type: z.enum(openDsrTypes),
  submitted_time: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  subject_identities: z.array(identitySchema).min(1).max(20),
  api_version: z
    .string()
    .max(20)
    .regex(/^v?[012](\.\d+)*$/, 'versions up to 2.0 are spoken here')
    .optional(),
  status_callback_urls: z
    .array(z.url({ protocol: /^https?$/ }).max(2000))
    .max(5)
    .default([]),
  extensions: z.record(z.string(), z.unknown()).optional(),
})
export type OpenDsrRequest = z.infer<typeof openDsrRequestSchema>
