import {randomBytes} from 'node:crypto'
import {cp, mkdir, readdir, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {XbuildError} from '../../core/errors.js'
import {isThere} from '../../host/files.js'
import {readResult} from '../attempt-result.js'
import type {SharedRun} from './shared-run.js'

/** How long a directory that is away or full is waited for, ms: what was built has taken longer. */
const PATIENCE = 30 * 60_000
const FIRST_WAIT = 1000
const LONGEST_WAIT = 30_000

/** What a file system says that is away, full, or has lost what it knew: man 3 errno, man 5 nfs. */
const PASSING = new Set([
  'ENOENT',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EROFS',
  'EACCES',
])

/**
 * Brings results to the directory that all see: copied beside, and renamed when whole. Where another job's results of the same attempt
 * are there, those count. A directory that is away or full is waited for; `onWait` gets why.
 */
export async function deliver(
  from: string,
  run: SharedRun,
  target: string,
  {onWait, signal}: {onWait: (why: string) => void; signal: AbortSignal},
): Promise<'delivered' | 'there'> {
  const end = performance.now() + PATIENCE
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      return await tryToDeliver(from, run, target)
    } catch (error) {
      const {code, message} = error as NodeJS.ErrnoException
      if (!PASSING.has(code ?? '') || performance.now() > end) throw error
      onWait(message)
      await sleep(wait, undefined, {signal})
    }
  }
}

async function tryToDeliver(from: string, run: SharedRun, target: string): Promise<'delivered' | 'there'> {
  if (!run.isThere()) throw Object.assign(new Error('the shared directory is not there'), {code: 'ENOENT'})
  const place = dirname(target)
  await mkdir(place).catch(error => {
    if (error.code !== 'EEXIST') throw error
  })
  const partial = join(place, `${PARTIAL}${basename(target)}-${randomBytes(4).toString('hex')}`)
  try {
    await cp(from, partial, {recursive: true, errorOnExist: true, force: false})
    if (await takePlace(partial, target)) return 'delivered'
    await rm(partial, {recursive: true})
    return 'there'
  } catch (error) {
    await rm(partial, {recursive: true, force: true}).catch(() => {}) // the first error is the one to tell
    throw error
  }
}

export const PARTIAL = '.partial-'

/** What has the name and is no result is damaged: a power cut's. */
async function takePlace(partial: string, target: string): Promise<boolean> {
  if (isThere(target)) {
    if (readResult(target)) return false
    await rm(target, {recursive: true, force: true})
  }
  try {
    await rename(partial, target)
    return true
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false // another was faster
    throw error
  }
}

/** A directory that is seen late, or mounted when somebody looks: waited for. */
export async function waitForRun(run: SharedRun, signal: AbortSignal): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!run.isThere()) {
    if (performance.now() > end) {
      throw new XbuildError('bad-directory', `${run.path} is not there`, {
        hint: 'name a shared directory that all nodes see at the same path',
      })
    }
    await sleep(FIRST_WAIT, undefined, {signal})
    await readdir(dirname(run.path)).catch(() => {}) // has the directory looked at anew, man 5 nfs: "lookupcache"
  }
}
