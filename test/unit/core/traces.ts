import {KINDS, OUTCOMES, type Outcome, RECORD_SIZE, type TraceEvent, type TraceHeader} from '../../../lib/core/trace/format.js'

export const HEADER: TraceHeader = {
  environment: 'arm64',
  profile: 'arm64',
  mode: 'hybrid',
  started: '2026-11-24T05:00:00.000Z',
  command: ['make', '-j8'],
}

export const ROUTED: Outcome = {kind: 'routed', twin: 'usr/bin/x'}
export const NO_ROUTE: Outcome = {kind: 'no-route'}

export const exec = (
  time: number,
  pid: number,
  parent: number,
  program: string,
  outcome: Outcome = ROUTED,
  words: readonly string[] = [program],
): TraceEvent => ({kind: 'exec', time, pid, parent, user: 0, program, arguments: [...words], outcome})

export const end = (time: number, pid: number): TraceEvent => ({kind: 'end', time, pid})
export const finish = (time: number): TraceEvent => ({kind: 'finish', time})

interface RecordFields {
  kind: keyof typeof KINDS
  /** ns */
  time: number
  outcome?: keyof typeof OUTCOMES
  pid?: number
  parent?: number
  user?: number
  strings?: readonly [program: string, twin: string, detail: string, words: string]
}

/** A record as shims/trace.h lays it out. */
export function record({kind, time, outcome = 'routed', pid = 0, parent = 0, user = 0, strings = ['', '', '', '']}: RecordFields): Buffer {
  const texts = strings.map(text => Buffer.from(text))
  const head = Buffer.alloc(RECORD_SIZE)
  head.writeUInt16LE(RECORD_SIZE + texts.reduce((sum, text) => sum + text.length, 0), 0)
  head[2] = KINDS[kind]
  head[3] = OUTCOMES[outcome]
  head.writeUInt32LE(pid, 4)
  head.writeBigUInt64LE(BigInt(time), 8)
  head.writeUInt32LE(parent, 16)
  head.writeUInt32LE(user, 20)
  texts.forEach((text, i) => {
    head.writeUInt16LE(text.length, 24 + 2 * i)
  })
  return Buffer.concat([head, ...texts])
}
