import {readState} from '../bulk/run.js'
import {findRun} from '../bulk/run-directory.js'
import {type Change, compareRuns} from '../core/bulk/diff.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {print} from './output.js'
import {describeSeconds} from './packages-table.js'

export async function packagesDiff(earlier: string, later: string, {json}: {json?: boolean}): Promise<number> {
  const {store} = await openContext()
  const [before, after] = [await findRun(store, earlier), await findRun(store, later)].map(directory => readState(directory))
  if (!before || !after) return 0
  const difference = compareRuns(before, after)
  if (json) {
    printAs('packages diff', difference)
    return 0
  }
  const state = ({package: name, before, after}: Change<string>) => `  ${name}: ${before}, now ${after}`
  tell('newly failed', difference.newlyFailed.map(state))
  tell('newly built', difference.newlyBuilt.map(state))
  tell(
    `only in ${later}`,
    difference.added.map(name => `  ${name}`),
  )
  tell(
    `only in ${earlier}`,
    difference.gone.map(name => `  ${name}`),
  )
  tell(
    'time',
    difference.times.map(({package: name, before, after}) => `  ${name}: ${describeSeconds(before)}, now ${describeSeconds(after)}`),
  )
  return 0
}

function tell(what: string, lines: readonly string[]): void {
  if (lines.length > 0) print(`${what}: ${lines.length}\n${lines.join('\n')}`)
}
