import {appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {JournalWriter, readJournal} from '../../../lib/bulk/journal.js'
import {type Request, Scheduler} from '../../../lib/bulk/scheduler.js'
import type {AttemptEnd} from '../../../lib/core/bulk/events.js'
import type {BulkPlan} from '../../../lib/core/bulk/plan.js'
import type {Job} from '../../../lib/core/bulk/queue.js'
import {RunState} from '../../../lib/core/bulk/state.js'
import {built, failed, ImitatedEngine, planned, planOf, trouble} from './imitated.js'

const NEVER = new AbortController().signal

/** Goes on with a run whose journal has something already. */
async function goOn(plan: BulkPlan, path: string, engine: ImitatedEngine, requests: () => Request[] = () => []) {
  const {events, whole} = readJournal(path)
  const state = new RunState(plan)
  state.applyAll(events)
  const journal = new JournalWriter(path, whole)
  journal.add({kind: 'opened', at: 0, pid: 1})
  state.apply({kind: 'opened', at: 0, pid: 1})
  const options = {engine, journal, state, processors: 4, onRound: () => {}, requests, interrupted: NEVER, killed: NEVER}
  const end = await new Scheduler(options).run()
  journal.close()
  return {end, state}
}

function journalPath(t: {teardown: (undo: () => void) => void}): string {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  return join(directory, 'journal')
}

const outcome = fc.constantFrom<AttemptEnd>(built, built, built, failed, trouble('gone'), trouble('lost'))
/** By the package and its how-manieth attempt: the same whenever it is asked. */
const outcomes = fc.array(fc.array(outcome, {minLength: 1, maxLength: 6}), {minLength: 1, maxLength: 12})

const plansOf = (ends: readonly (readonly AttemptEnd[])[]) => planOf(ends.map((_, i) => planned(`p${i}`, {expected: 1 + (i % 3)})))
const endOf =
  (ends: readonly (readonly AttemptEnd[])[]) =>
  ({package: name, attempt}: Job): AttemptEnd => {
    const own = ends[Number(name.slice(1))] ?? [built]
    return own[(attempt - 1) % own.length] ?? built
  }

t.test('every package ends, with a verdict where it failed, and none is in two attempts at once', async t => {
  const path = journalPath(t)
  await fc.assert(
    fc.asyncProperty(outcomes, fc.integer({min: 1, max: 5}), async (ends, slots) => {
      rmSync(path, {force: true})
      const engine = new ImitatedEngine(slots, endOf(ends))
      const {end, state} = await goOn(plansOf(ends), path, engine)
      if (end !== 'done' || engine.most > slots || engine.besideAlone > 0) return false
      const attempts = engine.submitted.map(job => `${job.package} ${job.attempt}`)
      if (new Set(attempts).size !== attempts.length) return false
      return [...state.packages.values()].every(one => one.state === 'built' || (one.state === 'failed' && one.judged !== undefined))
    }),
    {numRuns: 60},
  )
})

t.test('a journal that is cut anywhere is gone on with: what was built is not built again, and all ends as without the cut', async t => {
  const path = journalPath(t)
  await fc.assert(
    fc.asyncProperty(outcomes, fc.double({min: 0, max: 1, noNaN: true}), fc.boolean(), async (ends, part, garbage) => {
      rmSync(path, {force: true})
      const plan = plansOf(ends)
      await goOn(plan, path, new ImitatedEngine(2, endOf(ends)))
      const size = readFileSync(path).length
      truncateSync(path, Math.floor(size * part))
      if (garbage) appendFileSync(path, '{"kind":"ended","at":17,"pack')
      const before = new RunState(plan)
      for (const event of readJournal(path).events) before.apply(event)
      const wereBuilt = new Set([...before.packages.values()].filter(({state}) => state === 'built').map(one => one.planned.name))
      const engine = new ImitatedEngine(2, endOf(ends))
      const {end, state} = await goOn(plan, path, engine)
      if (end !== 'done' || engine.submitted.some(job => wereBuilt.has(job.package))) return false
      if (readJournal(path).damaged.length > 0) return false
      return state.counts.built + state.counts.failed === plan.packages.length
    }),
    {numRuns: 60},
  )
})

t.test('the longest begins first, of equals the one that more need', async t => {
  const engine = new ImitatedEngine(1, () => built)
  const plan = planOf([planned('a'), planned('b', {dependents: 3}), planned('c', {expected: 99}), planned('d', {dependents: 3})])
  await goOn(plan, journalPath(t), engine)
  t.same(
    engine.submitted.map(job => job.package),
    ['c', 'b', 'd', 'a'],
  )
})

t.test('where it is asked for, the shortest begins first, of equals the one that more need', async t => {
  const engine = new ImitatedEngine(1, () => built)
  const packages = [planned('a', {expected: 99}), planned('b'), planned('c', {dependents: 3}), planned('d', {expected: 5})]
  await goOn({...planOf(packages), first: 'shortest'}, journalPath(t), engine)
  t.same(
    engine.submitted.map(job => job.package),
    ['d', 'c', 'b', 'a'],
  )
})

t.test('a request to stop lets what runs end, and begins nothing more', async t => {
  const engine = new ImitatedEngine(2, () => built)
  let asked = false
  const requests = (): Request[] => {
    if (asked || engine.submitted.length < 2) return []
    asked = true
    return [{kind: 'stop'}]
  }
  const {end, state} = await goOn(planOf('abcdef'.split('').map(name => planned(name))), journalPath(t), engine, requests)
  t.equal(end, 'stopped')
  t.equal(state.counts.building, 0)
  t.equal(state.counts.built, engine.submitted.length)
  t.ok(state.counts.queued > 0)
})

t.test('what is asked for again is built again, once', async t => {
  const path = journalPath(t)
  const plan = planOf([planned('a'), planned('b')], {experiments: []})
  let fails = true
  const engine = new ImitatedEngine(2, job => (job.package === 'a' && fails ? failed : built))
  t.equal((await goOn(plan, path, engine)).state.counts.failed, 1)
  fails = false
  let asked = false
  const requests = (): Request[] => {
    if (asked) return []
    asked = true
    return [
      {kind: 'again', packages: ['a', 'nobody']},
      {kind: 'again', packages: ['a']},
    ]
  }
  const {state} = await goOn(plan, path, engine, requests)
  t.same(state.counts.built, 2)
  t.same(
    engine.submitted.map(job => job.package),
    ['a', 'b', 'a'],
  )
})
