import t from 'tap'
import {type Beginning, countBlocked, describeBlocked, planFromNothing} from '../../../../lib/core/bulk/from-nothing.js'
import {parseBinaries} from '../../../../lib/core/debian/binary-index.js'
import {parseSources} from '../../../../lib/core/debian/source-index.js'
import type {StubKind} from '../../../../lib/core/stubs/kind.js'

const SOURCES = [
  ['zlib', 'debhelper', 'zlib1g, zlib1g-dev'],
  ['attr', 'debhelper', 'libattr1, libattr1-dev'],
  ['acl', 'debhelper, libattr1-dev', 'libacl1, libacl1-dev'],
  ['tool', 'libacl1-dev, zlib1g-dev', 'tool'],
  ['needs-tool', 'tool', 'needs-tool'],
  ['rusty', 'rustc', 'librusty-dev'],
  ['behind', 'librusty-dev', 'behind'],
  ['lost', 'nowhere-dev', 'lost'],
  ['egg', 'libhen-dev <!nocheck>', 'libegg-dev'],
  ['hen', 'libegg-dev', 'libhen-dev'],
  ['self', 'libself-dev', 'libself-dev'],
] as const

const sources = parseSources(
  SOURCES.map(
    ([name, needs, makes]) =>
      `Package: ${name}\nBinary: ${makes}\nVersion: 1-1\nArchitecture: any\nSection: libs\nBuild-Depends: ${needs}\n`,
  ).join('\n'),
)

const BINARIES: Record<string, {kind: StubKind['kind']; source?: string; depends?: string}> = {
  debhelper: {kind: 'for-all', depends: 'dwz'},
  dwz: {kind: 'tool', depends: 'libattr1'},
  tool: {kind: 'tool', depends: 'libacl1'},
  rustc: {kind: 'refused'},
  zlib1g: {kind: 'library', source: 'zlib', depends: 'libc6'},
  'zlib1g-dev': {kind: 'library', source: 'zlib', depends: 'zlib1g, libc6'},
  libattr1: {kind: 'library', source: 'attr'},
  'libattr1-dev': {kind: 'library', source: 'attr', depends: 'libattr1'},
  libacl1: {kind: 'library', source: 'acl', depends: 'libattr1'},
  'libacl1-dev': {kind: 'library', source: 'acl', depends: 'libacl1, libattr1-dev'},
  'librusty-dev': {kind: 'library', source: 'rusty'},
  'libegg-dev': {kind: 'library', source: 'egg'},
  'libhen-dev': {kind: 'library', source: 'hen'},
  'libself-dev': {kind: 'library', source: 'self'},
  libc6: {kind: 'library', source: 'glibc'},
}

const binaries = parseBinaries(
  Object.entries(BINARIES)
    .map(
      ([name, {kind, source = name, depends = ''}]) =>
        `Package: ${name}\nSource: ${source}\nVersion: 1-1\nArchitecture: ${kind === 'for-all' ? 'all' : 'amd64'}\nDepends: ${depends}\n`,
    )
    .join('\n'),
)

const kindOf = (name: string): StubKind | undefined => {
  const kind = BINARIES[name]?.kind
  if (kind === 'tool') return {kind, why: 'foreign'}
  return kind === 'refused' ? {kind, why: 'code of the host'} : kind && {kind}
}

const beginning: Beginning = {architecture: 'mips64', kindOf, isGiven: name => name === 'libc6'}

const plan = (...names: string[]) => planFromNothing(names, {sources, binaries}, beginning, [])

t.test('what is needed comes with it, in rounds; a tool’s libraries do not', async t => {
  const {rounds, needs, tools, blocked} = plan('needs-tool', 'tool')
  t.same(
    rounds.map(round => [...round].sort()),
    [['attr', 'needs-tool', 'zlib'], ['acl'], ['tool']],
  )
  t.same([...(needs.get('acl') ?? [])], ['attr'])
  t.same([...tools].sort(), ['dwz', 'tool'])
  t.equal(blocked.size, 0)
})

t.test('what cannot be built is told with what stands in its way', async t => {
  const {blocked, rounds} = plan('behind', 'lost', 'none', 'zlib')
  t.same(rounds, [['zlib']])
  t.same(Object.fromEntries([...blocked].map(([name, why]) => [name, describeBlocked(why)])), {
    rusty: 'it needs rustc: code of the host',
    behind: 'it needs rusty, which is blocked',
    lost: 'there is no nowhere-dev',
    none: 'none has no packages for this CPU',
  })
  t.same(countBlocked(blocked), {refused: 1, behind: 1, lacking: 1, 'not-for-target': 1})
})

t.test('a cycle is cut by the cheapest profile that helps', async t => {
  const {cycles, cuts, rounds, withoutCuts} = plan('hen')
  t.same(
    cycles.map(cycle => [...cycle].sort()),
    [['egg', 'hen']],
  )
  t.same(cuts, [{source: 'egg', profiles: ['nocheck'], without: ['hen']}])
  t.same(rounds, [['egg'], ['hen']])
  t.same(withoutCuts, [])
})

t.test('what needs itself is blocked where no profile helps', async t => {
  t.match(plan('self').blocked.get('self'), {kind: 'cycle', cycle: ['self']})
})
