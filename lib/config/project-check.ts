import {DURATION, LONGEST_SECONDS, parseDuration} from '../core/duration.js'
import {type Mistake, unknownWord} from './mistakes.js'
import {findTarget, ownName, type Target} from './profiles.js'

type Table = Readonly<Record<string, unknown>>

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/**
 * What no schema can say: names that have to be known, or be there once. Looks at any value, passing over what the schema
 * refuses, so that all mistakes of a file can be told at once.
 */
export function checkProject(config: unknown, known: readonly Target[]): Mistake[] {
  if (!isTable(config)) return []
  const targets = list(config.targets)
  const names = targets.map(target => targetName(target, known)).filter(isText)
  return [...checkTargets(targets, known), ...checkSteps(config.steps, names, known)]
}

const profileOf = (target: unknown) => (isTable(target) ? target.profile : target)

/** Its own, or its profile's, whatever that is called here. */
function targetName(target: unknown, known: readonly Target[]): unknown {
  if (isTable(target) && target.name !== undefined) return target.name
  const profile = profileOf(target)
  return isText(profile) ? (findTarget(profile, known)?.name ?? profile) : profile
}

function checkTargets(targets: readonly unknown[], known: readonly Target[]): Mistake[] {
  const names = targets.map(target => targetName(target, known))
  return targets.flatMap((target, i): Mistake[] => {
    const path = ['targets', i]
    const name = names[i]
    const twice = isText(name) && names.indexOf(name) < i
    const advice = isTable(target) ? '' : ': a table with another "name" can have the same profile'
    return [
      ...(twice ? [{path, at: 'value', message: `"${name}" appears twice${advice}`} as const] : []),
      ...checkProfile(target, path, known),
    ]
  })
}

function checkProfile(target: unknown, path: Mistake['path'], known: readonly Target[]): Mistake[] {
  const profile = profileOf(target)
  if (!isText(profile)) return []
  const found = findTarget(profile, known)
  if (!found) {
    const names = known.map(({name}) => name)
    const message = unknownWord('profile', profile, names)
    return [{path: isTable(target) ? [...path, 'profile'] : path, at: 'value', message}]
  }
  const suite = isTable(target) ? target.suite : undefined
  if (!isText(suite) || Object.hasOwn(found.suites, suite)) return []
  return [{path: [...path, 'suite'], at: 'value', message: unknownWord('suite', suite, Object.keys(found.suites))}]
}

function checkSteps(steps: unknown, targets: readonly string[], known: readonly Target[]): Mistake[] {
  return Object.entries(isTable(steps) ? steps : {}).flatMap(([name, step]): Mistake[] => {
    if (!isTable(step)) return []
    const wrong = isText(step.timeout) ? wrongTimeout(step.timeout) : undefined
    const allowed = list(step['allow-failure'])
    return [
      ...(wrong === undefined ? [] : [{path: ['steps', name, 'timeout'], at: 'value', message: wrong} as const]),
      ...allowed.flatMap((target, i): Mistake[] =>
        !isText(target) || targets.includes(ownName(target, targets, known))
          ? []
          : [{path: ['steps', name, 'allow-failure', i], at: 'value', message: unknownWord('target', target, targets)}],
      ),
    ]
  })
}

/** Of what the schema takes for a time. */
function wrongTimeout(text: string): string | undefined {
  if (!DURATION.test(text)) return undefined
  const seconds = parseDuration(text)
  if (seconds === undefined) return 'must be more than nothing'
  return seconds > LONGEST_SECONDS ? `must be at most ${LONGEST_SECONDS}s (${Math.floor(LONGEST_SECONDS / 3600)} hours)` : undefined
}
