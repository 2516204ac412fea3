import {randomUUID} from 'node:crypto'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ERROR, processesIn} from './data.js'
import {DATA, PROFILE, scratch, xbuild} from './rig.js'

const known = () => (existsSync(join(DATA, 'sessions')) ? readdirSync(join(DATA, 'sessions')) : [])

/** Its id. */
async function begin(t: Test, cwd: string, ...args: string[]): Promise<string> {
  const started = await xbuild(['session', 'start', ...args, PROFILE], {cwd})
  t.match(started, {exitCode: 0, stdout: /^[0-9a-f]{8}\n$/, stderr: ''})
  const id = started.stdout.trim()
  t.teardown(() => xbuild(['session', 'stop', id]))
  return id
}

const within = (id: string, script: string, cwd: string, ...args: string[]) =>
  xbuild(['run', '--session', id, ...args, '--', 'sh', '-c', script], {cwd})

t.test('a session that is held keeps what its commands do, until it is told to end', async t => {
  const cwd = scratch(t)
  const id = await begin(t, cwd, '--ephemeral')
  const marker = randomUUID()
  t.match(await within(id, `echo 1 >/opt/one; echo 2 >/tmp/two; setsid sleep 1000 >/dev/null 2>&1 & : ${marker}; exit 3`, cwd), {
    exitCode: 3,
  })
  t.match(await within(id, `setsid sh -c 'while :; do sleep 1; done' ${marker} >/dev/null 2>&1 & cat /opt/one /tmp/two; pwd`, cwd), {
    exitCode: 0,
    stdout: `1\n2\n${cwd}\n`,
  })
  t.equal((await processesIn(marker)).length, 1, 'what a command leaves behind stays')
  const ps = JSON.parse((await xbuild(['ps', '--json'])).stdout)
  t.match(ps, [{id, environment: PROFILE, kind: 'held, ephemeral', joinable: true, command: ''}])
  t.equal(ps.length, 1)
  t.match(ps[0].processes, [{command: /sleep 1000/}, {command: new RegExp(marker)}].slice(0, 1))
  t.match(await xbuild(['ps']), {stdout: new RegExp(`SESSION .*\\n${id}  *${PROFILE}  *held, ephemeral`)})
  t.match(await xbuild(['run', PROFILE, '--ephemeral', '--', 'test', '-e', '/opt/one'], {cwd}), {exitCode: 1}, 'others do not see it')
  t.match(await xbuild(['session', 'stop', id]), {exitCode: 0, stderr: new RegExp(`stopped session ${id}`)})
  t.same(await processesIn(marker), [])
  t.same(known(), [])
  const gone = await within(id, 'true', cwd)
  t.match(gone, {exitCode: 125, stderr: new RegExp(`there is no session "${id}"`)})
  t.match(gone.stderr, ERROR)
  t.match(await xbuild(['run', PROFILE, '--', 'test', '-e', '/opt/one'], {cwd}), {exitCode: 1, stderr: ''}, 'nor is it kept')
})

t.test('revert brings an ephemeral session back to its start, under the same name', async t => {
  const cwd = scratch(t)
  const id = await begin(t, cwd, '--ephemeral', '--no-network')
  t.match(await within(id, 'rm -r /usr/share/doc /etc/passwd; echo x >/opt/x; setsid sleep 1000 >/dev/null 2>&1 &', cwd), {exitCode: 0})
  t.match(await xbuild(['session', 'revert', id]), {exitCode: 0})
  t.match(
    await within(
      id,
      'test -e /etc/passwd -a -d /usr/share/doc -a ! -e /opt/x; echo $?; grep -c : /proc/net/dev; ls -d /proc/[0-9]* | wc -l',
      cwd,
    ),
    {
      stdout: /^0\n1\n/,
    },
  )
  t.match(await xbuild(['session', 'stop', id]), {exitCode: 0})
})

t.test('a lasting session that is held is joined by commands of its environment, and has no start to go back to', async t => {
  const cwd = scratch(t)
  const id = await begin(t, cwd)
  t.match(await xbuild(['run', PROFILE, '--', 'sh', '-c', 'echo 1 >/opt/held'], {cwd}), {exitCode: 0, stderr: ''})
  t.match(await within(id, 'cat /opt/held', cwd), {stdout: '1\n'})
  const refused = await xbuild(['session', 'revert', id])
  t.match(refused, {exitCode: 2, stderr: /has no start to go back to/})
  t.match(refused.stderr, ERROR)
  t.match(await xbuild(['session', 'stop', id]), {exitCode: 0})
  t.match(await xbuild(['run', PROFILE, '--', 'sh', '-c', 'cat /opt/held; rm /opt/held'], {cwd}), {stdout: '1\n'})
})

t.test('several that revert and stop a session at once leave none that nobody knows of', async t => {
  const cwd = scratch(t)
  const id = await begin(t, cwd, '--ephemeral', '--no-project')
  await Promise.all(['revert', 'revert', 'stop', 'revert'].map(word => xbuild(['session', word, id])))
  const running = JSON.parse((await xbuild(['ps', '--json'])).stdout)
  t.ok(running.length <= 1)
  for (const session of running) t.match(await xbuild(['session', 'stop', session.id]), {exitCode: 0})
  t.same(known(), [])
  t.match(await xbuild(['run', PROFILE, '--', 'true'], {cwd}), {exitCode: 0, stderr: ''}, 'nothing holds the environment')
  const again = await begin(t, cwd, '--ephemeral', '--no-project')
  const both = await Promise.all([1, 2].map(() => xbuild(['session', 'revert', again])))
  t.match(both, [{exitCode: 0}, {exitCode: 0}])
  t.match(await within(again, 'echo there', '/'), {stdout: 'there\n'})
})

t.test('wrong words are told', async t => {
  const cwd = scratch(t)
  for (const [args, exitCode, why] of [
    [['session', 'stop', '../../x'], 125, /there is no session "..\/..\/x"/],
    [['run', '--session', '01234567', '--', 'true'], 125, /there is no session "01234567"/],
    [['run', '--session', '01234567', PROFILE, '--', 'true'], 2, /--session says which environment/],
    [['session', 'start', 'nosuch'], 125, /there is no environment "nosuch"/],
  ] as const) {
    const result = await xbuild(args, {cwd})
    t.match(result, {exitCode, stderr: why}, args.join(' '))
    t.match(result.stderr, ERROR)
  }
  t.same(known(), [])
})
