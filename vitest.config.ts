import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Vite would pick the development build of graphql for our files, Node the other one for the libraries,
// and graphql refuses to work with a copy of itself.
const alias = [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }]

// The tour keeps its plain name, because it is where reading begins.
const onDatabase = ['test/**/*.db.test.ts', 'test/flow.test.ts']

const onEngine = (engine: 'embedded' | 'server') => ({
  test: {
    name: engine,
    alias,
    include: onDatabase,
    env: { SLATEBOARD_TEST_ENGINE: engine },
    globalSetup: ['test/support/globalSetup.ts'],
  },
})

/**
 * Tests that need a database end in `.db.test.ts` and run on both engines, as the tour does. All others run
 * once.
 */
export default defineConfig({
  test: {
    // Two at a time: the machines that run this have two cores, and the database shares them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          alias,
          include: ['test/**/*.test.ts', 'plugins/*/plugin.test.ts'],
          exclude: onDatabase,
        },
      },
      onEngine('embedded'),
      onEngine('server'),
    ],
  },
})
