import t from 'tap'
import {countBlocked, describeBlocked} from '../../../../lib/core/bulk/blocked.js'
import {planFromNothing} from '../../../../lib/core/bulk/from-nothing.js'
import type {Beginning} from '../../../../lib/core/bulk/need-finder.js'
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
  ['db', 'rustc <!nojava>, libattr1-dev <!nopython>', 'libdb-dev'],
  ['behind-db', 'libdb-dev', 'behind-db'],
  ['sasl', 'librusty-dev <!pkg.sasl.nosql>, zlib1g-dev <!nodoc>', 'libsasl-dev'],
  ['either', 'libelsewhere-dev | zlib1g-dev', 'either'],
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
  'libdb-dev': {kind: 'library', source: 'db'},
  'libelsewhere-dev': {kind: 'library', source: 'of-another-cpu'},
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

t.test('what is blocked is freed by the profile that leaves it out, and what waits behind it needs none', async t => {
  const {lessened, blocked, rounds} = plan('behind-db')
  t.same(lessened, [{source: 'db', profiles: ['nojava'], without: []}], 'of the profiles that it knows, the one that helps')
  t.equal(blocked.size, 0)
  t.same(rounds, [['attr'], ['db'], ['behind-db']])
})

t.test('a profile of a source’s own leaves out what it needs of a blocked one', async t => {
  const {lessened, blocked, needs} = plan('sasl')
  t.same(lessened, [{source: 'sasl', profiles: ['pkg.sasl.nosql'], without: ['rusty']}])
  t.same([...(needs.get('sasl') ?? [])], ['zlib'])
  t.equal(blocked.size, 0, 'what it does without is none of the plan')
})

t.test('a library that is none of the target’s is not there: an alternative is', async t => {
  t.same([...(plan('either').needs.get('either') ?? [])], ['zlib'])
})
