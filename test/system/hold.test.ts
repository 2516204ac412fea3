import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {build, configuration, sourceTree} from './project.js'
import {PROFILE} from './rig.js'
import {planOf, SessionProgram} from './session-program.js'

t.test('a session that is only held runs nothing, and ends with 0 when it is told to', async t => {
  const session = new SessionProgram(t, await planOf())
  const pid = await session.ready()
  session.tell('SIGWINCH')
  await pause(50) // what is run would be there by then
  t.equal(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), '')
  t.equal(session.child.exitCode, null, 'a signal that does not end programs does not end it')
  session.tell('SIGTERM')
  t.equal(await session.ended, 0)
  t.equal(session.output, '')
})

t.test('artifacts are taken where a step has replaced the programs of the environment', async t => {
  const steps = {
    build:
      'mkdir made; (cd made && seq 3000 | split -l 1 -a 4); for name in sleep sh; do cp /bin/false /bin/$name.new; mv /bin/$name.new /bin/$name; done',
  }
  const tree = sourceTree(t, configuration(steps, {artifacts: ['made/*']}))
  t.match(await build(tree), {exitCode: 0})
  t.equal(readdirSync(join(tree, 'out', PROFILE, 'made')).length, 3000)
})
