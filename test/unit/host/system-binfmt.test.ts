import {existsSync, readdirSync} from 'node:fs'
import t from 'tap'
import {isSystemBinfmtMounted, kernelHasBinfmt, readSystem} from '../../../lib/host/system-binfmt.js'
import {ALONE, importing, nodeArguments, outputOf} from '../other-process.js'

const AT = '/proc/sys/fs/binfmt_misc'

/** Why there is no instance of a user namespace's own here, or false. */
const skip = existsSync(AT) && existsSync('/etc/binfmt.d') ? false : 'this host has no binfmt_misc, or no /etc/binfmt.d'

/** In an instance of its own, set up by a shell script: what another Node finds. */
async function found(setup: string, expression: string): Promise<unknown> {
  const script = `${importing('readSystem, openSystem, registerEntry, unregisterEntry', 'host/system-binfmt')}
    const refusal = ({reason, message, hint}) => ({reason, message, hint})
    console.log(JSON.stringify(await (${expression})))`
  const shell = `set -eu; for directory in /etc/binfmt.d /var/lib; do mount -t tmpfs tmpfs $directory; done; B=${AT}
${setup}
exec "$@"`
  return JSON.parse(await outputOf([...ALONE, 'sh', '-c', shell, 'sh', ...nodeArguments(script)]))
}

const MOUNT = `mount -t binfmt_misc binfmt_misc ${AT}`

t.test('what the system has is told as the kernel shows it, and nothing is changed by that', async t => {
  t.equal(kernelHasBinfmt(), existsSync(AT))
  const before = existsSync(AT) ? readdirSync(AT) : []
  t.equal(isSystemBinfmtMounted(), before.includes('register'))
  const {instance, entries} = await readSystem()
  t.equal(instance === 'not-mounted', !before.includes('register'))
  t.ok(entries.every(({name}) => before.includes(name)))
  t.same(existsSync(AT) ? readdirSync(AT) : [], before)
})

t.test('where it is not mounted there is nothing, but what will be there after a restart', {skip}, async t => {
  const unmounted = `mount -t tmpfs tmpfs ${AT}; touch /etc/binfmt.d/xbuild-env.arm64.conf /etc/binfmt.d/qemu.conf`
  t.same(await found(unmounted, 'readSystem()'), {instance: 'not-mounted', entries: [], persistent: ['arm64']})
  t.match(await found(unmounted, 'openSystem().catch(refusal)'), {
    reason: 'unsupported-host',
    message: "the system's binfmt_misc is not mounted",
    hint: /mount -t binfmt_misc/,
  })
})

const REGISTER = `${MOUNT}
echo ':older:M::\\x7fOLD::/none:' >$B/register
echo ':by-extension:E::unit::/bin/cat:' >$B/register
echo ':zz-newer:M:1:NEW:\\xff\\xff\\x0f:/bin/cat:FC' >$B/register
echo ':aa-newest:M::\\x7fNEW::/bin/cat:' >$B/register
echo 0 >$B/aa-newest
mkdir -p /var/lib/binfmts; touch /var/lib/binfmts/older`

t.test('entries come in the order in which the kernel looks, the newest first, those by extension left out', {skip}, async t => {
  const {instance, entries} = (await found(REGISTER, 'readSystem()')) as Awaited<ReturnType<typeof readSystem>>
  t.equal(instance, 'on')
  t.same(
    entries.map(({name, state, offset, magic, mask, origin}) => ({name, state, offset, magic, mask, origin})),
    [
      {name: 'aa-newest', state: 'disabled', offset: 0, magic: '7f4e4557', mask: 'ffffffff', origin: 'unknown'},
      {name: 'zz-newer', state: 'enabled', offset: 1, magic: '4e4557', mask: 'ffff0f', origin: 'unknown'},
      {name: 'older', state: 'enabled', offset: 0, magic: '7f4f4c44', mask: 'ffffffff', origin: 'binfmt-support'},
    ],
  )
  const [newest, , older] = entries
  t.ok((newest?.registered ?? 0) >= (older?.registered ?? Number.POSITIVE_INFINITY))
  t.equal(older?.changed, undefined, 'its interpreter is not there')
  t.type(newest?.changed, 'number')
  t.equal(newest?.activator, undefined, "it is another tool's")
})

t.test('an entry of ours whose activator is no activator is told as such', {skip}, async t => {
  const own = `${MOUNT}\necho ':xbuild-env-arm64:M::\\x7fOWN::/bin/cat:' >$B/register`
  t.match(await found(own, 'readSystem()'), {entries: [{name: 'xbuild-env-arm64', activator: 'other'}]})
})

t.test('an instance that somebody has switched off is told as off', {skip}, async t => {
  t.match(await found(`${REGISTER}\necho 0 >$B/status`, 'readSystem()'), {instance: 'off'})
})

t.test('an entry is registered and taken out, and what the kernel refuses is told with the line', {skip}, async t => {
  const line = ':unit:M::UNIT::/bin/cat:'
  const names = 'readSystem().then(({entries}) => entries.map(({name}) => name))'
  const write = `(async () => {
    const {writeFileSync} = await import('node:fs')
    writeFileSync('${AT}/register', '${line}')
    const before = await ${names}
    await unregisterEntry('unit')
    return [before, await ${names}, await unregisterEntry('unit').catch(refusal), await registerEntry('bad', 'no line').catch(refusal)]
  })()`
  t.match(await found(MOUNT, write), [
    ['unit'],
    [],
    {reason: 'session-failed', message: /^the kernel refused to take out unit: ENOENT/, hint: /echo -1 > /},
    {reason: 'session-failed', message: /^the kernel refused the entry bad: EINVAL/, hint: 'the line was: no line'},
  ])
})
