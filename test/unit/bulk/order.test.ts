import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {JournalWriter, readJournal} from '../../../lib/bulk/journal.js'
import {readOrder, writeOrder} from '../../../lib/bulk/order-file.js'
import {RunDirectory} from '../../../lib/bulk/run-directory.js'
import {type Request, Scheduler} from '../../../lib/bulk/scheduler.js'
import type {Order} from '../../../lib/core/bulk/cycles.js'
import type {AttemptEnd, RunEvent} from '../../../lib/core/bulk/events.js'
import type {Needs} from '../../../lib/core/bulk/graph.js'
import {orderRun, remainingTimes} from '../../../lib/core/bulk/order.js'
import type {BulkPlan} from '../../../lib/core/bulk/plan.js'
import {builtAttempt, publishedAttempt, RunState} from '../../../lib/core/bulk/state.js'
import {built, failed, ImitatedEngine, planned, planOf} from './imitated.js'

const NEVER = new AbortController().signal
const needsOf = (needs: Record<string, string[]>): Needs => new Map(Object.entries(needs).map(([name, own]) => [name, new Set(own)]))

/** What has been written when each attempt begins: what an attempt finds built. */
class FeedEngine extends ImitatedEngine {
  readonly found: {package: string; built: string[]; settled: string[]}[] = []
  onSubmit: (name: string) => void = () => {}

  override submit(job: Parameters<ImitatedEngine['submit']>[0]): void {
    this.onSubmit(job.package)
    super.submit(job)
  }
}

const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
t.teardown(() => rmSync(directory, {recursive: true}))

/** By an order as a run finds it. */
async function build(
  made: Order,
  names: readonly string[],
  slots: number,
  end: (name: string, attempt: number) => AttemptEnd,
  requests: Request[] = [],
  more: (plan: BulkPlan) => BulkPlan = plan => plan,
) {
  const path = join(directory, 'journal')
  rmSync(path, {force: true})
  await writeOrder(new RunDirectory(directory), made)
  const order = readOrder(new RunDirectory(directory))
  const packages = names.map((name, i) => planned(name, {expected: 1 + (i % 3)}))
  const plan = more(planOf(packages, {experiments: []}))
  const journal = new JournalWriter(path, 0)
  const state = new RunState(plan)
  const engine = new FeedEngine(slots, ({package: name, attempt}) => end(name, attempt))
  engine.onSubmit = name => {
    const seen = new RunState(plan)
    seen.applyAll(readJournal(path).events)
    const all = [...seen.packages.values()]
    engine.found.push({
      package: name,
      built: all.filter(builtAttempt).map(one => one.planned.name),
      settled: all.filter(one => one.state === 'built' || one.state === 'failed').map(one => one.planned.name),
    })
  }
  const options = {engine, journal, state, order, processors: 4, onRound: () => {}, interrupted: NEVER, killed: NEVER}
  const left = await new Scheduler({...options, requests: () => requests.splice(0)}).run()
  journal.close()
  return {left, state, engine, events: readJournal(path).events}
}

const graphs = fc
  .array(fc.array(fc.integer({min: 0, max: 9}), {maxLength: 3}), {minLength: 1, maxLength: 9})
  .map(all => needsOf(Object.fromEntries(all.map((own, i) => [`p${i}`, own.map(one => `p${one}`)]))))

t.test('each begins when all that it needs is written down as settled, and what was cut off is built again, once', async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.integer({min: 1, max: 4}),
      fc.array(fc.boolean(), {minLength: 9, maxLength: 9}),
      async (needs, slots, passes) => {
        const order = orderRun(needs)
        const doesPass = (name: string) => passes[Number(name.slice(1))] !== false
        const names = [...needs.keys()]
        const {left, state, engine} = await build(order, names, slots, name => (doesPass(name) ? built : failed))
        if (left !== 'done') return false
        const inOrder = engine.found.every(({package: name, settled}) =>
          [...(order.needs.get(name) ?? [])]
            .flatMap(one => (needs.has(one) ? [one] : [...(order.needs.get(one) ?? [])])) // all of a cycle
            .every(one => !needs.has(one) || settled.includes(one)),
        )
        const last = (name: string) => engine.found.findLast(one => one.package === name)
        const again = [...order.cuts].every(
          ([name, cuts]) => !doesPass(name) || [...cuts].every(cut => !doesPass(cut) || last(name)?.built.includes(cut)),
        )
        const fewest = names.every(name => engine.found.filter(one => one.package === name).length <= (order.cuts.has(name) ? 2 : 1))
        const ended = [...state.packages.values()].every(({planned: {name}, state}) => state === (doesPass(name) ? 'built' : 'failed'))
        return inOrder && again && fewest && ended
      },
    ),
    {numRuns: 60},
  )
})

t.test('what needs something of a cycle waits until the cycle is built again', async t => {
  const order = orderRun(needsOf({a: ['hub'], b: ['hub'], hub: ['a', 'b'], app: ['b']}))
  t.same([...order.cuts.keys()], ['hub'])
  const {engine} = await build(order, ['app', 'b', 'a', 'hub'], 4, () => built)
  const begun = engine.found.map(one => one.package)
  t.same(begun.filter(name => name === 'hub').length, 2)
  t.equal(begun.at(-1), 'app')
  t.equal(begun[0], 'hub')
})

t.test('a cycle of thousands stands once, however many wait for it', async t => {
  const size = 2000
  const ring = Array.from({length: size}, (_, i): [string, string[]] => [`ring${i}`, [`ring${(i + 1) % size}`]])
  const others = Array.from({length: size}, (_, i): [string, string[]] => [`app${i}`, [`ring${i}`, 'ring0', 'ring1']])
  const {needs} = orderRun(needsOf(Object.fromEntries([...ring, ...others])))
  t.ok([...needs.values()].reduce((sum, {size}) => sum + size, 0) < 10 * size)
})

t.test('what is asked for again is waited for', async t => {
  const order = orderRun(needsOf({lib: [], app: ['lib']}))
  const requests: Request[] = [{kind: 'again', packages: ['lib']}]
  const {engine, left} = await build(
    order,
    ['app', 'lib'],
    1,
    (name, attempt) => (name === 'lib' && attempt === 1 ? failed : built),
    requests,
  )
  t.equal(left, 'done')
  t.equal(engine.found.at(-1)?.package, 'app')
})

t.test('the first is the one that the most time waits for', async t => {
  const needs = needsOf({lib: [], app: ['lib'], long: [], last: ['app']})
  const times = remainingTimes(needs, name => ({lib: 1, app: 5, long: 8, last: 3})[name] ?? 0)
  t.same(Object.fromEntries(times), {lib: 9, app: 8, long: 8, last: 3})
})

t.test('an order is read as it was written', async t => {
  const run = new RunDirectory(join(directory, 'nothing'))
  t.equal(readOrder(run), undefined)
  const order = orderRun(needsOf({a: ['b', 'c'], b: ['a'], c: []}))
  await writeOrder(new RunDirectory(directory), order)
  const read = readOrder(new RunDirectory(directory))
  t.same([...(read?.needs ?? [])], [...order.needs])
  t.same([...(read?.cuts ?? [])], [...order.cuts])
  t.same(read?.needs.get('a'), order.needs.get('a'))
})

t.test('a run that was killed before a package was built again builds it again', async t => {
  const order = orderRun(needsOf({hub: ['a', 'b'], a: ['hub'], b: ['hub']}))
  const {events} = await build(order, ['hub', 'a', 'b'], 1, () => built)
  const first = events.slice(
    0,
    events.findIndex(one => one.kind === 'again'),
  )
  const path = join(directory, 'killed')
  const journal = new JournalWriter(path, 0)
  const state = new RunState(planOf(['hub', 'a', 'b'].map(name => planned(name))))
  for (const event of first satisfies RunEvent[]) state.apply(event)
  const engine = new ImitatedEngine(1, () => built)
  const options = {engine, journal, state, order, processors: 4, onRound: () => {}, interrupted: NEVER, killed: NEVER, requests: () => []}
  t.equal(await new Scheduler(options).run(), 'done')
  journal.close()
  const hub = engine.submitted.filter(job => job.package === 'hub')
  t.equal(hub.length, 1)
})

t.test('what fails under the emulator alone is there, built without its tests, for what needs it', async t => {
  const order = {needs: needsOf({m4: ['libsigsegv'], libsigsegv: []}), cuts: new Map()}
  const ways: AttemptEnd[] = [failed, failed, built, failed, built]
  const end = (name: string, attempt: number) => (name === 'm4' ? built : (ways[attempt - 1] ?? failed))
  const feeding = (plan: BulkPlan): BulkPlan => ({
    ...plan,
    against: 'feed',
    policy: {...plan.policy, experiments: ['alone', 'native', 'emulated']},
    packages: plan.packages.map(one => ({...one, dependents: one.name === 'libsigsegv' ? 1 : 0})),
  })
  const {state, engine} = await build(order, ['m4', 'libsigsegv'], 2, end, [], feeding)
  t.same(
    engine.submitted.map(({way}) => way),
    ['hybrid', 'alone', 'native', 'emulated', 'untested', 'hybrid'],
  )
  t.same(engine.found.at(-1), {package: 'm4', built: ['libsigsegv'], settled: ['libsigsegv']})
  const [m4, libsigsegv] = ['m4', 'libsigsegv'].map(name => state.packages.get(name))
  t.match([m4?.state, libsigsegv?.state, libsigsegv?.judged?.verdict], ['built', 'failed', 'emulator'])
  t.equal(libsigsegv && publishedAttempt(libsigsegv)?.way, 'untested')
})
