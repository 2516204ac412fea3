// What libFuzzer begins with: for table.c, tables that are whole, each behind the first bytes of a file; for arguments.c, tables
// behind arguments and a response file; for plan.c and trace.c, what comes to be otherwise, behind four bytes that say what the
// kernel answers.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {encodeTable} from '../../dist/activator/table.js'
import {withEntries} from '../../dist/activator/table-entries.js'
import {encodePlan} from '../../dist/core/session/plan.js'
import {KINDS, RECORD_SIZE} from '../../dist/core/trace/format.js'

const rule = {
  environment: ['A=B', 'C'],
  emulate: ['-v*'],
  emulateLeading: [''],
  emulateVariables: ['A=*b'],
  requireVariables: ['A=b'],
  insert: ['-x'],
  replace: [{from: 'a', to: 'b'}],
}
const route = i => ({
  path: `/usr/bin/program-${i}`,
  twin: `usr/bin/program-${i}`,
  twinSize: i,
  file: {size: i, mtime: `${i}`, fixed: {ctime: `${i}`, inode: i}},
  rule: i % 2 ? rule : undefined,
})
const routes = Array.from({length: 5}, (_, i) => route(i))
const table = encodeTable({
  interpreter: 'usr/bin/qemu',
  arguments: ['-cpu', 'max'],
  environment: ['LD_AUDIT'],
  preloads: [],
  locales: [],
  routes,
})
const entries = [
  {name: 'llvm_bc', offset: 0, magic: '4243c0de', mask: undefined, command: ['/usr/bin/lli', '--fake-argv0=#a', '##']},
  {name: 'xbuild-env', offset: 0, magic: '7f454c46', mask: 'ffffff00', command: 'routes'},
]

const [, , directory] = process.argv
const seed = (corpus, name, parts) => writeFileSync(join(directory, corpus, name), Buffer.concat(parts))
for (const corpus of ['table', 'arguments', 'plan', 'trace']) mkdirSync(join(directory, corpus))

const heads = {bitcode: '4243c0de', elf: '7f454c46', script: Buffer.from('#! /usr/bin/env x\n').toString('hex')}
for (const [name, hex] of Object.entries(heads)) {
  const head = Buffer.alloc(128)
  head.write(hex, 'hex')
  seed('table', name, [head, withEntries(table, entries)])
}

/** A text behind its size. */
function part(text) {
  const size = Buffer.alloc(2)
  size.writeUInt16LE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}

const calls = {
  plain: ['-c\0x.c\0', '-c x.c'],
  quoted: ['-o\0--plugin=a\0', `"-v a" '-v'x \\-v -\\ v\n`],
  variables: ['LD_AUDIT=x\0A=B\0XBUILD_EMULATE=1 why\0', ''],
}
for (const [name, [words, response]] of Object.entries(calls)) seed('arguments', name, [part(words), part(response), table])

const dice = Buffer.from([1, 2, 3, 4])
const range = {inside: 0, outside: 1000, count: 1}
const bind = {op: 'bind', source: '/home/me', target: '/srv/me', access: 'rw'}
const operations = [
  {op: 'trace'},
  {op: 'drop-syncs'},
  {op: 'keep-limits'},
  {op: 'hostname', name: 'arm64'},
  {op: 'hold', fd: 100, source: '/routes'},
  {op: 'binfmt', entry: {name: 'x', offset: 0, magic: '\\x7f', mask: '\\xff', interpreter: '/activator', flags: 'POCF'}},
  {op: 'follow'},
  {op: 'root', upper: undefined, work: undefined, lower: ['/one', '/two']},
  {op: 'mount', type: 'proc', target: '/proc', options: ''},
  {op: 'devices', target: '/sys'},
  {op: 'protect', path: '/proc/sys'},
  {op: 'directory', path: '/dev/pts'},
  {op: 'symlink', text: 'pts/ptmx', path: '/dev/ptmx'},
  bind,
  {...bind, target: '/etc/hosts', access: 'ro'},
  {op: 'overlay', target: '/srv/view', upper: '/upper', work: '/work', lower: ['/srv']},
  {op: 'enter'},
]
const execute = {kind: 'execute', directory: '/srv', uid: 0, gid: 0, groups: [1, 2]}
const command = {...execute, argv: [Buffer.from('true')], environment: [Buffer.from('A=B')]}
const plan = {
  ids: {way: 'direct', uids: [range], gids: [range, range]},
  network: 'own',
  terminal: true,
  mounts: 'locked',
  operations,
  command,
}
seed('plan', 'whole', [dice, encodePlan(plan)])
seed('plan', 'hold', [dice, encodePlan({...plan, network: 'host', operations: [{op: 'enter'}], command: {kind: 'hold'}})])

/** An exec as an activator tells it: shims/trace.h, trace_record. */
function record(pid, parent, program, twin) {
  const bytes = Buffer.alloc(RECORD_SIZE)
  bytes.writeUInt16LE(RECORD_SIZE + program.length + twin.length)
  bytes.writeUInt8(KINDS.exec, 2)
  bytes.writeUInt32LE(pid, 4)
  bytes.writeUInt32LE(parent, 16)
  bytes.writeUInt16LE(program.length, 24)
  bytes.writeUInt16LE(twin.length, 26)
  return Buffer.concat([bytes, Buffer.from(program + twin)])
}
const records = [record(2, 1, '/usr/bin/make', 'usr/bin/make'), record(3, 2, '/bin/sh', ''), record(3, 2, '/bin/sed', 'usr/bin/sed')]
seed('trace', 'records', [dice, ...records])
seed('trace', 'gap', [dice, records[0], Buffer.from('no record'), records[1]])
