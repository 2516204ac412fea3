import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import type {EngineReport} from '../../../lib/bulk/engine.js'
import {LocalEngine} from '../../../lib/bulk/local-engine.js'
import {RunDirectory} from '../../../lib/bulk/run-directory.js'
import {ALONE, importing, nodeArguments, outputOf} from '../other-process.js'
import {built} from './imitated.js'

const JOB = {package: 'good', version: '1', attempt: 1, way: 'hybrid'} as const

/** How an attempt ends whose process is a script. */
async function endOf(t: Pick<Test, 'testdir'>, script: string): Promise<EngineReport | undefined> {
  const directory = t.testdir({'work.mjs': script, run: {}})
  const engine = new LocalEngine({directory: new RunDirectory(join(directory, 'run')), slots: 1, processors: 1})
  const [, program = ''] = process.argv
  process.argv[1] = join(directory, 'work.mjs')
  engine.submit(JOB, 1)
  process.argv[1] = program
  for (;;) {
    const ended = (await engine.poll(1000)).find(({kind}) => kind === 'ended')
    if (ended) return ended
  }
}

const DISK = {kind: 'ended', end: {kind: 'infrastructure', trouble: 'disk'}}

t.test('an attempt that finds no place for its results is a trouble of the disk, and no failure of its own', async t => {
  t.match(await endOf(t, "console.log('build'); console.log('no-space'); process.exitCode = 125"), DISK)
  t.match(await endOf(t, "console.log('build'); process.exitCode = 125"), {end: {kind: 'infrastructure', trouble: 'lost'}})
})

t.test('where there is no place even for what an attempt says, the run goes on to wait', async t => {
  const script = `${importing('LocalEngine', 'bulk/local-engine')}${importing('RunDirectory', 'bulk/run-directory')}
    const engine = new LocalEngine({directory: new RunDirectory(process.argv[1]), slots: 1, processors: 1})
    engine.submit(${JSON.stringify(JOB)}, 1)
    console.log(JSON.stringify(await engine.poll(1000)))`
  const full = 'mount -t tmpfs -o nr_inodes=2 tmpfs "$1" && touch "$1/full" && place=$1 && shift && exec "$@" "$place"'
  const argv = [...ALONE, 'sh', '-c', full, 'sh', join(t.testdir({run: {}}), 'run'), ...nodeArguments(script)]
  t.match(JSON.parse(await outputOf(argv)), [DISK])
})

t.test('a result counts for the way in which it was found alone', t => {
  const directory = new RunDirectory(t.testdir({}))
  const place = directory.attempt('good', 1)
  mkdirSync(place, {recursive: true})
  const engine = new LocalEngine({directory, slots: 1, processors: 1})
  for (const text of ['', 'null', '{}', '{"end":{"kind":"built"}}']) {
    writeFileSync(join(place, 'result.json'), text)
    t.equal(engine.find(JOB), undefined, text)
  }
  writeFileSync(join(place, 'result.json'), JSON.stringify({way: 'alone', end: built}))
  t.equal(engine.find(JOB), undefined)
  t.same(engine.find({...JOB, way: 'alone'}), built)
  t.end()
})
