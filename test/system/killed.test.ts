import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {processesIn} from './data.js'
import {CLI, PROFILE, plainVariables, scratch} from './rig.js'

/** How often: before PID 1 ended its processes itself, two of three kills left wrong lines. */
const ROUNDS = 30

/** Shells that execute programs without a pause, and would write down one that failed. */
const SCRIPT = `
  loop() { while :; do /bin/true || echo "true ended with $?" >>wrong; done; }
  for n in 1 2 3 4; do loop & done
  : >ready
  wait`

for (const victim of ['xbuild-env', 'xbuild-session'] as const) {
  t.test(`kill -9 of ${victim} ends programs, and makes none fail`, async t => {
    for (let round = 0; round < ROUNDS; round++) {
      const directory = scratch(t)
      const marker = randomUUID()
      const args = ['run', PROFILE, '--ephemeral', '--mode', round % 2 ? 'hybrid' : 'emulated', '--', 'sh', '-c', SCRIPT, marker]
      const tool = spawn(process.execPath, [CLI, ...args], {cwd: directory, env: plainVariables(), stdio: 'ignore'})
      while (!existsSync(join(directory, 'ready'))) await pause(10)
      await pause(Math.random() * 20)
      if (victim === 'xbuild-env') tool.kill('SIGKILL')
      else process.kill(Number(readFileSync(`/proc/${tool.pid}/task/${tool.pid}/children`, 'utf8')), 'SIGKILL')
      while ((await processesIn(marker)).length > 0) await pause(10)
      if (existsSync(join(directory, 'wrong'))) {
        t.fail(`round ${round}: ${readFileSync(join(directory, 'wrong'), 'utf8')}`)
        return
      }
    }
    t.pass(`${ROUNDS} times`)
  })
}
