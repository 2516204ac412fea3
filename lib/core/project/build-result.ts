import type {FirstError} from '../first-error.js'
import type {TestCase} from './tests.js'

/** How one step of one target ended. */
export type StepResult = {
  step: string
  seconds: number
  /** The project's own tests that it ran, as far as they are understood. */
  tests?: readonly TestCase[]
} & (
  | {result: 'passed'}
  /** `allowed`: the configuration says that the build goes on. */
  | {result: 'failed' | 'allowed'; why: string; exitCode: number; output?: StepOutput}
  /** Begun, and ended with the build: by the user, or since xbuild-env itself failed. */
  | {result: 'stopped'; why: string}
  /** Not begun, since another had failed. */
  | {result: 'left-out'}
  /** Not begun, since it has passed, and nothing that it depends on has changed since. */
  | {result: 'unchanged'}
)

/** Of what a step printed, harmless for terminals, what tells why it failed. */
export interface StepOutput {
  /** The last of its lines. */
  end: readonly string[]
  /** How many lines there are in all. */
  lines: number
  /** What first said of itself that it is an error. */
  error?: FirstError
}

/** What was copied out of a build: a file, with its size in bytes, or a link within the tree. */
export type Artifact = {path: string} & ({size: number; sha256: string} | {link: string})

/** How the build of one target ended. */
export interface TargetResult {
  target: string
  /** Name of the environment; undefined where there was none to build in. */
  environment: string | undefined
  steps: readonly StepResult[]
  artifacts: readonly Artifact[]
  seconds: number
  /** What else went wrong than a step. */
  error?: {message: string; hint?: string; exitCode: number}
  /** Why the whole build was ended while this target's went on. */
  stopped?: string
}

/** `stopped`: it had begun, and others, or the user, ended it. `left-out`: nothing of it was begun. */
export type TargetOutcome = 'built' | 'failed' | 'stopped' | 'left-out'

export function outcomeOf(target: TargetResult): TargetOutcome {
  const {steps, stopped} = target
  if (isFailed(target)) return 'failed'
  if (stopped !== undefined) return 'stopped'
  const left = steps.filter(({result}) => result === 'left-out' || result === 'stopped')
  if (left.length === 0) return 'built'
  return steps.every(({result}) => result === 'left-out') ? 'left-out' : 'stopped'
}

/** For people. */
export const OUTCOMES: Readonly<Record<TargetOutcome, string>> = {
  built: 'built',
  failed: 'failed',
  stopped: 'stopped',
  'left-out': 'left out',
}

export const isFailed = ({steps, error}: TargetResult) => error !== undefined || steps.some(({result}) => result === 'failed')

/** Whether every step of a target has done what it should, or may fail. */
export const isWhole = (steps: readonly StepResult[]) => steps.every(({result}) => !['failed', 'left-out', 'stopped'].includes(result))

/** 0 where all is built, 1 where a step failed, and the error's own where something else did. */
export function exitCodeOf(results: readonly TargetResult[]): number {
  const errors = results.flatMap(({error}) => (error ? [error.exitCode] : []))
  return errors.length > 0 ? Math.max(...errors) : results.some(isFailed) ? 1 : 0
}
