import { Hono } from 'hono'
import type { Context } from 'hono'
import { asSlateboardError } from '../../core/errors.ts'
import { identityFormats, identityTypes, openDsrTypes } from '../../core/model/openDsr.ts'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import type { Reader } from '../../core/read/reader.ts'
import { fetchPackage } from '../../core/subject/fetchPackage.ts'
import {
  apiVersion,
  cancelByController,
  findOwnId,
  receiveRequest,
  tellStatus,
} from '../../core/subject/openDsr/intake.ts'
import type { OpenDsr } from '../../core/subject/openDsr/openDsr.ts'
import { readBytes } from './body.ts'
import { admit, copy } from './graph.ts'
import { answerPackage } from './subject.ts'

const bodyBytesMax = 65_536
const root = '/opendsr/v2'
/** The name of today, and those of the drafts and of OpenGDPR, which section 10.1 has everyone honour. */
const collections = [
  `${root}/requests`,
  `${root}/opendsr_requests`,
  `${root}/opengdpr_requests`,
  '/opengdpr_requests',
] as const

/**
 * OpenDSR 2.0 for controllers, formerly OpenGDPR. Who may answer requests of data subjects may send them; every
 * answer is signed. Nothing of a body is ever logged.
 */
export function openDsrRoutes(door: Doorkeeper, openDsr: OpenDsr): Hono {
  const app = new Hono()
  const { signer, baseUrl } = openDsr

  const answer = async (
    c: Context,
    status: number,
    act: (reader: Reader) => Promise<object>,
  ): Promise<Response> => {
    try {
      const reader = await admit(door, c.req.header('authorization'))
      return await signed(c, openDsr, await act(reader), status)
    } catch (thrown) {
      return refused(c, openDsr, thrown)
    }
  }

  app.get(`${root}/discovery`, (c) => signed(c, openDsr, discoveryOf(baseUrl), 200))
  app.get(`${root}/certificate.pem`, async (c) =>
    c.body(await signer.certificate(), 200, { 'Content-Type': 'application/x-pem-file' }),
  )
  for (const path of collections) {
    app.post(path, (c) =>
      answer(c, 201, async (reader) => {
        const bytes = await readBytes(c.req.raw, bodyBytesMax)
        return receiveRequest(reader, Buffer.from(bytes).toString('utf8'))
      }),
    )
    app.get(`${path}/:id`, (c) =>
      answer(c, 200, (reader) => tellStatus(reader, c.req.param('id'), baseUrl)),
    )
    app.delete(`${path}/:id`, (c) =>
      answer(c, 202, (reader) => cancelByController(reader, c.req.param('id'))),
    )
    app.get(`${path}/:id/results`, async (c) => {
      try {
        const reader = await admit(door, c.req.header('authorization'))
        return answerPackage(
          c,
          await fetchPackage(reader, await findOwnId(reader, c.req.param('id'))),
        )
      } catch (thrown) {
        return refused(c, openDsr, thrown)
      }
    })
  }
  return app
}

const discoveryOf = (baseUrl: string): object => ({
  api_version: apiVersion,
  supported_identities: identityTypes.flatMap((type) =>
    identityFormats.map((format) => ({ identity_type: type, identity_format: format })),
  ),
  supported_subject_request_types: openDsrTypes,
  processor_certificate: `${baseUrl}${root}/certificate.pem`,
})

async function signed(
  c: Context,
  { signer }: OpenDsr,
  content: object,
  status: number,
): Promise<Response> {
  const body = JSON.stringify(content)
  const headers = {
    ...(await signer.headers(body)),
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  }
  return copy(c, new Response(body, { status, headers }))
}

/** The specification knows 400 for whatever is wrong with a request; who asks, and what there is not, keep theirs. */
function refused(c: Context, openDsr: OpenDsr, thrown: unknown): Promise<Response> {
  const error = asSlateboardError(thrown)
  const own = [401, 403, 404].includes(error.status) || error.status >= 500
  const code = own ? error.status : 400
  const detail = { domain: 'slateboard', reason: error.code, message: error.message }
  return signed(c, openDsr, { error: { code, message: error.message, errors: [detail] } }, code)
}
