import t from 'tap'
import {fateOf, isPassingRefusal, parseNodes, parseQueue, takesJobs} from '../../../../lib/core/bulk/cluster.js'

t.test('jobs and nodes are read as Slurm prints them, and nothing else', async t => {
  t.same(parseQueue('Welcome!\n12|RUNNING|None|n1|xbuild:a:b+1:1:hybrid\n13|PENDING|Resources|n/a|odd|name\n'), [
    {id: '12', state: 'RUNNING', reason: 'None', node: 'n1', name: 'xbuild:a:b+1:1:hybrid'},
    {id: '13', state: 'PENDING', reason: 'Resources', node: undefined, name: 'odd|name'},
  ])
  const nodes = parseNodes('n1|mixed|3/5/0/8|2.51|none\nn1|mixed|3/5/0/8|2.51|none\nn2|down*|0/0/4/4|N/A|Not responding\nsinfo: hello\n')
  t.same(nodes, [
    {name: 'n1', state: 'mixed', processors: 8, busy: 3, load: 2.51, reason: undefined},
    {name: 'n2', state: 'down*', processors: 4, busy: 0, load: undefined, reason: 'Not responding'},
  ])
  t.same(nodes.map(takesJobs), [true, false])
})

t.test('what became of a job', async t => {
  const fate = (state: string) => fateOf({id: '1', name: '', state, reason: 'Priority', node: 'n1'}).kind
  for (const state of ['NODE_FAIL', 'BOOT_FAIL', 'CANCELLED', 'PREEMPTED', 'TIMEOUT', 'DEADLINE', 'OUT_OF_MEMORY'])
    t.equal(fate(state), 'lost', state)
  for (const state of ['PENDING', 'REQUEUED', 'REQUEUE_HOLD']) t.equal(fate(state), 'waits', state)
  for (const state of ['RUNNING', 'COMPLETING', 'CONFIGURING', 'SUSPENDED']) t.equal(fate(state), 'runs', state)
  for (const state of ['COMPLETED', 'FAILED']) t.equal(fate(state), 'ended', state)
})

t.test('a controller that is away refuses nothing for good', async t => {
  for (const said of [
    'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)',
    'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation',
    'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying',
    "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ]) {
    t.ok(isPassingRefusal(said), said)
  }
  t.notOk(isPassingRefusal('sbatch: error: invalid partition specified: nowhere'))
})
