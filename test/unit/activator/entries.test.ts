import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import {ownEntry} from '../../../lib/activator/entry.js'
import {encodeTable} from '../../../lib/activator/table.js'
import {type TableEntry, tableEntries, withEntries} from '../../../lib/activator/table-entries.js'
import {type ActivatorEntry, OWN_NAME} from '../../../lib/core/binfmt/entry.js'
import {anyEntry, BITCODE} from '../core/entries.js'
import {refusal} from '../refusal.js'
import {someTable} from './tables.js'

const shims = fileURLToPath(new URL('../../../shims/activator', import.meta.url))
const source = fileURLToPath(new URL('entries.c', import.meta.url))
const directory = t.testdir()
const program = join(directory, 'entries')
const FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

/** The environment is plain: a test runner's variables are no concern of a C program. */
const runProgram = (command: string, args: readonly string[], input = '') =>
  spawnSync(command, args, {input, encoding: 'utf8', env: {PATH: process.env.PATH}})

/** What table.c makes of files that begin so, in hexadecimal. */
const recognised = (table: Buffer, heads: readonly string[]) => ask(program, table, heads)

function ask(asked: string, table: Buffer, heads: readonly string[], ...args: 'time'[]): string[] {
  const file = join(directory, 'table')
  writeFileSync(file, table)
  const {status, stdout, stderr} = runProgram(asked, [file, ...args], heads.map(head => `${head}\n`).join(''))
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`)
  return stdout.trimEnd().split('\n')
}

const line = ({name, command}: TableEntry) => [name, ...(command === 'routes' ? [] : command)].join('|')

/** The rule of binfmt_misc and imgact_binmisc, once more: bits that the mask lets through are as in the magic. */
function isOf({offset, magic, mask}: TableEntry, head: string): boolean {
  const [file, bytes, bits] = [head.padEnd(256, '0'), magic, mask ?? 'ff'.repeat(magic.length / 2)].map(hex => Buffer.from(hex, 'hex'))
  return [...(bytes as Buffer)].every(
    (byte, i) => (((file as Buffer)[offset + i] as number) & ((bits as Buffer)[i] as number)) === (byte & ((bits as Buffer)[i] as number)),
  )
}

t.test('table.c compiles without a warning', async t => {
  const {status, stderr} = runProgram('cc', [...FLAGS, `-I${shims}`, '-o', program, source, join(shims, 'table.c')])
  t.equal(status, 0, stderr)
})

t.test('an entry recognises what it was made for, and the newest counts', async t => {
  const entries = [
    ownEntry({magic: '7f454c46', mask: 'ffffffff'}, 'usr/bin/qemu', 'enabled'),
    BITCODE,
    {...BITCODE, name: 'newer', magic: '4243'},
  ]
  const table = withEntries(encodeTable(someTable(3)), tableEntries(entries))
  t.same(recognised(table, ['4243c0de', '4243', '7f454c4602', '', '42']), [
    'newer|/usr/bin/lli|--fake-argv0=#a',
    'newer|/usr/bin/lli|--fake-argv0=#a',
    OWN_NAME,
    'none',
    'none',
  ])
})

t.test('a disabled entry recognises nothing', async t => {
  const entries = tableEntries([{...BITCODE, state: 'disabled'}])
  t.same(entries, [])
  t.same(recognised(withEntries(encodeTable(someTable(1)), entries), ['4243c0de']), ['none'])
})

t.test('any entries and files are judged as the kernels judge them', async t => {
  const entry = anyEntry.map(
    (one): ActivatorEntry => ({
      ...one,
      magic: one.magic.slice(0, 4),
      ...(one.mask ? {mask: one.mask.slice(0, 4)} : {}),
      offset: one.offset % 3,
    }),
  )
  const head = fc.uint8Array({maxLength: 6, max: 3}).map(bytes => Buffer.from(bytes).toString('hex'))
  const small = entry.map(one => ({...one, magic: one.magic.replace(/../g, byte => `0${Number.parseInt(byte, 16) % 4}`)}))
  fc.assert(
    fc.property(fc.array(small, {maxLength: 64}), fc.array(head, {minLength: 1, maxLength: 50}), (entries, heads) => {
      const wanted = tableEntries(entries)
      const found = recognised(withEntries(encodeTable(someTable(5)), wanted), heads)
      t.same(
        found,
        heads.map(one => {
          const match = wanted.find(candidate => isOf(candidate, one))
          return match ? line(match) : 'none'
        }),
      )
    }),
    {numRuns: 30},
  )
})

t.test('other entries leave the routes as they are, and take the place of those before', async t => {
  const table = encodeTable(someTable(40))
  const [one, two] = [tableEntries([BITCODE]), tableEntries([BITCODE, {...BITCODE, name: 'two'}])]
  const changed = withEntries(withEntries(table, two), one)
  t.ok(changed.equals(withEntries(table, one)))
  t.ok(changed.subarray(40, table.length).equals(table.subarray(40)))
})

t.test('a table without entries recognises nothing, and one of another version or cut short gets none', async t => {
  const table = encodeTable(someTable(3))
  t.same(recognised(table, ['7f454c46']), ['none'])
  t.throws(() => withEntries(table.subarray(0, -4), []), refusal('older-format', {hint: /run ENV/}))
  table.write('XBT2')
  t.throws(() => withEntries(table, []), refusal('older-format', {hint: /run ENV/}))
})

t.test('64 entries that differ only at their ends cost at most 5 µs more than one', async t => {
  const fast = join(directory, 'fast')
  const {status, stderr} = runProgram('cc', [
    '-std=gnu11',
    '-O2',
    '-ffreestanding',
    `-I${shims}`,
    '-o',
    fast,
    source,
    join(shims, 'table.c'),
  ])
  t.equal(status, 0, stderr)
  const magic = (last: number) => `${'ab'.repeat(127)}${last.toString(16).padStart(2, '0')}`
  const entries = Array.from({length: 64}, (_, i) => ({...BITCODE, name: `n${i}`, magic: magic(i), mask: 'ff'.repeat(128)}))
  const table = (count: number) => withEntries(encodeTable(someTable(1)), tableEntries(entries.slice(0, count)))
  const time = (count: number) => Number(ask(fast, table(count), [magic(0)], 'time')[0])
  const [one, all] = [time(1), time(64)]
  t.comment(`${one} ns for one, ${all} ns for 64`)
  t.ok(one > 0)
  t.ok(all - one <= 5000, `${all} ns`)
})
