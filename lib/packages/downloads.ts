import {createHash} from 'node:crypto'
import {closeSync} from 'node:fs'
import {open, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {type OpenFile, Tree} from '../host/beneath.js'
import {copyBytes, isThere, makeDirectory} from '../host/files.js'
import type {SessionPlace} from '../session/place.js'
import type {Bind} from '../session/plan.js'
import {ARCHIVES, DOWNLOADS} from './deb-plan.js'
import type {SiteRepository} from './site-repository.js'

/** Where packages are fetched. */
interface Fetching extends SessionPlace {
  downloads?: string
  repositories?: readonly SiteRepository[]
}

/** Sessions are shown what was fetched before, and change nothing of it. */
export const downloadBinds = ({downloads}: Fetching): Bind[] =>
  downloads === undefined ? [] : [{source: downloads, target: DOWNLOADS, access: 'ro'}]

/**
 * Keeps the packages that apt has fetched for a site, for others that may go by the same directory. Each gets its sum for a name, as
 * it is found here: a session that has put something else there puts it where nobody looks for it.
 */
export async function keepDownloads({downloads, store, record, repositories = []}: Fetching, signal: AbortSignal): Promise<void> {
  if (downloads === undefined) return
  await makeDirectory(downloads)
  const tree = new Tree([store.environment(record.name).upper], 'refused')
  const place = ARCHIVES.slice(1)
  const entries = tree.list(place)
  const names = entries.kind === 'found' ? entries.value.map(({name}) => name).filter(name => name.endsWith('.deb')) : []
  const own = new Set(repositories.flatMap(({index}) => [...index.matchAll(/^SHA256: *([0-9a-f]{64})$/gm)].map(([, sum]) => sum)))
  for (const name of names) {
    const file = tree.open(`${place}/${name}`) // what was there before is a link, and passed over
    if (file.kind === 'found') await keep(downloads, file.value, own, signal)
  }
}

async function keep(downloads: string, {fd, status}: OpenFile, own: ReadonlySet<string | undefined>, signal: AbortSignal): Promise<void> {
  const partial = join(downloads, `.partial-${process.pid}`)
  const hash = createHash('sha256')
  try {
    const file = await open(partial, 'w', 0o644)
    try {
      await copyBytes({fd, size: status.size}, file.fd, signal, part => void hash.update(part))
    } finally {
      await file.close()
    }
    const sum = hash.digest('hex')
    if (own.has(sum) || isThere(join(downloads, sum))) await rm(partial)
    else await rename(partial, join(downloads, sum))
  } finally {
    closeSync(fd)
    await rm(partial, {force: true})
  }
}
