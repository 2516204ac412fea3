import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import type {TreeEntry} from '../../../lib/core/compare/tree-entry.js'
import {compareTrees} from '../../../lib/measure/compare-trees.js'
import type {BuiltTree} from '../../../lib/measure/verify-run.js'
import {buildIdNote, comment, sectionedElf} from '../elf-sections-file.js'

const SHAPE = {bits: 64, endian: 'little'} as const
const RULES = {compiler: 'skewed', leaks: {machine: 62, isTwin: () => false, texts: []}} as const

/** What a build made: archives of these members. */
function built(t: Test, mode: 'hybrid' | 'emulated', archives: Record<string, Record<string, Buffer>>): BuiltTree {
  const tree = join(t.testdirName, mode)
  mkdirSync(tree, {recursive: true})
  const entries = new Map<string, TreeEntry>()
  for (const [path, members] of Object.entries(archives)) {
    const directory = join(tree, `${path}.d`)
    for (const [name, bytes] of Object.entries(members)) {
      mkdirSync(join(directory, name, '..'), {recursive: true})
      writeFileSync(join(directory, name), bytes)
    }
    const options = ['--format=gnu', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    execFileSync('tar', ['-cf', join(tree, path), ...options, '-C', directory, '.'])
    entries.set(path, {path, type: 'f', mode: '644', size: 1, owner: '0:0', target: '', stamp: ''})
  }
  return {run: {name: mode, mode, exitCode: 0, seconds: 1}, tree, entries, changed: new Set(entries.keys()), output: []}
}

/** A program in one archive, and in one that comes before it by name what is called by its build id. */
const packages = (version: string, id: string, debug: string) => ({
  'a.tar': {[`usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`]: elf(version, id, debug)},
  'b.tar': {'bin/program': elf(version, id, 'code')},
})

const elf = (version: string, id: string, content: string) =>
  sectionedElf(SHAPE, [{name: '.text', content: Buffer.from(content)}, comment(version), buildIdNote(SHAPE, id)])

const [OLD, UPDATE] = ['GCC: (Debian 12.2.0-14) 12.2.0', 'GCC: (Debian 12.2.0-14+deb12u1) 12.2.0']
const [ONE, OTHER] = ['ab'.repeat(20), 'cd'.repeat(20)]

const compare = (t: Test, debug: readonly [string, string]) =>
  compareTrees(
    [built(t, 'hybrid', packages(OLD, ONE, debug[0]))],
    built(t, 'emulated', packages(UPDATE, OTHER, debug[1])),
    RULES,
    new AbortController().signal,
  )

t.test('what is named by the build id of a program in another archive is the same file', async t => {
  const {counts, files} = await compare(t, ['debug', 'debug'])
  t.same(counts, {identical: 0, explained: 2, 'not-reproducible': 0, different: 0}, JSON.stringify(files))
})

t.test('and if it holds something else, that is found', async t => {
  const {files} = await compare(t, ['debug', 'gubed'])
  t.match(
    files.map(({path, class: found}) => [path, found]),
    [
      ['a.tar', 'different'],
      ['b.tar', 'explained'],
    ],
  )
})
