import type {Mode} from '../session/mode.js'
import type {StepResult} from './build-result.js'

/** What is kept of a target's last build, for who looks at it afterwards. */
export interface LastBuild {
  format: 1
  /** Name of the environment. */
  environment: string
  mode: Mode
  jobs: number
  steps: readonly LastStep[]
}

export interface LastStep {
  step: string
  result: StepResult['result']
  /** Of one that failed, or was stopped. */
  why?: string
}

const RESULTS: readonly string[] = ['passed', 'failed', 'allowed', 'stopped', 'left-out', 'unchanged'] satisfies StepResult['result'][]

export const lastStep = (result: StepResult): LastStep => ({
  step: result.step,
  result: result.result,
  ...('why' in result ? {why: result.why} : {}),
})

/** Undefined where the text is none: of another version, or damaged. */
export function parseLastBuild(text: string): LastBuild | undefined {
  let value: Record<string, unknown>
  try {
    value = Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return undefined
  }
  const {format, environment, mode, jobs, steps} = value
  if (
    format !== 1 ||
    typeof environment !== 'string' ||
    (mode !== 'hybrid' && mode !== 'emulated') ||
    typeof jobs !== 'number' ||
    !Array.isArray(steps)
  )
    return undefined
  const parsed = steps.flatMap((one: unknown): LastStep[] => {
    const {step, result, why} = Object(one) as Record<string, unknown>
    if (typeof step !== 'string' || typeof result !== 'string' || !RESULTS.includes(result)) return []
    return [{step, result: result as LastStep['result'], ...(typeof why === 'string' ? {why} : {})}]
  })
  return parsed.length === steps.length ? {format, environment, mode, jobs, steps: parsed} : undefined
}

/** The step at which a build came to its end: the first that failed, or was stopped. */
export const brokenStep = ({steps}: LastBuild): LastStep | undefined =>
  steps.find(({result}) => result === 'failed') ?? steps.find(({result}) => result === 'stopped')
