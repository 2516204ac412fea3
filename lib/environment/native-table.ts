import {NO_ROUTES} from '../core/twins/route.js'
import {writeTable} from '../twins/table.js'
import {whileEntriesStay} from './entries.js'
import type {RoutingPaths} from './routing-paths.js'

/** What the activator goes by in an environment whose programs run by themselves: the user's entries. */
export const writeNativeTable = (paths: RoutingPaths): Promise<void> =>
  whileEntriesStay(paths, 'none', entries => writeTable(paths.nativeTable, NO_ROUTES, entries))
