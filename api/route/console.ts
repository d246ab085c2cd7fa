import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'

const folder = join(import.meta.dirname, '..', 'console')

const files = {
  '/console': ['index.html', 'text/html; charset=utf-8'],
  '/console/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/console/console.css': ['console.css', 'text/css; charset=utf-8'],
} as const

// Nothing inline, nothing from elsewhere, and only this server is asked.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The web console: three files, the same for everyone; what it shows is read by the key of who looks. */
export function consoleRoutes(): Hono {
  const app = new Hono()
  for (const [path, [file, type]] of Object.entries(files)) {
    const text = readFileSync(join(folder, file), 'utf8')
    app.get(path, (c) =>
      c.body(text, 200, {
        'Content-Type': type,
        'Content-Security-Policy': policy,
        'Cache-Control': 'no-cache',
      }),
    )
  }
  return app
}
