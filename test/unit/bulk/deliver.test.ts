import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import t, {type Test} from 'tap'
import {deliver, PARTIAL} from '../../../lib/bulk/cluster/deliver.js'
import {SharedRun} from '../../../lib/bulk/cluster/shared-run.js'
import {planned, planOf} from './imitated.js'

const CHOICE = {
  format: 1,
  engine: 'slurm',
  id: 'x',
  shared: '',
  nodeData: '',
  partition: undefined,
  processors: 1,
  slots: undefined,
} as const
const skip = process.getuid?.() === 0 ? false : 'a small file system is mounted by root'

/** A shared directory of so many KiB, with a run in it, and results that somebody wants to bring there. */
async function shared(t: Test, size: number) {
  const mounted = mkdtempSync(join(tmpdir(), 'xbuild-shared-'))
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', mounted])
  t.teardown(async () => {
    await execa('umount', [mounted])
    rmdirSync(mounted)
  })
  const run = new SharedRun(join(mounted, 'run'))
  run.create({plan: planOf([planned('one')]), choice: CHOICE, environments: {}}, undefined)
  const results = t.testdir({'log.txt': 'x'.repeat(300_000)})
  writeFileSync(join(results, 'result.json'), '{"format":1,"package":"one","way":"hybrid","end":{"kind":"built","seconds":1}}')
  mkdirSync(join(mounted, 'fill'))
  return {run, results, mounted}
}

t.test('results wait while the shared directory is full, and leave nothing half brought', {skip}, async t => {
  const {run, results, mounted} = await shared(t, 1024)
  writeFileSync(join(mounted, 'fill/one'), Buffer.alloc(800 * 1024))
  const target = run.attempt('one', 1)
  const waits: string[] = []
  const onWait = (why: string) => {
    waits.push(why)
    t.same(readdirSync(join(target, '..')), [], 'what did not fit is removed')
    rmSync(join(mounted, 'fill/one'))
  }
  t.equal(await deliver(results, run, target, {onWait, signal: new AbortController().signal}), 'delivered')
  t.match(waits, [/ENOSPC/])
  t.ok(existsSync(join(target, 'log.txt')))
  t.equal(
    await deliver(results, run, target, {onWait, signal: new AbortController().signal}),
    'there',
    'a result that comes twice counts once',
  )
  t.same(
    readdirSync(join(target, '..')).filter(name => name.startsWith(PARTIAL)),
    [],
  )
})

t.test('whoever is told to end while it is full ends', {skip}, async t => {
  const {run, results, mounted} = await shared(t, 1024)
  writeFileSync(join(mounted, 'fill/one'), Buffer.alloc(900 * 1024))
  const ended = new AbortController()
  await t.rejects(deliver(results, run, run.attempt('one', 1), {onWait: () => ended.abort(), signal: ended.signal}), /abort/i)
})
