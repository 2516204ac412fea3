import {dirname} from 'node:path'
import {readFacts} from '../twins/facts.js'
import type {EnvironmentRecord} from './record.js'
import type {Store} from './store.js'

/** Whether another version of the program has made an environment's twins: they may have faults that are mended since. */
export const areTwinsOutdated = async (store: Store, record: EnvironmentRecord): Promise<boolean> =>
  record.programs === 'emulated' && (await readFacts(dirname(store.twinTree(record.twins)))) === undefined
