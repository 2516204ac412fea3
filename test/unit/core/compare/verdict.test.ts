import {createHash} from 'node:crypto'
import t from 'tap'
import {Derived, explainDerived} from '../../../../lib/core/compare/derived.js'
import {different} from '../../../../lib/core/compare/difference.js'
import {classOf, type FileResult, settle, type VerifyResult, verdictLine, verdictOf} from '../../../../lib/core/compare/verdict.js'
import {buildIdNote, sectionedElf} from '../../elf-sections-file.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const line = (one: string, other: string) => ({...different('line 1', ''), lines: {hybrid: one, emulated: other}})

t.test('a file is as bad as its worst difference', async t => {
  const [revision, unsteady, none] = [different('a', '', 'compiler-revision'), different('b', '', 'not-reproducible'), different('c', '')]
  t.equal(classOf([]), 'identical')
  t.equal(classOf([revision]), 'explained')
  t.equal(classOf([revision, unsteady]), 'not-reproducible')
  t.equal(classOf([revision, none, unsteady]), 'different')
})

t.test('only a place that differs in one mode too is not reproducible', async t => {
  const causes = settle([different('a', ''), different('b', ''), different('a', '', 'build-id')], new Set(['a'])).map(({cause}) => cause)
  t.same(causes, ['not-reproducible', 'none', 'build-id'])
})

t.test('a checksum of a file that differs follows from it, any other does not', async t => {
  const derived = new Derived()
  derived.add(Buffer.from('one'), Buffer.from('other file'))
  const [one, other] = [sha256('one'), sha256('other file')]
  const causes = (a: string, b: string) => explainDerived([line(a, b)], derived).map(({cause}) => cause)
  t.same(causes(`${one}  f`, `${other}  f`), ['checksum'])
  t.same(causes(`${one} 3 f`, `${other} 10 f`), ['checksum'])
  t.same(causes(`${one} 3 f`, `${other} 11 f`), ['none'], 'a size that no file has')
  t.same(causes(`${one}  f`, `${other}  g`), ['none'])
  t.same(causes(`${one}  f`, `${sha256('another')}  f`), ['none'])
  t.same(causes('size 3', 'size 10'), ['none'], 'a size alone tells too little')
  t.same(explainDerived([different('bytes', '')], derived)[0]?.cause, 'none')
})

t.test('debug files are known by the build ids of what they belong to', async t => {
  const derived = new Derived()
  const elf = (id: string) => sectionedElf({bits: 64, endian: 'big'}, [buildIdNote({bits: 64, endian: 'big'}, id)])
  derived.addBuildIds(elf('ab'.repeat(20)), elf('cd'.repeat(20)))
  t.equal(derived.rename(`usr/lib/debug/.build-id/ab/${'ab'.repeat(19)}.debug`), `usr/lib/debug/.build-id/cd/${'cd'.repeat(19)}.debug`)
  t.equal(derived.rename(`usr/lib/debug/.build-id/ee/${'ab'.repeat(19)}.debug`), `usr/lib/debug/.build-id/ee/${'ab'.repeat(19)}.debug`)
  t.ok(derived.explains({hybrid: `Build-Ids: ${'ab'.repeat(20)}`, emulated: `Build-Ids: ${'cd'.repeat(20)}`}))
})

const result = (files: readonly FileResult[], more: Partial<VerifyResult> = {}) => {
  const runs: VerifyResult['runs'] = [
    {name: 'hybrid', mode: 'hybrid', exitCode: 0, seconds: 1},
    {name: 'emulated', mode: 'emulated', exitCode: 0, seconds: 9},
  ]
  const of = (name: string) => files.filter(file => file.class === name).length
  const counts = {identical: 3, explained: of('explained'), 'not-reproducible': of('not-reproducible'), different: of('different')}
  const facts = {runs, files, counts, leaks: [], ...more}
  return {...facts, verdict: verdictOf(facts)}
}

const file = (cause: Parameters<typeof different>[2]): FileResult => {
  const differences = [different('place', 'detail', cause)]
  return {path: 'f', class: classOf(differences) as FileResult['class'], differences}
}

t.test('"identical" is said alone only where all bytes are', async t => {
  t.equal(verdictLine(result([])), 'hybrid and emulated are identical')
  t.equal(
    verdictLine(result([file('build-id'), file('compiler-revision')])),
    "hybrid and emulated are identical but for the compiler's revision string and build ids",
  )
  t.match(verdictLine(result([file('not-reproducible')])), /identical but for what two hybrid builds do not have the same either$/)
})

t.test('one file without a stated cause, one leak, or another end is a difference', async t => {
  t.equal(
    verdictLine(result([file('compiler-revision'), file('none')])),
    'hybrid and emulated are not the same: 1 file without a stated cause',
  )
  const leak = {path: 'f', place: '', what: 'x', offset: 0, context: ''}
  t.equal(verdictLine(result([], {leaks: [leak, leak]})), 'hybrid and emulated are not the same: 2 leaks')
  const runs: VerifyResult['runs'] = [
    {name: 'hybrid', mode: 'hybrid', exitCode: 0, seconds: 1},
    {name: 'emulated', mode: 'emulated', exitCode: 2, seconds: 9},
  ]
  t.equal(verdictLine(result([], {runs})), 'hybrid and emulated are not the same: the builds ended with 0 (hybrid) and 2 (emulated)')
})

t.test('lists that are sorted by what differs are in another order', async t => {
  const derived = new Derived()
  derived.add(Buffer.from('a'), Buffer.from('A'))
  derived.add(Buffer.from('b'), Buffer.from('B'))
  const at = (place: string, hybrid: string, emulated: string) => ({...different(place, ''), lines: {hybrid, emulated}})
  const causes = (...found: ReturnType<typeof at>[]) => explainDerived(found, derived).map(({cause}) => cause)
  t.same(causes(at('line 1', sha256('a'), sha256('B')), at('line 2', sha256('b'), sha256('A'))), ['checksum', 'checksum'])
  t.same(causes(at('line 1', sha256('a'), sha256('B')), at('line 2', sha256('b'), sha256('C'))), ['none', 'none'])
  t.same(causes(at('line 1', 'x', 'y'), at('line 2', 'y', 'x')), ['none', 'none'], 'an order that follows from nothing')
})

t.test('build ids that are sorted within a line have another order where they differ', async t => {
  const line = (...names: string[]) => `Build-Ids: ${names.join(' ')}`
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const derived = new Derived()
  for (const name of ['a', 'b']) derived.add(Buffer.from(name), Buffer.from(`${name}2`))
  t.ok(derived.explains({hybrid: line(md5('a'), md5('b')), emulated: line(md5('b2'), md5('a2'))}))
  t.notOk(derived.explains({hybrid: line(md5('a'), md5('b')), emulated: line(md5('a2'), md5('a2'))}))
  t.notOk(derived.explains({hybrid: line(md5('a'), md5('c')), emulated: line(md5('c2'), md5('a2'))}))
})
