import type {TreeEntry} from './tree-entry.js'

/** Raised when what is kept of a view means something else. */
const FORMAT = 1

/** What is remembered of a view from one build to the next. */
export interface ViewState {
  format: number
  /** `building` is what a build that was killed leaves: which of its files are whole, nobody knows. */
  state: 'idle' | 'building'
  /** When the last build began, in ms since 1970. */
  began: number
  /** Of each path that builds made, changed or removed before that: what the user's tree had there then. */
  seen: Record<string, Stamp>
}

/** Tells versions of a file apart; null where there is none. */
export type Stamp = string | null

/** undefined where it is none of this version's. */
export function parseViewState(text: string): ViewState | undefined {
  try {
    const state = JSON.parse(text) as ViewState | null
    return state?.format === FORMAT ? state : undefined
  } catch {
    return undefined
  }
}

export const newViewState = (began: number, seen: Record<string, Stamp>): ViewState => ({format: FORMAT, state: 'building', began, seen})

/** A file of the user's tree: what it is now, and when anything of it was changed last (ctime, ms since 1970). */
export interface UserFile {
  stamp: Stamp
  changed: number
}

/** overlayfs.rst, "whiteouts and opaque directories": a character device is a file that was removed. */
const isWhiteout = ({type}: TreeEntry) => type === 'c'

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

export interface Reconciliation {
  /** What builds changed and the user has changed since: the user's counts. */
  conflicts: string[]
  /** What to take out of the view. */
  remove: string[]
  seen: Record<string, Stamp>
}

/** What of a view still holds, now that the user may have changed the tree below it. */
export function reconcile(state: ViewState, layer: UpperLayer, userFile: (path: string) => UserFile): Reconciliation {
  const found: Reconciliation = {conflicts: [], remove: [], seen: {}}
  for (const entry of hidingEntries(layer)) {
    const {stamp, changed} = userFile(entry.path)
    const before = Object.hasOwn(state.seen, entry.path) ? state.seen[entry.path] : undefined
    const isChanged = before === undefined ? stamp !== null && changed >= state.began : before !== stamp
    if (!isChanged) {
      found.seen[entry.path] = stamp
      continue
    }
    found.remove.push(entry.path)
    if (!(stamp === null && isWhiteout(entry))) found.conflicts.push(entry.path)
  }
  return found
}
