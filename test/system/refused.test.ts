import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {scratch} from './rig.js'
import {planOf, SessionProgram} from './session-program.js'

const SOURCE = fileURLToPath(new URL('refused.c', import.meta.url))

t.test('calls that neither a build nor an emulator needs fail as on a kernel without them', async t => {
  const program = join(scratch(t), 'refused')
  t.equal(spawnSync('cc', ['-o', program, SOURCE], {stdio: 'inherit'}).status, 0)
  const session = new SessionProgram(t, await planOf(program))
  t.equal(await session.ended, 0)
  t.equal(session.output, 'done\n')
})
