import type {FileIdentity} from '../file-identity.js'
import type {NoRoute, Route, RouteRule} from './route.js'

/** Whether what was read from a file is what this program wrote there: an environment may come out of an archive. */

type Table = Readonly<Record<string, unknown>>

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')
const isCount = (value: unknown): value is number => Number.isSafeInteger(value)
export const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)

function isRule(value: unknown): value is RouteRule {
  if (!isTable(value)) return false
  const {variables, emulate, emulateLeading, emulateVariables, requireVariables, insert, replace} = value
  const lists = [variables, emulate, emulateLeading, emulateVariables, requireVariables, insert]
  return lists.every(areTexts) && Array.isArray(replace) && replace.every(one => isTable(one) && isText(one.from) && isText(one.to))
}

/** Nanoseconds, as digits. */
const isTime = (value: unknown): value is string => typeof value === 'string' && /^-?\d{1,20}$/.test(value)

function isFile(value: unknown): value is FileIdentity {
  if (!isTable(value) || !isCount(value.size) || !isTime(value.mtime)) return false
  const {fixed} = value
  return fixed === undefined || (isTable(fixed) && isTime(fixed.ctime) && isCount(fixed.inode))
}

export function isRoute(value: unknown): value is Route {
  if (!isTable(value)) return false
  const {path, twin, twinSize, file, sum, rule, package: name, match, kind} = value
  const isNamed = isText(path) && path.startsWith('/') && isText(twin) && isText(name)
  const isKnown = isCount(twinSize) && isFile(file) && (sum === undefined || isText(sum))
  const isSaid = (match === 'exact' || match === 'skewed') && (kind === 'program' || kind === 'stub')
  return isNamed && isKnown && isSaid && (rule === undefined || isRule(rule))
}

export function isNoRoute(value: unknown): value is NoRoute {
  if (!isTable(value) || !isText(value.package)) return false
  const {reason, version, twinVersion, path, why} = value
  if (reason === 'other-version') return isText(version) && isText(twinVersion)
  if (reason === 'unfit') return isText(path) && isText(why)
  return reason === 'no-twin' || (reason === 'changed' && isText(path))
}

export const areStamps = (value: unknown): value is Record<string, string> => isTable(value) && Object.values(value).every(isText)
