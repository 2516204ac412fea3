import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {encodeTraceHeader, isTrace, KINDS, OUTCOMES, parseTrace, RECORD_SIZE, TRACE_FORMAT} from '../../../../lib/core/trace/format.js'
import {refusal} from '../../refusal.js'
import {HEADER, record} from '../traces.js'

const shims = fileURLToPath(new URL('../../../../shims', import.meta.url))

t.test('shims/trace.h has the same numbers', async t => {
  const text = readFileSync(join(shims, 'trace.h'), 'utf8')
  const numbers = Object.fromEntries([...text.matchAll(/^#define TRACE_(\w+) (\d+)/gm)].map(match => [match[1], Number(match[2])]))
  const names = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name.replace(/[A-Z]/g, '_$&').toUpperCase(), value]))
  const {PROGRAM_MAX, TWIN_MAX, DETAIL_MAX, ARGUMENTS_MAX, ...rest} = numbers
  t.same(rest, {FORMAT: TRACE_FORMAT, ...names(KINDS), ...names(OUTCOMES)})
  const sum = [PROGRAM_MAX, TWIN_MAX, DETAIL_MAX, ARGUMENTS_MAX].reduce<number>((all, value) => all + (value ?? Number.NaN), RECORD_SIZE)
  t.ok(sum <= 4096, 'a record can be sent as one piece')
})

t.test('shims/trace.h lays a record out as it is read', async t => {
  const fields = ['size', 'kind', 'outcome', 'pid', 'time', 'parent', 'user', 'program_size', 'twin_size', 'detail_size', 'arguments_size']
  const offsets = [0, 2, 3, 4, 8, 16, 20, 24, 26, 28, 30]
  const checks = fields.map((field, i) => `_Static_assert(offsetof(struct trace_record, ${field}) == ${offsets[i]}, "${field}");`)
  const source = `#include <stddef.h>\n#include "trace.h"\n${checks.join('\n')}\n_Static_assert(sizeof(struct trace_record) == ${RECORD_SIZE}, "size");\n`
  const {status, stderr} = spawnSync('cc', ['-std=c11', '-fsyntax-only', '-x', 'c', `-I${shims}`, '-'], {input: source, encoding: 'utf8'})
  t.equal(status, 0, stderr)
})

const second = 1e9
const start = record({kind: 'start', time: 5 * second})
const bytes = (...records: Buffer[]) => Buffer.concat([encodeTraceHeader(HEADER), ...records])
const parse = (...records: Buffer[]) => parseTrace(bytes(...records), 'x.trace')

t.test('what is written is read, with times from the start on', async t => {
  const sed = record({
    kind: 'exec',
    time: 6 * second,
    pid: 7,
    parent: 3,
    user: 1000,
    strings: ['/usr/bin/sed', 'usr/bin/sed', '', 'sed\0-e\0s/ä/b/'],
  })
  const trace = parse(start, sed, record({kind: 'end', time: 6.5 * second, pid: 7}), record({kind: 'finish', time: 7 * second}))
  t.same(trace.header.command, HEADER.command)
  t.equal(trace.header.mode, 'hybrid')
  t.same(trace.events, [
    {
      kind: 'exec',
      time: 1000,
      pid: 7,
      parent: 3,
      user: 1000,
      program: '/usr/bin/sed',
      arguments: ['sed', '-e', 's/ä/b/'],
      outcome: {kind: 'routed', twin: 'usr/bin/sed'},
    },
    {kind: 'end', time: 1500, pid: 7},
    {kind: 'finish', time: 2000},
  ])
})

t.test('each outcome has its name, and what it is about', async t => {
  const outcomeOf = (outcome: keyof typeof OUTCOMES, detail: string) => {
    const [event] = parse(start, record({kind: 'exec', time: 6 * second, outcome, strings: ['/p', '', detail, 'p']})).events
    return event?.kind === 'exec' ? event.outcome : undefined
  }
  t.same(outcomeOf('noRoute', ''), {kind: 'no-route'})
  t.same(outcomeOf('changed', ''), {kind: 'changed'})
  t.same(outcomeOf('variable', 'LD_PRELOAD=x.so'), {kind: 'variable', variable: 'LD_PRELOAD=x.so'})
  t.same(outcomeOf('locale', 'LANG=de_DE'), {kind: 'locale', variable: 'LANG=de_DE'})
  t.same(outcomeOf('argument', '-fplugin=x.so'), {kind: 'argument', argument: '-fplugin=x.so'})
  t.same(outcomeOf('failed', ''), {kind: 'twin-failed'})
  t.same(outcomeOf('secure', ''), {kind: 'secure'})
  t.same(outcomeOf('entry', 'llvm_bc'), {kind: 'entry', entry: 'llvm_bc'})
  t.same(outcomeOf('preload', ''), {kind: 'preload'})
  t.same(outcomeOf('requested', 'no twin'), {kind: 'requested', why: 'no twin'})
})

t.test('records come in the order of their times', async t => {
  const times = [7, 6, 8].map(time => record({kind: 'end', time: time * second, pid: time}))
  t.same(
    parse(start, ...times).events.map(({time}) => time),
    [1000, 2000, 3000],
  )
})

t.test('a file that was cut off anywhere is read up to its last whole record', async t => {
  const records = [
    start,
    record({kind: 'end', time: 6 * second, pid: 1}),
    record({kind: 'exec', time: 7 * second, strings: ['/p', '', '', 'p']}),
  ]
  const whole = bytes(...records)
  const first = encodeTraceHeader(HEADER).length
  for (let size = first; size < whole.length; size++) {
    const {events} = parseTrace(whole.subarray(0, size), 'x.trace')
    t.equal(events.length, size < first + 2 * RECORD_SIZE ? 0 : 1, `${size} bytes`)
  }
  t.equal(parseTrace(whole, 'x.trace').events.length, 2)
})

t.test('a record that is shorter than any ends the reading', async t => {
  t.same(parse(start, Buffer.alloc(64), record({kind: 'finish', time: 6 * second})).events, [])
})

t.test('what is no trace is refused, whatever it is', async t => {
  for (const text of ['', '\n', 'ELF', '{}\n', '{"file":"other","format":1}\n', '{"file":"xbuild-env trace","format":'])
    t.throws(() => parseTrace(Buffer.from(text), 'x'), refusal('bad-trace', {message: /^x is not a trace$/}), text)
  for (const text of ['1\n', '1}\n', '1,"environment":"e","profile":"p","started":"s","command":[],"mode":"odd"}\n'])
    t.throws(
      () => parseTrace(Buffer.from(`{"file":"xbuild-env trace","format":${text}`), 'x'),
      refusal('bad-trace', {message: /damaged/}),
      text,
    )
})

t.test('a trace of a newer format is refused, and told from what is no trace', async t => {
  const newer = Buffer.from(`{"file":"xbuild-env trace","format":${TRACE_FORMAT + 1}}\n`)
  t.throws(() => parseTrace(newer, 'x'), refusal('newer-format', {message: /format 2/}))
  t.ok(isTrace(newer))
  t.notOk(isTrace(Buffer.from('#include <stdio.h>')))
})
