import {mergeAlone, mergeRuns, testsToRepeat} from '../core/project/test-again.js'
import {hasFailed, testName} from '../core/project/tests.js'
import type {ScriptEnd} from '../session/run-script.js'

/** What is told while tests are run again; tests by their names. */
export type AgainEvent =
  /** They are run alone now. */
  | {kind: 'test-again'; tests: readonly string[]}
  /** Nobody knows how to run these alone. */
  | {kind: 'not-alone'; tests: readonly string[]}
  /** All that failed have passed: the script is run once more. */
  | {kind: 'script-again'}

export interface Again {
  /** How often each test that fails is run again. */
  times: number
  run: (script: string) => Promise<ScriptEnd>
  tell: (event: AgainEvent) => void
  signal: AbortSignal
}

/**
 * Runs the tests that failed in a script alone, until they pass or have had their turns. Where all have passed, the script
 * itself is run once more: whether it failed by these tests alone, and what it left out behind them, nothing else tells.
 */
export async function runAgain(script: string, first: ScriptEnd, again: Again): Promise<ScriptEnd> {
  let ended = first
  const {left} = testsToRepeat(first.tests)
  if (again.times > 0 && left.length > 0) again.tell({kind: 'not-alone', tests: left.map(testName)})
  for (let turn = 1; turn <= again.times && mayGoOn(ended, again) && hasFailed(ended.tests); turn++) {
    ended = await runFailedAlone(ended, again)
    if (ended.end.kind === 'passed' || hasFailed(ended.tests) || !mayGoOn(ended, again)) continue
    again.tell({kind: 'script-again'})
    const once = await again.run(script)
    ended = {...once, seconds: ended.seconds + once.seconds, tests: mergeRuns(ended.tests, once.tests)}
  }
  return ended
}

/** Of a script that was told to end, or killed, nothing can be repeated. */
const mayGoOn = ({end, left}: ScriptEnd, {signal}: Again) => end.kind !== 'asked' && left === 'in-peace' && !signal.aborted

/** How the script ended stays, unless a test had to be killed: only its tests are others. */
async function runFailedAlone(first: ScriptEnd, again: Again): Promise<ScriptEnd> {
  let ended = first
  for (const [script, tests] of testsToRepeat(first.tests).alone) {
    if (!mayGoOn(ended, again)) break
    again.tell({kind: 'test-again', tests: tests.map(testName)})
    const once = await again.run(script)
    const {end, left} = once.left === 'killed' ? once : ended
    ended = {end, left, seconds: ended.seconds + once.seconds, tests: mergeAlone(ended.tests, once.tests)}
  }
  return ended
}
