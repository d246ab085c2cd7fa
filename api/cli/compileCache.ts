/**
 * Loaded before the program (`node --import`): keeps what Node compiled and stripped of types between starts,
 * which takes a third off the time until the server is ready. In the project's own folder, since code that is
 * run should not lie where other users of the machine may write.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled'))
