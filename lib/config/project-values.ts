import type {ConfigPath} from './document.js'
import type {ProjectFile} from './project.js'
import type {Origin} from './settings.js'

/** One value in force, with where it comes from. */
export interface ProjectValue {
  /** As in the file: `steps.test.timeout`. */
  name: string
  value: unknown
  origin: Origin
}

/** What is in force where the file says nothing. */
const DEFAULTS: Readonly<Record<string, unknown>> = {packages: [], env: {}, artifacts: [], 'in-place': false, 'watch.ignore': []}

/** Every value of a project, in the file's order, then the defaults. */
export function projectValues({document, root, path}: ProjectFile): ProjectValue[] {
  const config = root.reduce<unknown>((value, key) => (value as Record<string, unknown>)[String(key)], document.value)
  const given = leavesOf(config, []).map(
    ({at, value}): ProjectValue => ({
      name: at.join('.'),
      value,
      origin: {kind: 'file', path, line: document.position([...root, ...at], 'key').line},
    }),
  )
  const isGiven = (name: string) => given.some(value => value.name === name || value.name.startsWith(`${name}.`))
  const left = Object.entries(DEFAULTS).filter(([name]) => !isGiven(name))
  return [...given, ...left.map(([name, value]): ProjectValue => ({name, value, origin: {kind: 'default'}}))]
}

function leavesOf(value: unknown, at: ConfigPath): {at: ConfigPath; value: unknown}[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [{at, value}]
  if (Array.isArray(value)) return value.flatMap((one, i) => leavesOf(one, [...at, i]))
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...at, key]))
}
