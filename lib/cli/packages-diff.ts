import {readResult} from '../bulk/attempt-result.js'
import {readState} from '../bulk/run.js'
import {findRun, type RunDirectory} from '../bulk/run-directory.js'
import {type Change, type ComparedRun, compareRuns} from '../core/bulk/diff.js'
import {builtAttempt, type PackageState} from '../core/bulk/state.js'
import {readableSize} from '../core/readable-size.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {print} from './output.js'
import {describeSeconds} from './packages-table.js'

export async function packagesDiff(earlier: string, later: string, {json}: {json?: boolean}): Promise<number> {
  const {store} = await openContext()
  const difference = compareRuns(lookInto(await findRun(store, earlier)), lookInto(await findRun(store, later)))
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
  tell(
    'size',
    difference.sizes.map(({package: name, before, after}) => `  ${name}: ${readableSize(before)}, now ${readableSize(after)}`),
  )
  const {packages, before: one, after: other} = difference.both
  if (packages > 0)
    print(`built in both: ${packages}, in ${describeSeconds(one)}, now ${describeSeconds(other)} (${(other / one).toFixed(2)} times)`)
  return 0
}

function lookInto(directory: RunDirectory): ComparedRun {
  const sizeOf = (one: PackageState) => {
    const attempt = builtAttempt(one)
    const result = attempt && readResult(directory.attempt(one.planned.name, attempt.number))
    return result?.files.reduce((sum, {name, size}) => (/\.u?deb$/.test(name) ? sum + size : sum), 0)
  }
  return {state: readState(directory), sizeOf}
}

function tell(what: string, lines: readonly string[]): void {
  if (lines.length > 0) print(`${what}: ${lines.length}\n${lines.join('\n')}`)
}
