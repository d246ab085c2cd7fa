import { readFileSync } from 'node:fs'
import type { Config } from '../core/config.ts'
import { fail } from '../core/errors.ts'
import type { OpenDsrOptions } from '../core/subject/openDsr/openDsr.ts'

/** What the configuration says about OpenDSR. @throws config_invalid */
export function readOpenDsr(config: Config): OpenDsrOptions {
  const { openDsrDomain: domain, openDsrKeyFile, openDsrCertificateFile, port } = config
  if ((openDsrKeyFile === undefined) !== (openDsrCertificateFile === undefined)) {
    throw fail('config_invalid', {
      variable: 'SLATEBOARD_OPENDSR_KEY_FILE',
      value: 'set without SLATEBOARD_OPENDSR_CERTIFICATE_FILE, or the other way round',
      remedy: 'Set both or none.',
    })
  }
  return {
    domain,
    baseUrl: domain === 'localhost' ? `http://localhost:${port}` : `https://${domain}`,
    keyPem: readPem('SLATEBOARD_OPENDSR_KEY_FILE', openDsrKeyFile),
    certificatePem: readPem('SLATEBOARD_OPENDSR_CERTIFICATE_FILE', openDsrCertificateFile),
    pendingMs: config.openDsrPendingMinutes * 60_000,
  }
}

function readPem(variable: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const remedy = 'Set it to a PEM file that this user can read.'
    throw fail('config_invalid', { variable, value: 'a file that cannot be read', remedy })
  }
}
