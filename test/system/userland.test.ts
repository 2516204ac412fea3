import t from 'tap'
import {emptyData, xbuildIn} from './data.js'
import {scratch} from './rig.js'

/** A CPU that no archive has programs for. Half an hour: `npm run test:userland`, not part of `npm test`. */
const PROFILE = process.env.XBUILD_TEST_USERLAND ?? 'mips64'

t.test('the programs of a root without an archive are built inside it, and run emulated from then on', async t => {
  const data = emptyData(t)
  const xb = (...args: string[]) => xbuildIn(data, args, {cwd: scratch(t)})
  const created = await xb('create', PROFILE, '--userland')
  t.equal(created.exitCode, 0, created.stderr)

  await t.test('shell, tools, perl and dpkg answer as the CPU’s own', async t => {
    const script = 'uname -m; dpkg --print-architecture; echo b a | tr " " "\\n" | sort; perl -e "print unpack(q(%32C*), q(ab)), qq(\\n)"'
    const emulated = await xb('run', PROFILE, '--ephemeral', '--mode', 'emulated', '--', 'bash', '-c', script)
    const hybrid = await xb('run', PROFILE, '--ephemeral', '--', 'bash', '-c', script)
    t.equal(emulated.exitCode, 0, emulated.stderr)
    t.match(emulated.stdout, /^\w+\n\w+\na\nb\n195\n$/)
    t.equal(hybrid.stdout, emulated.stdout)
  })

  await t.test('what was built is routed to its twins, as the stubs were', async t => {
    const {routing} = JSON.parse((await xb('info', PROFILE, '--json')).stdout)
    const routed = routing.routes.map((route: {path: string}) => route.path)
    for (const name of ['dash', 'bash', 'sed', 'grep', 'sort', 'make', 'tar', 'perl']) t.ok(routed.includes(`/usr/bin/${name}`), name)
    t.notOk(routed.includes('/usr/bin/uname'))
  })

  await t.test('the next environment has it at once', async t => {
    const second = await xb('create', PROFILE, '--name', 'second', '--userland')
    t.equal(second.exitCode, 0, second.stderr)
    t.ok(second.took < 10, `${second.took} s`)
    t.match(await xb('run', 'second', '--ephemeral', '--mode', 'emulated', '--', 'sed', '--version'), {
      exitCode: 0,
      stdout: /^sed \(GNU sed\)/,
    })
  })
})
