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

/** A directory that is in both shows what is in both. */
const isMerged = ({type}: TreeEntry) => type === 'd'

/** The paths of a view's upper layer that hide what the user's tree has there. */
export const hidingPaths = (entries: ReadonlyMap<string, TreeEntry>): TreeEntry[] =>
  [...entries.values()].filter(entry => entry.path !== '' && !isMerged(entry))

export interface Reconciliation {
  /** What builds changed and the user has changed since: the user's counts. */
  conflicts: string[]
  /** What to take out of the view. */
  remove: string[]
  seen: Record<string, Stamp>
}

/** What of a view still holds, now that the user may have changed the tree below it. */
export function reconcile(state: ViewState, entries: ReadonlyMap<string, TreeEntry>, userFile: (path: string) => UserFile): Reconciliation {
  const found: Reconciliation = {conflicts: [], remove: [], seen: {}}
  for (const entry of hidingPaths(entries)) {
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
