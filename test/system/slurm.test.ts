import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {linkAttempts, SharedRun, sharedRunPath, writeChoice} from '../../lib/bulk/cluster/shared-run.js'
import {RunDirectory, writePlan} from '../../lib/bulk/run-directory.js'
import type {Attempt} from '../../lib/core/bulk/state.js'
import {planned, planOf} from '../unit/bulk/imitated.js'
import {scratch} from './rig.js'
import {noSlurm, TestCluster} from './slurm/cluster.js'

const skip = noSlurm() ?? false
const SCHEDULER = fileURLToPath(new URL('slurm/scheduler.js', import.meta.url))

/**
 * $1: the run's shared part, $2: package, $3: attempt, $4: way, $5: seconds of its first attempt. Builds nothing, and leaves a result as
 * an attempt does. Those of no seconds wait until they are told to go on.
 */
const ATTEMPT = `
if [ "$SLURMD_NODENAME" = n1 ]; then
  echo '{"why":"no session can be made here","hint":"mend it"}' >"$1/unfit/$SLURMD_NODENAME"
  exit 78
fi
printf build >"$1/told/$2.$3"
[ "$3" = 1 ] && sleep "$5"
until [ "$5" != 0 ] || [ -e "$1/go-$2" ]; do sleep 0.2; done
until [ -e "$1/plan.json" ]; do sleep 0.2; done
mkdir -p "$1/attempts/$2/.partial-$3-$SLURM_JOB_ID"
echo '{"format":1,"package":"'"$2"'","way":"'"$4"'","end":{"kind":"built","seconds":'"$5"'}}' >"$1/attempts/$2/.partial-$3-$SLURM_JOB_ID/result.json"
mv -T "$1/attempts/$2/.partial-$3-$SLURM_JOB_ID" "$1/attempts/$2/$3"
`

interface Outcome {
  end: string
  packages: {name: string; state: string; attempts: Attempt[]}[]
  nodes: {name: string; slots: number; why?: string}[]
}

const startScheduler = (directory: string, env: Record<string, string>) =>
  execa(process.execPath, [SCHEDULER, directory], {env, reject: false})

/** A run of packages that take so many seconds each. */
class ImitatedRun {
  readonly directory: RunDirectory
  readonly shared: SharedRun
  readonly #cluster: TestCluster
  #scheduler: ReturnType<typeof startScheduler> | undefined

  private constructor(cluster: TestCluster, directory: RunDirectory, shared: SharedRun) {
    this.#cluster = cluster
    this.directory = directory
    this.shared = shared
  }

  static async make(
    t: Parameters<typeof scratch>[0],
    cluster: TestCluster,
    name: string,
    packages: Record<string, number>,
  ): Promise<ImitatedRun> {
    const home = scratch(t)
    const directory = new RunDirectory(join(home, 'runs', name))
    mkdirSync(directory.path, {recursive: true})
    const plan = planOf(Object.entries(packages).map(([one, expected]) => planned(one, {expected})))
    await writePlan(directory, plan)
    writeFileSync(join(directory.path, 'script'), ATTEMPT)
    const choice = {
      format: 1,
      engine: 'slurm',
      id: name,
      shared: home,
      nodeData: home,
      partition: undefined,
      processors: 1,
      slots: undefined,
    } as const
    writeChoice(directory, choice)
    const shared = new SharedRun(sharedRunPath(home, name, name))
    shared.create({plan, choice, environments: {}}, undefined)
    linkAttempts(directory, shared)
    const run = new ImitatedRun(cluster, directory, shared)
    t.teardown(() => run.kill())
    return run
  }

  begin(): void {
    this.#scheduler = startScheduler(this.directory.path, this.#cluster.variables)
  }

  async kill(): Promise<void> {
    this.#scheduler?.kill('SIGKILL')
    await this.#scheduler
    this.#scheduler = undefined
  }

  async outcome(): Promise<Outcome> {
    const result = await this.#scheduler
    if (result?.exitCode !== 0) throw new Error(`the scheduler ended with ${result?.exitCode}: ${result?.stderr}`)
    return JSON.parse(String(result.stdout))
  }

  /** The number and node of the job that builds a package, as soon as that runs. */
  async jobOf(name: string, attempt = 1): Promise<{id: string; node: string}> {
    for (;;) {
      const jobs = await this.#cluster.run('squeue', '--noheader', '--states=RUNNING', '--format=%i|%B|%j')
      const line = jobs.split('\n').find(one => one.includes(`|xbuild:${this.directory.name}:${name}:${attempt}:`))
      const [id, node] = line?.split('|') ?? []
      if (id !== undefined && node !== undefined && existsSync(join(this.shared.path, 'told', `${name}.${attempt}`))) return {id, node}
      await sleep(200)
    }
  }

  letGo = (name: string): void => writeFileSync(join(this.shared.path, `go-${name}`), '')

  events = (): string => readFileSync(this.directory.journal, 'utf8')
}

const endsOf = ({packages}: Outcome, name: string) => packages.find(one => one.name === name)?.attempts.map(({end}) => end) ?? []

t.test('what befalls jobs and nodes is no package’s failure, and nothing is lost', {skip}, async t => {
  const cluster = await TestCluster.start(t, ['n1', 'n2', 'n3', 'n4'], 3)
  const packages = {lost: 900, cancelled: 901, timed: 902, requeued: 30, plain: 3, other: 2, third: 2, fourth: 1}
  const run = await ImitatedRun.make(t, cluster, 'first', packages)
  const beside = await ImitatedRun.make(t, cluster, 'beside', {lost: 1, plain: 2})
  run.begin()
  beside.begin()
  const [cancelled, timed, requeued] = [await run.jobOf('cancelled'), await run.jobOf('timed'), await run.jobOf('requeued')]
  await cluster.run('scontrol', 'update', `JobId=${requeued.id}`, 'Requeue=1')
  await cluster.run('scontrol', 'requeue', requeued.id)
  await cluster.run('scancel', cancelled.id)
  await cluster.run('scontrol', 'update', `JobId=${timed.id}`, 'TimeLimit=0:01')
  while (!/"kind":"ended"[^\n]*"timed","attempt":1/.test(run.events())) await sleep(300) // its node may be the one that is lost
  // Slurm lets what is requeued wait for two minutes.
  while (/BeginTime/.test(await cluster.run('squeue', '--noheader', '--format=%r', `--jobs=${requeued.id}`))) {
    await cluster.run('scontrol', 'update', `JobId=${requeued.id}`, 'StartTime=now')
    await sleep(500)
  }
  const lost = await run.jobOf('lost')
  await cluster.loseNode(lost.node)
  const [outcome, other] = [await run.outcome(), await beside.outcome()]

  t.equal(outcome.end, 'done')
  t.same(
    outcome.packages.filter(({state}) => state !== 'built'),
    [],
  )
  t.match(endsOf(outcome, 'lost')[0], {kind: 'infrastructure', trouble: 'node', why: `node ${lost.node} was lost`})
  t.match(endsOf(outcome, 'cancelled')[0], {kind: 'infrastructure', trouble: 'node', why: /cancelled on n\d/})
  t.match(endsOf(outcome, 'timed')[0], {kind: 'infrastructure', trouble: 'node', why: /over Slurm's limit of time/})
  t.match(endsOf(outcome, 'requeued').at(-1), {kind: 'built'})
  for (const name of ['plain', 'other', 'third', 'fourth'])
    t.equal(endsOf(outcome, name).length, 1, `${name} was built once, whatever node refused it`)
  t.match(
    outcome.nodes.find(({name}) => name === 'n1'),
    {slots: 0, why: 'no session can be made here'},
  )
  t.equal(other.end, 'done', 'two runs have one cluster')
  t.same(
    endsOf(other, 'lost').map(end => end?.kind),
    ['built'],
    'and packages of one name in two runs are two',
  )
})

t.test('a scheduler that is killed finds its jobs again; what does not answer is waited for', {skip}, async t => {
  const cluster = await TestCluster.start(t, ['n2', 'n3'], 1)
  const run = await ImitatedRun.make(t, cluster, 'second', {long: 0, unseen: 0, short: 3, later: 2})
  run.begin()
  const {id} = await run.jobOf('long')
  await run.jobOf('unseen')
  await run.kill()
  run.letGo('unseen')
  while (!existsSync(run.shared.attempt('unseen', 1))) await sleep(200)
  run.begin()
  while (run.events().match(/"kind":"opened"/g)?.length !== 2) await sleep(200)
  // Others may have ended meanwhile, too.
  t.match(run.events(), /"unseen","attempt":1,"end":.*\n(.*"kind":"ended".*\n)*.*"kind":"opened".*"running":\["long"\]/)

  await cluster.stopController()
  while (!/"kind":"waits".*does not answer/.test(run.events())) await sleep(200)
  const elsewhere = `${run.shared.path}-elsewhere`
  renameSync(run.shared.path, elsewhere)
  await cluster.startController()
  await sleep(5000) // what is away for longer is no different
  renameSync(elsewhere, run.shared.path)
  while (!/"kind":"goes-on"/.test(run.events())) await sleep(200)
  run.letGo('long')

  const outcome = await run.outcome()
  t.equal(outcome.end, 'done')
  for (const name of ['long', 'unseen', 'short', 'later'])
    t.same(
      endsOf(outcome, name).map(end => end?.kind),
      ['built'],
      `${name} was built once`,
    )
  t.match(await cluster.run('squeue', '--noheader', '--states=all', '--format=%i|%j'), new RegExp(`^${id}\\|xbuild:second:long:1:`, 'm'))
})

t.test('ten nodes are lost with what they build, and no package is', {skip}, async t => {
  const nodes = Array.from({length: 12}, (_, i) => `m${i + 1}`)
  const cluster = await TestCluster.start(t, nodes, 1)
  const doomed = Array.from({length: 10}, (_, i) => `doomed${i}`)
  const run = await ImitatedRun.make(
    t,
    cluster,
    'third',
    Object.fromEntries([...doomed, 'plain', 'other'].map((name, i) => [name, i < 10 ? 900 + i : 2])),
  )
  run.begin()
  const lost = await Promise.all(doomed.map(async name => ({name, ...(await run.jobOf(name))})))
  t.equal(new Set(lost.map(({node}) => node)).size, 10, 'each has a node of its own')
  await Promise.all(lost.map(({node}) => cluster.loseNode(node)))
  const outcome = await run.outcome()
  t.equal(outcome.end, 'done')
  for (const {name, node} of lost) {
    const [first, ...rest] = endsOf(outcome, name)
    t.match(first, {kind: 'infrastructure', trouble: 'node', why: `node ${node} was lost`})
    t.match(rest.at(-1), {kind: 'built'}, `${name} was built elsewhere`)
  }
  for (const name of ['plain', 'other'])
    t.same(
      endsOf(outcome, name).map(end => end?.kind),
      ['built'],
    )
})
