import {nameSome, stubsLeft} from '../environment/stubs-left.js'
import type {HeldPlace} from '../session/place.js'
import {note} from './output.js'

/** For people: what `create` and `info` say. */
export const describeStubs = (stubs: readonly string[]) => `stubs, with no build for this CPU yet: ${stubs.join(' ')}`

/** For people: what is native though all is to be emulated. */
export const describeNotEmulated = (stubs: readonly string[]) =>
  `native in mode emulated, too, with no build for this CPU yet: ${nameSome(stubs)}`

/** For a session in mode emulated. */
export async function tellNotEmulated({store, record}: HeldPlace): Promise<void> {
  const stubs = await stubsLeft(store, record)
  if (stubs.length > 0) note(describeNotEmulated(stubs))
}
