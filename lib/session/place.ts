import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {Binfmt} from '../host/binfmt.js'
import type {Lock} from '../host/lock.js'

/** An environment in which something runs. */
export interface SessionPlace {
  store: Store
  record: EnvironmentRecord
  /** What the user has chosen, if anything. */
  binfmt: Binfmt | undefined
}

/** One that the caller holds. */
export interface HeldPlace extends SessionPlace {
  /** By which it is held: sessions hold them to their ends. */
  locks: readonly Lock[]
}
