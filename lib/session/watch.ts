import {closeSync, type FSWatcher, watch} from 'node:fs'
import {DPKG_DATABASE} from '../core/debian/packages.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {Tree} from '../host/beneath.js'

/** Why changes of packages are not seen, and what to do, for people. */
export interface Unwatched {
  why: string
  hint: string
}

/**
 * Calls back whenever something changes in dpkg's database among what sessions changed in an environment, until what it
 * returns is called. Where that cannot be, says so once, and nothing else happens.
 */
export function watchDatabase(store: Store, record: EnvironmentRecord, onChange: () => void, onUnwatched: (why: Unwatched) => void) {
  const directory = new Tree([store.environment(record.name).upper], 'refused').openDirectory(DPKG_DATABASE)
  if (directory.kind !== 'found') {
    onUnwatched({why: `its /${DPKG_DATABASE} ${directory.why}`, hint: 'a session without it has no packages; create the environment again'})
    return () => {}
  }
  let watcher: FSWatcher | undefined
  try {
    watcher = watch(`/proc/self/fd/${directory.value}`, onChange)
    watcher.on('error', error => onUnwatched(explain(error)))
  } catch (error) {
    onUnwatched(explain(error))
  } finally {
    closeSync(directory.value) // the watch is of the directory itself
  }
  return () => watcher?.close()
}

/** man 2 inotify_init, EMFILE; man 2 inotify_add_watch, ENOSPC */
function explain(error: unknown): Unwatched {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const isUsedUp = code === 'EMFILE' || code === 'ENFILE' || code === 'ENOSPC'
  return {
    why: isUsedUp ? `this user's watches of files are used up (inotify: ${code})` : `its /${DPKG_DATABASE} cannot be watched (${code})`,
    hint: 'allow more of them: as root, sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=524288',
  }
}
