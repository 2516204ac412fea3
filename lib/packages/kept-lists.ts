import {createHash} from 'node:crypto'
import {closeSync, futimesSync, readdirSync, writeFileSync} from 'node:fs'
import {open, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {type OpenFile, Tree} from '../host/beneath.js'
import {copyBytes, isThere, makeDirectory} from '../host/files.js'
import {LISTS} from './deb-plan.js'
import {archivesOf, type DebSite, type Listing} from './deb-site.js'

/*
 * The archives' lists as apt has fetched and verified them, kept for others that go by the same: 19 MB and two seconds of a
 * processor each time (Debian 12, November 2026). They are taken before anything that a source brings has run.
 */

/** Where apt has them, and what it has made of them, which it takes for current by names, sizes and times. */
const PLACES = ['var/lib/apt/lists', 'var/cache/apt'] as const

/** ms: how often Debian's archive is made anew; what has been replaced stays there for longer. https://wiki.debian.org/DakHowTo */
const FRESH = 6 * 60 * 60 * 1000

/** Whether a file is the archive's: apt's own lock is not. */
const isKept = (name: string) => name !== 'lock'

/** Lists of an environment and of what its apt goes by: others have others. */
const keyOf = (site: DebSite, sources: Listing) =>
  createHash('sha256')
    .update(JSON.stringify([site.record.name, archivesOf(site, sources)]))
    .digest('hex')
    .slice(0, 16)

/** Below a directory of downloads: KEY-TIME, which stays as it is while somebody may copy it; once it is outdated, it says so. */
const NAME = /^([0-9a-f]{16})-(\d+)$/
const OUTDATED = 'outdated'

const placeOf = (downloads: string) => join(downloads, LISTS)

/** The name of the lists that were kept last and are still to be gone by; undefined where there are none. */
export function findLists(site: DebSite, sources: Listing): string | undefined {
  const {downloads} = site
  if (downloads === undefined || !isThere(placeOf(downloads))) return undefined
  const key = keyOf(site, sources)
  const since = Date.now() - FRESH
  const fits = (name: string) => {
    const [, of, time] = NAME.exec(name) ?? []
    return of === key && Number(time) > since && Number(time) <= Date.now() && !isThere(join(placeOf(downloads), name, OUTDATED))
  }
  return readdirSync(placeOf(downloads)).filter(fits).sort().at(-1)
}

/** An archive lacks what they name: whoever comes next fetches them anew. */
export function outdateLists(site: DebSite): void {
  for (const sources of ['listed', 'not-listed'] as const) {
    const name = findLists(site, sources)
    if (name !== undefined && site.downloads !== undefined) writeFileSync(join(placeOf(site.downloads), name, OUTDATED), '')
  }
}

/** Keeps what apt has just fetched. */
export async function keepLists(site: DebSite, sources: Listing, signal: AbortSignal): Promise<void> {
  const {downloads, store, record} = site
  if (downloads === undefined) return
  const partial = join(placeOf(downloads), `.partial-${process.pid}`)
  try {
    const tree = new Tree([store.environment(record.name).upper], 'refused')
    for (const place of PLACES) {
      await makeDirectory(join(partial, place))
      const entries = tree.list(place)
      for (const {name} of entries.kind === 'found' ? entries.value : []) {
        const file = isKept(name) ? tree.open(`${place}/${name}`) : undefined // directories are none
        if (file?.kind === 'found') await copy(file.value, join(partial, place, name), signal)
      }
    }
    await rename(partial, join(placeOf(downloads), `${keyOf(site, sources)}-${Date.now()}`))
  } finally {
    await rm(partial, {recursive: true, force: true})
  }
}

async function copy({fd, status}: OpenFile, to: string, signal: AbortSignal): Promise<void> {
  try {
    const file = await open(to, 'w', 0o644)
    try {
      await copyBytes({fd, size: status.size}, file.fd, signal, () => {})
      futimesSync(file.fd, status.atime, status.mtime)
    } finally {
      await file.close()
    }
  } finally {
    closeSync(fd)
  }
}
