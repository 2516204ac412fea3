import type {TreeEntry} from '../compare/tree-entry.js'

/** Raised when what is kept of a view means something else. */
const FORMAT = 1

/** What is remembered of a view from one build to the next. */
export interface ViewState {
  format: number
  /** `building` is what a build that was killed leaves: which of its files are whole, nobody knows. */
  state: 'idle' | 'building'
  /** Of each path that builds made, changed or removed: what the user's tree had there when the last one ended. */
  seen: Record<string, Stamp>
}

/** Tells versions of a file apart; null where there is none. */
export type Stamp = string | null

/** Of a file that the user changed while the build ran that changed it as well: unlike any version of it. */
const CHANGED_MEANWHILE = ''

/** undefined where it is none of this version's. */
export function parseViewState(text: string): ViewState | undefined {
  try {
    const {format, state, seen} = Object(JSON.parse(text)) as Record<string, unknown>
    const isWhole = format === FORMAT && (state === 'idle' || state === 'building') && isSeen(seen)
    return isWhole ? {format: FORMAT, state, seen} : undefined
  } catch {
    return undefined
  }
}

const isSeen = (seen: unknown): seen is ViewState['seen'] =>
  typeof seen === 'object' && seen !== null && Object.values(seen).every(stamp => stamp === null || typeof stamp === 'string')

export const newViewState = (state: ViewState['state'], seen: ViewState['seen']): ViewState => ({format: FORMAT, state, seen})

/** A file of the user's tree: what it is now, and when anything of it was changed last (ctime, ms since 1970). */
export interface UserFile {
  stamp: Stamp
  changed: number
}

/** What is in the upper layer of a view. */
export interface UpperLayer {
  entries: ReadonlyMap<string, TreeEntry>
  /** Directories that were removed and made anew: another directory of their name shows what is in both layers. */
  opaque: ReadonlySet<string>
}

/** What hides whatever the user's tree has there: what lies in an opaque directory goes with that. */
function hidingEntries({entries, opaque}: UpperLayer): TreeEntry[] {
  const isBelowOpaque = (path: string) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (opaque.has(path.slice(0, at))) return true
    return false
  }
  const hides = ({path, type}: TreeEntry) => path !== '' && (type !== 'd' || opaque.has(path))
  return [...entries.values()].filter(entry => hides(entry) && (opaque.size === 0 || !isBelowOpaque(entry.path)))
}

/** What to remember of the user's tree at the end of a build that began then, in ms since 1970. */
export function remember(layer: UpperLayer, began: number, userFile: (path: string) => UserFile): ViewState['seen'] {
  const stamps = hidingEntries(layer).map(({path}): [string, Stamp] => {
    const {stamp, changed} = userFile(path)
    return [path, stamp !== null && changed >= began ? CHANGED_MEANWHILE : stamp]
  })
  return Object.fromEntries(stamps)
}

export interface Reconciliation {
  /** What to take out of the view, since the user has changed it: the user's counts. */
  remove: string[]
  /** Of these, what builds had changed to something: worth a word. */
  conflicts: string[]
}

/** What of a view no longer holds, now that the user may have changed the tree below it. */
export function reconcile(
  seen: ViewState['seen'],
  userFile: (path: string) => UserFile,
  isRemovedByBuild: (path: string) => boolean,
): Reconciliation {
  const now = Object.entries(seen).map(([path, before]) => ({path, before, stamp: userFile(path).stamp}))
  const changed = now.filter(({before, stamp}) => before !== stamp)
  const conflicts = changed.filter(({path, stamp}) => stamp !== null || !isRemovedByBuild(path))
  return {remove: changed.map(({path}) => path), conflicts: conflicts.map(({path}) => path)}
}
