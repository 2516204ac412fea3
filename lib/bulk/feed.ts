import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {formatEntries, parseEntries} from '../core/bulk/repository.js'
import {builtAttempt, type RunState} from '../core/bulk/state.js'
import {OWN_PRIORITY} from '../core/debian/own-repository.js'
import {isThere} from '../host/files.js'
import {POOL, type SiteRepository} from '../packages/site-repository.js'
import {ftparchive} from './ftparchive.js'
import type {RunDirectory} from './run-directory.js'

/** Of an attempt's results: what they are for apt. */
const INDEX_FILE = 'packages'

/** Before what an environment has of its own. */
const PRIORITY = OWN_PRIORITY + 1

/** Writes, beside what an attempt built, what apt has to know of it. `place`: where that will lie, below a run's attempts. */
export async function indexBuilt(partial: string, place: string): Promise<void> {
  const entries = parseEntries(await ftparchive(['packages', partial]), `${partial}/`)
  const placed = entries.map(one => ({...one, text: one.text.replace(/^Filename: /m, `Filename: ${POOL}/${place}/`)}))
  writeFileSync(join(partial, INDEX_FILE), formatEntries(placed), {flush: true})
}

/** What a run has built so far, of each package the last that was built, for those that come after. */
export function feedOf(run: RunDirectory, state: RunState): SiteRepository {
  const parts = [...state.packages.values()].flatMap(one => {
    const attempt = builtAttempt(one)
    const path = attempt && join(run.attempt(one.planned.name, attempt.number), INDEX_FILE)
    return path !== undefined && isThere(path) ? [readFileSync(path, 'utf8')] : []
  })
  return feedRepository(run.attempts, parts.filter(Boolean).join('\n'))
}

export const feedRepository = (attempts: string, index: string): SiteRepository => ({
  name: 'feed',
  pool: attempts,
  index,
  priority: PRIORITY,
})
