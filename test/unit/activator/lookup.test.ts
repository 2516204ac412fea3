import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {encodeTable} from '../../../lib/activator/table.js'
import type {Route} from '../../../lib/core/twins/route.js'
import {someTable} from './tables.js'

const shims = fileURLToPath(new URL('../../../shims/activator', import.meta.url))
const source = fileURLToPath(new URL('lookup.c', import.meta.url))
const directory = t.testdir()
const program = join(directory, 'lookup')

const FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

/** The environment is plain: a test runner's variables are no concern of a C program. */
function runProgram(command: string, args: readonly string[], input = '') {
  const {status, signal, stdout, stderr} = spawnSync(command, args, {input, encoding: 'utf8', env: {PATH: process.env.PATH}})
  return {status, signal, stdout, stderr}
}

function lookup(mode: 'find' | 'damage', table: Buffer, paths: readonly string[], ...args: readonly string[]) {
  const file = join(directory, 'table')
  writeFileSync(file, table)
  return runProgram(program, [mode, file, ...args], paths.map(path => `${path}\n`).join(''))
}

/** How lookup.c tells of a route. */
function line({path, twin, file, rule}: Route): string {
  const lists = rule
    ? [
        rule.variables,
        rule.emulate,
        rule.emulateLeading,
        rule.insert,
        rule.replace.flatMap(({from, to}) => [from, to]),
        rule.emulateVariables,
        rule.requireVariables,
      ]
    : []
  return [
    path,
    twin,
    file.size,
    file.mtime,
    file.fixed?.ctime ?? 0,
    file.fixed?.inode ?? 0,
    ...lists.map(list => `[${list.join('|')}]`),
  ].join(' ')
}

t.test('table.c compiles without a warning', async t => {
  const {status, stderr} = runProgram('cc', [...FLAGS, `-I${shims}`, '-o', program, source, join(shims, 'table.c')])
  t.equal(status, 0, stderr)
})

for (const count of [0, 1, 2, 500]) {
  t.test(`each of ${count} routes is found, and nothing else`, async t => {
    const table = someTable(count)
    const others = ['', '/', '/usr/bin/program-', '/usr/bin/program-0', '/usr/bin/program-1xx', 'usr/bin/program-1x']
    const result = lookup('find', encodeTable(table), [...table.routes.map(({path}) => path), ...others])
    t.equal(result.status, 0, result.stderr)
    t.same(result.stdout.trimEnd().split('\n'), [...table.routes.map(line), ...others.map(path => `${path} none`)])
  })
}

t.test('what is no table of this version is refused', async t => {
  const bytes = encodeTable(someTable(3))
  t.equal(lookup('find', bytes.subarray(0, 31), []).status, 3, 'too short')
  t.equal(lookup('find', Buffer.alloc(0), []).status, 3, 'empty')
  t.equal(lookup('find', bytes.subarray(0, bytes.length - 1), []).status, 3, 'cut short')
  bytes.write('XBT2')
  t.equal(lookup('find', bytes, []).status, 3, 'another version')
})

for (const seed of [1, 2, 3, 4]) {
  t.test(`no damage makes a lookup crash or loop, seed ${seed}`, async t => {
    const table = someTable(40)
    const result = lookup(
      'damage',
      encodeTable(table),
      table.routes.map(({path}) => path),
      String(seed),
      '5000',
    )
    t.equal(result.signal, null, 'it ends by itself')
    t.equal(result.status, 0, result.stderr.slice(0, 2000))
  })
}
