import fc from 'fast-check'
import t from 'tap'
import {cutCycles, cyclesOf, orderCycle, stronglyConnected} from '../../../../lib/core/bulk/cycles.js'
import {graphOf, type Needs, roundsOf, waitingFor} from '../../../../lib/core/bulk/graph.js'

const needsOf = (needs: Record<string, string[]>): Needs => new Map(Object.entries(needs).map(([name, own]) => [name, new Set(own)]))

/** Whatever may need whatever, itself and strangers too. */
const graphs = fc
  .array(fc.array(fc.integer({min: 0, max: 12}), {maxLength: 5}), {maxLength: 10})
  .map(all => needsOf(Object.fromEntries(all.map((own, i) => [`p${i}`, own.map(one => `p${one}`)]))))

const leadsTo = (needs: Needs, from: string, to: string) => waitingFor(graphOf(needs), to).includes(from)

t.test('rounds have what needs only earlier ones, and what is on a cycle or behind one is left', async t => {
  const needs = needsOf({app: ['lib', 'a'], lib: ['libc'], libc: ['elsewhere'], a: ['b'], b: ['a'], tool: []})
  t.same(roundsOf(needs), {rounds: [['libc', 'tool'], ['lib']], left: ['app', 'a', 'b']})
})

t.test('groups are those that need each other, and what is needed comes first', async () => {
  fc.assert(
    fc.property(graphs, needs => {
      const groups = stronglyConnected(needs)
      const names = [...needs.keys()]
      if (groups.flat().sort().join() !== names.toSorted().join()) return false
      const place = new Map(groups.flatMap((group, i) => group.map(name => [name, i] as const)))
      const isSame = (a: string, b: string) => a === b || (leadsTo(needs, a, b) && leadsTo(needs, b, a))
      const areGroups = names.every(a => names.every(b => isSame(a, b) === (place.get(a) === place.get(b))))
      const isInOrder = names.every(a => [...(needs.get(a) ?? [])].every(b => !needs.has(b) || (place.get(b) ?? 0) <= (place.get(a) ?? 0)))
      return areGroups && isInOrder
    }),
  )
})

t.test('a chain as long as an archive is no matter of recursion', async t => {
  const needs = new Map(Array.from({length: 100_000}, (_, i) => [`p${i}`, new Set([`p${(i + 1) % 100_000}`])] as const))
  t.equal(stronglyConnected(needs).length, 1)
})

t.test('with its cuts, everything can be built, and only what is on a cycle is cut', async () => {
  fc.assert(
    fc.property(graphs, needs => {
      const order = cutCycles(needs)
      if (roundsOf(order.needs).left.length > 0) return false
      return [...needs].every(([name, own]) =>
        [...own].every(one => {
          const isCut = order.cuts.get(name)?.has(one) ?? false
          const isKept = order.needs.get(name)?.has(one) ?? false
          if (one === name) return !isCut && !isKept // it has the archive's
          return isCut !== isKept && (!isCut || leadsTo(needs, one, name))
        }),
      )
    }),
  )
})

t.test('of a cycle, that which much needs and which needs little is built first', async t => {
  const needs = needsOf({glib: ['python'], python: ['glib'], gtk: ['glib', 'python'], pango: ['glib', 'gtk'], gtk2: ['pango']})
  t.same(
    cyclesOf(needs).map(cycle => [...cycle.keys()].sort()),
    [['glib', 'python']],
  )
  const cycle = needsOf({a: ['hub'], b: ['hub'], hub: ['a', 'b']})
  t.equal(orderCycle(cycle)[0], 'hub')
  t.same([...cutCycles(cycle).cuts], [['hub', new Set(['a', 'b'])]])
})
