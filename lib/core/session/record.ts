import type {Mode} from './mode.js'
import type {HostPath, SessionPath} from './plan.js'

/** What is kept of a session while it runs: for who joins it, and for people. */
export interface SessionRecord {
  id: string
  /** How many times it was begun anew under that id: what is known of each of them is kept under a name that no other has. */
  turn: number
  environment: string
  lasting: 'lasting' | 'ephemeral'
  /**
   * `held`: it ends when it is told to. `kept`: likewise, or with the process that has begun it. `alone`: it cannot be joined, and
   * `why` says why.
   */
  company: 'joins' | 'held' | 'kept' | 'alone'
  why: string
  /** The process that holds it, xbuild-env's until there is another, and when that began: together, they are no other's. */
  pid: number
  began: string
  /** In which space of numbers: a container has its own. */
  space: string
  user: string
  /** As new Date().toISOString() */
  since: string
  /** What was run first; empty where it is held. */
  command: readonly string[]
  mode: Mode
  network: 'host' | 'own'
  binds: readonly {source: HostPath; target: SessionPath; access: 'rw' | 'ro'}[]
}

export const SESSION_ID = /^[0-9a-f]{8}$/

/** A record as it was written; undefined where the text is none. A session's programs may reach it, where its user has bound it. */
export function parseSessionRecord(text: string): SessionRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Record<keyof SessionRecord, unknown>
  const texts = [record.environment, record.why, record.began, record.space, record.user, record.since]
  if (typeof record.id !== 'string' || !SESSION_ID.test(record.id) || !texts.every(isShown)) return undefined
  if (!isNumber(record.pid, 1) || !isNumber(record.turn, 0) || Number.isNaN(Date.parse(String(record.since)))) return undefined
  if (!isOneOf(record.lasting, ['lasting', 'ephemeral']) || !isOneOf(record.company, COMPANY)) return undefined
  if (!isOneOf(record.mode, ['hybrid', 'emulated']) || !isOneOf(record.network, ['host', 'own'])) return undefined
  if (!Array.isArray(record.command) || !record.command.every(word => typeof word === 'string')) return undefined
  if (!Array.isArray(record.binds) || !record.binds.every(isBind)) return undefined
  return value as SessionRecord
}

const COMPANY: readonly SessionRecord['company'][] = ['joins', 'held', 'kept', 'alone']

/** A text that a terminal shows as it is. */
const isShown = (value: unknown) => typeof value === 'string' && !/\p{Cc}/u.test(value)
const isNumber = (value: unknown, least: number) => Number.isSafeInteger(value) && Number(value) >= least
const isOneOf = (value: unknown, words: readonly string[]) => typeof value === 'string' && words.includes(value)

function isBind(value: unknown): boolean {
  const {source, target, access} = Object(value) as Record<string, unknown>
  return typeof source === 'string' && typeof target === 'string' && isOneOf(access, ['rw', 'ro'])
}

/** What a command asks of a session that runs already, beside what each command has for itself. */
export interface Asked {
  mode: Mode
  /** Those that were asked for, and not the project's. */
  binds: SessionRecord['binds']
  /** The host's directory in which it is to run, at its own path; undefined: wherever. */
  directory: HostPath | undefined
}

/** Why a command cannot run in a session, as "it …"; undefined where it can. */
export function whyNotFit({binds, mode}: SessionRecord, asked: Asked): string | undefined {
  if (asked.mode === 'emulated' && mode === 'hybrid') return 'runs programs native, and was not begun with --mode emulated'
  const missing = asked.binds.find(bind => !binds.some(({source, target, access}) => isSame(bind, {source, target, access})))
  if (missing) return `does not show ${missing.source} at ${missing.target}`
  if (asked.directory !== undefined && !isBound(binds, asked.directory)) return `does not show ${asked.directory}`
  return undefined
}

type Bound = SessionRecord['binds'][number]

const isSame = (one: Bound, other: Bound) => one.source === other.source && one.target === other.target && one.access === other.access

/** Parts of what is bound at its own path are there at theirs. */
const isBound = (binds: readonly Bound[], directory: HostPath) =>
  binds.some(({source, target}) => source === target && (directory === source || directory.startsWith(`${source}/`)))
