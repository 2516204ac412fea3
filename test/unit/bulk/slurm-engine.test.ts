import {mkdirSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setImmediate as nextTurn} from 'node:timers/promises'
import t, {type Test} from 'tap'
import type {Clock} from '../../../lib/bulk/cluster/clock.js'
import {type ClusterChoice, SharedRun} from '../../../lib/bulk/cluster/shared-run.js'
import {SlurmEngine} from '../../../lib/bulk/cluster/slurm-engine.js'
import type {EngineReport} from '../../../lib/bulk/engine.js'
import {type ClusterJob, type ClusterNode, jobName} from '../../../lib/core/bulk/cluster.js'
import type {AttemptEnd} from '../../../lib/core/bulk/events.js'
import type {Job} from '../../../lib/core/bulk/queue.js'
import type {Cluster, JobRequest, Submitted} from '../../../lib/host/slurm.js'
import {built, planned, planOf} from './imitated.js'

const job = (name: string, attempt = 1): Job => ({package: name, version: '1', attempt, way: 'hybrid'})

/** Time goes on when somebody waits for it. */
class ImitatedClock implements Clock {
  #now = 0
  now = () => this.#now
  after = (ms: number, call: () => void) => {
    let isWanted = true
    void nextTurn()
      .then(() => nextTurn())
      .then(() => {
        this.#now += ms
        if (isWanted) call()
      })
    return () => {
      isWanted = false
    }
  }
}

class ImitatedCluster implements Cluster {
  /** What squeue tells; undefined: it does not answer. */
  known: ClusterJob[] | undefined = []
  there: ClusterNode[] = ['n1', 'n2'].map(name => ({name, state: 'idle', processors: 2, busy: 0, load: 0, reason: undefined}))
  readonly asked: JobRequest[] = []
  readonly cancelled: string[] = []
  /** What the next submission comes to, where that is not that it is taken. */
  answer: Submitted | undefined
  #last = 0

  async submit(request: JobRequest): Promise<Submitted> {
    this.asked.push(request)
    const {answer} = this
    this.answer = undefined
    if (answer) return answer
    const id = String(++this.#last)
    this.known?.push({id, name: request.name, state: 'PENDING', reason: 'Resources', node: undefined})
    return {kind: 'taken', id}
  }

  jobs = async () => this.known && [...this.known]
  nodes = async () => this.there
  cancel = async (ids: readonly string[]) => void this.cancelled.push(...ids)

  /** What becomes of the last job. */
  becomes(state: string, node: string | undefined, name?: string): void {
    const found = this.known?.findLast(one => name === undefined || one.name.includes(`:${name}:`))
    if (found) Object.assign(found, {state, node})
  }
}

async function rig(t: Pick<Test, 'testdir'>) {
  const run = new SharedRun(join(t.testdir({}), 'shared'))
  const choice: ClusterChoice = {
    format: 1,
    engine: 'slurm',
    id: 'id',
    shared: '',
    nodeData: '',
    partition: undefined,
    processors: 1,
    slots: undefined,
  }
  const plan = planOf([planned('good')])
  run.create({plan, choice, environments: {}}, undefined)
  const cluster = new ImitatedCluster()
  const orderOf = ({package: name, attempt, way}: Job) => ({planned: planned(name), attempt, way, profiles: []})
  const options = {cluster, run, choice, limits: plan.settings.limits, orderOf, scriptOf: () => '', clock: new ImitatedClock()}
  const engine = await SlurmEngine.open(options, new AbortController().signal)
  const reports: EngineReport[] = []
  /** Polls until something of a kind is told. */
  const until = async <K extends EngineReport['kind']>(kind: K): Promise<Extract<EngineReport, {kind: K}>> => {
    for (let rounds = 0; rounds < 200; rounds++) {
      const found = reports.findIndex(one => one.kind === kind)
      if (found !== -1) return reports.splice(found, 1)[0] as Extract<EngineReport, {kind: K}>
      reports.push(...(await engine.poll(1000)))
    }
    throw new Error(`nothing of kind ${kind} was told, but ${JSON.stringify(reports)}`)
  }
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) reports.push(...(await engine.poll(1000)))
  }
  const leave = (name: string, end: AttemptEnd = built) => {
    mkdirSync(run.attempt(name, 1), {recursive: true})
    writeFileSync(join(run.attempt(name, 1), 'result.json'), JSON.stringify({way: 'hybrid', end}))
  }
  return {run, cluster, engine, until, rounds, leave, options, ends: () => reports.filter(({kind}) => kind === 'ended')}
}

t.test('a result counts, whatever became of its job, and once', async t => {
  const {cluster, engine, until, rounds, leave, ends} = await rig(t)
  engine.submit(job('good'))
  await rounds(3)
  cluster.known?.push({id: '9', name: jobName('id', job('good')), state: 'RUNNING', reason: '', node: 'n2'}) // submitted twice
  leave('good')
  cluster.becomes('NODE_FAIL', 'n1')
  t.match(await until('ended'), {job: {package: 'good'}, end: built})
  await rounds(5)
  t.same(ends(), [])
  t.same(engine.slots(), 4)
  t.same(engine.capacity(), 12, 'one that runs and two that wait, for each slot')
})

t.test('what was lost is no failure of its own, and keeps off the node that lost it', async t => {
  const {cluster, engine, until} = await rig(t)
  for (const [state, why] of [
    ['NODE_FAIL', /node n1 was lost/],
    ['CANCELLED', /cancelled on n1/],
    ['PREEMPTED', /preempted/],
    ['TIMEOUT', /limit of time/],
    ['OUT_OF_MEMORY', /limit of memory/],
  ] as const) {
    engine.submit(job('good'))
    await until('phase')
    cluster.becomes('RUNNING', 'n1')
    t.match(await until('phase'), {node: 'n1'})
    cluster.becomes(state, 'n1')
    t.match(await until('ended'), {end: {kind: 'infrastructure', trouble: 'node', why}})
    cluster.known = []
  }
  t.same(cluster.asked.at(-1)?.exclude, ['n1'])
  cluster.there = cluster.there.filter(({name}) => name === 'n1')
  engine.submit(job('other'))
  await until('phase')
  t.same(cluster.asked.at(-1)?.exclude, [])
})

t.test('a job whose submission was not answered is looked for before it is submitted again', async t => {
  const {cluster, engine, until, rounds, leave} = await rig(t)
  cluster.answer = {kind: 'not-now', why: 'Socket timed out on send/recv operation'}
  engine.submit(job('good'))
  t.match(await until('away'), {why: /takes no jobs/})
  cluster.known?.push({id: '7', name: jobName('id', job('good')), state: 'RUNNING', reason: '', node: 'n1'}) // it was taken all the same
  await until('back')
  await rounds(5)
  t.equal(cluster.asked.length, 1)
  leave('good')
  cluster.becomes('COMPLETED', 'n1')
  t.match(await until('ended'), {end: built})

  cluster.answer = {kind: 'not-now', why: 'Unable to contact slurm controller'}
  engine.submit(job('lost'))
  await until('back')
  await rounds(5)
  t.equal(cluster.asked.length, 3, 'what was not taken is submitted again')
})

t.test('what does not answer is waited for, and nothing is concluded meanwhile', async t => {
  const {run, cluster, engine, until, rounds, leave, ends} = await rig(t)
  engine.submit(job('good'))
  await rounds(3)
  const {known} = cluster
  cluster.known = undefined
  t.match(await until('away'), {why: 'Slurm does not answer'})
  await rounds(200)
  cluster.known = known
  await until('back')
  renameSync(run.path, `${run.path}-away`)
  cluster.becomes('COMPLETED', 'n1')
  t.match(await until('away'), {why: /shared directory/})
  await rounds(200)
  t.same(ends(), [])
  renameSync(`${run.path}-away`, run.path)
  await rounds(3)
  leave('good')
  t.match(await until('ended'), {end: built}, 'a result may be seen later than its job’s end')
})

t.test('a job that ended and left nothing, or that nobody knows any more, is lost', async t => {
  const {run, cluster, engine, until} = await rig(t)
  engine.submit(job('good'))
  await until('phase')
  cluster.becomes('FAILED', 'n1')
  t.match(await until('ended'), {end: {kind: 'infrastructure', trouble: 'lost', why: /ended on n1 and left no result/}})
  engine.submit(job('told'))
  await until('phase')
  run.tellTrouble('told', 1, 'the program is broken')
  cluster.becomes('FAILED', 'n2')
  t.match(await until('ended'), {end: {trouble: 'lost', why: 'the program is broken (on n2)'}})
  engine.submit(job('gone'))
  await until('phase')
  cluster.known = []
  t.match(await until('ended'), {end: {trouble: 'lost', why: /does not know its job/}})
})

t.test('a node that cannot build is told of, left out, and costs no attempt', async t => {
  const {run, cluster, engine, rounds, ends} = await rig(t)
  engine.submit(job('good'))
  await rounds(3)
  run.refuseNode('n1', {why: 'no user namespaces', hint: 'mend it'})
  cluster.becomes('FAILED', 'n1')
  await rounds(10)
  t.same(ends(), [])
  t.same(
    cluster.asked.map(({exclude}) => exclude),
    [[], ['n1']],
  )
  t.equal(engine.slots(), 2)
  t.match(engine.nodes()[0], {name: 'n1', slots: 0, why: 'no user namespaces'})
})

t.test('who goes on with a run finds its jobs again', async t => {
  const {cluster, engine, rounds, leave, options} = await rig(t)
  engine.submit(job('good'))
  engine.submit(job('lost'))
  await rounds(3)
  cluster.becomes('RUNNING', 'n1', 'good')
  cluster.known = cluster.known?.filter(({name}) => name.includes(':good:'))
  const next = await SlurmEngine.open(options, new AbortController().signal)
  t.same(await next.adopt([job('good'), job('lost')]), [job('good')])
  leave('good')
  cluster.becomes('COMPLETED', 'n1')
  for (let rounds = 0; rounds < 50; rounds++) {
    const ended = (await next.poll(1000)).find(({kind}) => kind === 'ended')
    if (!ended) continue
    t.match(ended, {end: built})
    return
  }
  t.fail('it was not told that it ended')
})

t.test('what is to stop takes back those that wait; what is interrupted ends them all', async t => {
  const {cluster, engine, until, rounds} = await rig(t)
  engine.submit(job('runs'))
  engine.submit(job('waits'))
  await rounds(3)
  cluster.becomes('RUNNING', 'n1', 'runs')
  await rounds(3)
  engine.cancel('waiting')
  t.same(cluster.cancelled, ['2'])
  cluster.becomes('CANCELLED', undefined, 'waits')
  t.match(await until('ended'), {job: {package: 'waits'}, end: {kind: 'interrupted'}})
  engine.cancel('ask')
  cluster.becomes('CANCELLED', 'n1', 'runs')
  t.match(await until('ended'), {job: {package: 'runs'}, end: {kind: 'interrupted'}})
  t.ok(cluster.cancelled.includes('1'))
})
