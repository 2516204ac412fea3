import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {dropSearched, readLinking} from '../../../../lib/core/elf/linking.js'
import {ET_DYN, elfFile} from '../../elf-file.js'

const LIBRARY = 'int value(void) { return 7; }\n'
const PROGRAM = '#include <stdio.h>\nint value(void);\nint main(void) { return printf("%d\\n", value()) < 0; }\n'

/** A program that finds its library in a directory of its own. */
function build(t: Test, ...flags: string[]): {directory: string; program: string} {
  const directory = t.testdir({'main.c': PROGRAM, 'library.c': LIBRARY})
  const compile = (...words: string[]) => execFileSync('cc', words, {cwd: directory})
  mkdirSync(join(directory, 'own'))
  compile('-shared', '-fPIC', '-o', 'own/libvalue.so', 'library.c')
  compile('-o', 'main', 'main.c', '-Lown', '-lvalue', `-Wl,-rpath,${directory}/own:/another`, ...flags)
  return {directory, program: join(directory, 'main')}
}

t.test('a program says which libraries it needs, and where it looks for them', async t => {
  for (const flag of ['-Wl,--enable-new-dtags', '-Wl,--disable-new-dtags']) {
    const {directory, program} = build(t, flag)
    const linking = readLinking(readFileSync(program))
    t.match(linking, {kind: 'program', needed: ['libvalue.so', 'libc.so.6'], searched: [`${directory}/own`, '/another']})
  }
})

t.test('libraries and static programs are told apart', async t => {
  const {directory} = build(t)
  const kind = (...words: string[]) => {
    execFileSync('cc', ['-o', 'other', ...words], {cwd: directory})
    return readLinking(readFileSync(join(directory, 'other')))?.kind
  }
  t.equal(readLinking(readFileSync(join(directory, 'own/libvalue.so')))?.kind, 'library')
  t.equal(kind('-static', 'main.c', 'library.c'), 'static')
  t.equal(kind('-static-pie', 'main.c', 'library.c'), 'static')
})

t.test('its texts are where they are in memory, and the names for linking are none of them', async t => {
  const {directory, program} = build(t)
  const bytes = readFileSync(program)
  const loaded = readLinking(bytes)?.loaded ?? []
  const has = (text: string) => loaded.some(({start, end}) => bytes.subarray(start, end).includes(text))
  t.ok(has('%d\n'))
  t.ok(bytes.includes(`${directory}/own`))
  t.notOk(has(`${directory}/own`))
})

t.test('a program that looks nowhere else any more is the same otherwise', async t => {
  const {directory, program} = build(t)
  const bytes = readFileSync(program)
  dropSearched(bytes)
  t.match(readLinking(bytes), {needed: ['libvalue.so', 'libc.so.6'], searched: []})
  writeFileSync(program, bytes)
  t.throws(() => execFileSync(program, {stdio: 'pipe'}), /libvalue\.so: cannot open/)
  const output = execFileSync(program, {encoding: 'utf8', env: {LD_LIBRARY_PATH: join(directory, 'own')}})
  t.equal(output, '7\n')
})

t.test('what is no program or library of 64 bits, little-endian, has none', async t => {
  t.equal(readLinking(Buffer.from('#!/bin/sh\n')), undefined)
  t.equal(readLinking(Buffer.alloc(0)), undefined)
  t.equal(readLinking(elfFile({bits: 32, endian: 'little', machine: 3, type: ET_DYN})), undefined)
  t.equal(readLinking(elfFile({bits: 64, endian: 'big', machine: 22, type: ET_DYN})), undefined)
  t.equal(readLinking(elfFile({bits: 64, endian: 'little', machine: 62, type: 1})), undefined, 'an object')
  t.match(readLinking(elfFile({bits: 64, endian: 'little', machine: 62, type: ET_DYN})), {needed: [], searched: [], loaded: []})
})

t.test('one that ends before what it promises has none', async t => {
  const bytes = readFileSync(build(t).program)
  t.equal(readLinking(bytes.subarray(0, 600)), undefined)
})
