import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t, {type Test} from 'tap'
import {processesIn} from './data.js'
import {build, configuration, sourceTree} from './project.js'
import {CLI, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {planOf, SessionProgram} from './session-program.js'

/** How often: before PID 1 ended its processes itself, two of three kills left wrong lines. */
const ROUNDS = 30

/** Shells that execute programs without a pause, and would write down one that failed. */
const SCRIPT = `
  loop() { while :; do /bin/true || echo "true ended with $?" >>wrong; done; }
  for n in 1 2 3 4; do loop & done
  : >ready
  wait`

/** Kills it, as soon as it is at work; resolves with what it wrote down when nothing of it is left. */
async function killOnce(t: Test, victim: 'xbuild-env' | 'xbuild-session', mode: string): Promise<string> {
  const directory = scratch(t)
  const marker = randomUUID()
  const args = ['run', PROFILE, '--ephemeral', '--mode', mode, '--', 'sh', '-c', SCRIPT, marker]
  const tool = spawn(process.execPath, [CLI, ...args], {cwd: directory, env: plainVariables(), stdio: ['ignore', 'ignore', 'pipe']})
  let said = ''
  tool.stderr.on('data', text => (said += text))
  while (!existsSync(join(directory, 'ready'))) {
    if (tool.exitCode !== null) throw new Error(`the session did not begin: ${tool.exitCode}: ${said}`)
    await pause(10)
  }
  await pause(Math.random() * 20)
  if (victim === 'xbuild-env') tool.kill('SIGKILL')
  else process.kill(Number(readFileSync(`/proc/${tool.pid}/task/${tool.pid}/children`, 'utf8')), 'SIGKILL')
  while ((await processesIn(marker)).length > 0) await pause(20)
  return existsSync(join(directory, 'wrong')) ? readFileSync(join(directory, 'wrong'), 'utf8') : ''
}

for (const victim of ['xbuild-env', 'xbuild-session'] as const) {
  t.test(`kill -9 of ${victim} ends programs, and makes none fail`, async t => {
    for (let round = 0; round < ROUNDS; round++) {
      const wrong = await killOnce(t, victim, round % 2 ? 'hybrid' : 'emulated')
      if (wrong !== '') return t.fail(`round ${round}: ${wrong}`)
    }
    t.pass(`${ROUNDS} times`)
  })
}

t.test('kill -9 ends a session whose PID 1 does not answer', async t => {
  const session = new SessionProgram(t, await planOf('sleep', '1000'))
  const pid = await session.ready()
  process.kill(pid, 'SIGSTOP')
  session.child.kill('SIGKILL')
  t.equal(await session.ended, 'SIGKILL') // the pipes of its output are closed: nothing is left that holds them
  while (existsSync(`/proc/${pid}`)) await pause(20)
})

const children = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')

const COMMAND = ': >ready; exec sleep 1000'
const SESSIONS = {
  lasting: ['run', PROFILE, '--', 'sh', '-c', COMMAND],
  ephemeral: ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', COMMAND],
}

/** Begins a session in a process group of its own, and waits until COMMAND runs in the directory. */
async function begin(directory: string, args: readonly string[]) {
  const tool = spawn(process.execPath, [CLI, ...args], {cwd: directory, env: plainVariables(), stdio: 'ignore', detached: true})
  while (!readdirSync(directory, {recursive: true, encoding: 'utf8'}).some(path => basename(path) === 'ready')) {
    if (tool.exitCode !== null) throw new Error(`the session did not begin: ${tool.exitCode}`)
    await pause(10)
  }
  const [outer = 0] = children(tool.pid ?? 0).filter(pid => commandOf(pid).includes('xbuild-session'))
  // PID 1 and the guard are both of the same program; PID 1 is the one that has children.
  const [init = 0] = children(outer).filter(pid => children(pid).some(child => child > 0))
  return {tool, init}
}

t.test('kill -9 of the whole process group ends one, too', async t => {
  const {tool, init} = await begin(scratch(t), SESSIONS.ephemeral)
  process.kill(init, 'SIGSTOP')
  process.kill(-(tool.pid ?? 0), 'SIGKILL')
  while (existsSync(`/proc/${init}`)) await pause(20)
  t.pass('nothing is left of it')
})

t.test('an environment is in use until the last process of a killed session has ended', async t => {
  for (const [kind, args] of Object.entries(SESSIONS)) {
    await killSlowly(scratch(t), args, async () => {
      t.match(await xbuild(['run', PROFILE, '--', 'true']), {exitCode: 125, stderr: /is in use by another session/}, kind)
    })
    t.match(await xbuild(['run', PROFILE, '--', 'true']), {exitCode: 0, stderr: ''}, kind)
  }
})

/** Kills the tool, and looks while its session is ending still. */
async function killSlowly(directory: string, args: readonly string[], look: () => Promise<void>): Promise<void> {
  const {tool, init} = await begin(directory, args)
  process.kill(init, 'SIGSTOP') // or it would be gone before anybody looks
  process.kill(-(tool.pid ?? 0), 'SIGKILL')
  await once(tool, 'exit')
  await look()
  if (!existsSync(`/proc/${init}`)) throw new Error('the session had ended before')
  process.kill(init, 'SIGCONT')
  while (existsSync(`/proc/${init}`)) await pause(20)
  await pause(50) // of the guard, which learns of it
}

t.test('a target of a project is being built until the same', async t => {
  const directory = sourceTree(t, configuration({work: COMMAND}, {'in-place': true}))
  await killSlowly(directory, ['build'], async () => {
    t.match(await build(directory), {exitCode: 125, stderr: /another command works on it already/})
  })
  writeFileSync(join(directory, 'xbuild-env.json'), configuration({work: 'true'})['xbuild-env.json'])
  t.match(await build(directory), {exitCode: 0})
})

t.test('an environment in which a build is verified is in use until the same', async t => {
  const directory = sourceTree(t, {'tree/a': ''})
  await killSlowly(directory, ['verify', PROFILE, 'tree', '--build', COMMAND, '--keep', 'kept'], async () => {
    t.match(await xbuild(['run', PROFILE, '--', 'true']), {exitCode: 125, stderr: /is in use by another session/})
  })
})

t.test('no session finds the lock of its environment', async t => {
  const script = 'for fd in /proc/[0-9]*/fd/*; do readlink $fd; done | grep -c "[.]lock"'
  t.match(await xbuild(['run', PROFILE, '--ephemeral', '--', 'sh', '-c', script]), {stdout: '0\n', stderr: ''})
})
