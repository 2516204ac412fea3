import t from 'tap'
import {classify} from '../../../../lib/core/bulk/archive-comparison.js'
import {compareRuns} from '../../../../lib/core/bulk/diff.js'
import type {AttemptEnd} from '../../../../lib/core/bulk/events.js'
import {formatEntries, mergeEntries, parseEntries} from '../../../../lib/core/bulk/repository.js'
import {RunState} from '../../../../lib/core/bulk/state.js'
import {built, failed, planned, planOf} from '../../bulk/imitated.js'

const stanza = (name: string, version: string, path: string) =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: mips64el\nFilename: ${path}\nSize: 1\n`

t.test('a new generation has the new packages, and of the others those of the last', async t => {
  const last = parseEntries([stanza('a', '1', 'pool/1/a.deb'), stanza('b', '1', 'pool/2/b.deb')].join('\n'))
  const added = parseEntries(stanza('b', '2', '/repo/pool/3/b.deb'), '/repo/')
  const text = formatEntries(mergeEntries(last, added))
  t.equal(text, [stanza('a', '1', 'pool/1/a.deb'), stanza('b', '2', 'pool/3/b.deb')].join('\n'))
  t.same(
    parseEntries(text).map(({filename}) => filename),
    ['pool/1/a.deb', 'pool/3/b.deb'],
  )
})

t.test('a rebuild of the archive’s, and a date, are stated causes; anything else that differs is told', async t => {
  const at = (place: string, detail = '') => [{place: 'a.deb', differences: [{place, detail, cause: 'none' as const}]}]
  const known = (version: string, ...controls: [string, string]) => ({
    pairs: new Map(),
    controls,
    isRebuild: version.includes('+b'),
    packing: 'alike' as const,
    evidence: [],
    year: 2026,
  })
  const control = 'Package: a\nVersion: 1-1\nDepends: b (= 1-1)\n'
  const rebuilt = 'Package: a\nSource: a (1-1)\nVersion: 1-1+b1\nDepends: b (= 1-1+b1)\n'
  const lines = at('control.tar.xz: xz: ./control: lines', '3 and 4 lines')
  t.match(classify('a', '1-1+b1', lines, known('1-1+b1', control, rebuilt)), {class: 'explained', causes: ['rebuild']})
  t.match(classify('a', '1-1', lines, known('1-1', control, rebuilt)), {class: 'different'})
  t.match(classify('a', '1-1+b1', lines, known('1-1+b1', control, rebuilt.replace('b (=', 'c (='))), {class: 'different'})
  const dated = at('data.tar.xz: xz: ./: header', 'type 5, time 1, link "" and type 5, time 2, link ""')
  t.match(classify('a', '1-1', dated, known('1-1', control, control)), {class: 'explained', causes: ['date']})
  const mode = at('data.tar.xz: xz: ./: header', 'type 5, mode 1, time 1 and type 5, mode 2, time 2')
  t.match(classify('a', '1-1+b1', mode, known('1-1+b1', control, rebuilt)), {class: 'different'})
  t.match(classify('a', '1-1', [], known('1-1', control, control)), {class: 'identical'})
})

t.test('two runs are compared', async t => {
  const stateWith = (ends: Record<string, AttemptEnd>) => {
    const state = new RunState(
      planOf(
        Object.keys(ends).map(name => planned(name)),
        {experiments: []},
      ),
    )
    for (const [name, end] of Object.entries(ends)) {
      state.apply({kind: 'begun', at: 0, package: name, attempt: 1, way: 'hybrid'})
      state.apply({kind: 'ended', at: 0, package: name, attempt: 1, end})
    }
    return state
  }
  const took = (seconds: number): AttemptEnd => ({kind: 'built', seconds})
  const before = stateWith({a: built, b: failed, c: took(20), d: took(100), gone: built})
  const after = stateWith({a: failed, b: built, c: took(60), d: took(110), added: built})
  const sizes = (bytes: Record<string, number>) => (one: {planned: {name: string}}) => bytes[one.planned.name]
  const earlier = {state: before, sizeOf: sizes({c: 1000, d: 1000})}
  const later = {state: after, sizeOf: sizes({a: 9, c: 1005, d: 1500, added: 1})}
  t.match(compareRuns(earlier, later), {
    newlyFailed: [{package: 'a', before: 'built', after: 'failed'}],
    newlyBuilt: [{package: 'b', before: 'failed', after: 'built'}],
    added: ['added'],
    gone: ['gone'],
    times: [{package: 'c', before: 20, after: 60}],
    sizes: [{package: 'd', before: 1000, after: 1500}],
    both: {packages: 2, before: 120, after: 170},
  })
})
