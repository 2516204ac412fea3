import {join} from 'node:path'
import t from 'tap'
import {type NativeProfile, readEmulatedProfile, readProfile} from '../../../lib/config/profiles.js'
import {bootstrapPlaces, hostRootBootstrap, planNativeRoot, planRoot, rootPlan} from '../../../lib/root/root.js'
import {refusal} from '../refusal.js'

const profile = await readEmulatedProfile('mips64el')
const root = planRoot('/store/roots', profile, undefined, ['less'], 'twins')
const session = {twins: '/store/twins/partial', writeRoutes: ['node', '__bootstrap-routes'], binfmt: 'private'} as const
const plan = rootPlan(root, profile, undefined, session, bootstrapPlaces(root.directory))

/** The hooks in the order in which they run; mmdebstrap runs all of a kind one after the other. */
const hooks = (all: typeof plan.bootstrap.hooks) =>
  (['setup', 'extract', 'essential', 'customize'] as const)
    .flatMap(kind => all.filter(({when}) => when === kind))
    .map(({command}) => command)

const first = (commands: readonly string[], pattern: RegExp) => commands.findIndex(command => pattern.test(command))

t.test('what is installed last is downloaded before the root waits for its twins, and is there before apt needs it', async t => {
  const commands = hooks(plan.bootstrap.hooks)
  const download = first(commands, /apt-get .*--download-only .*install -- .*priority\(required\).*build-essential.*less/)
  t.ok(download >= 0)
  t.match(
    commands[download],
    /flock 9 && \{ .*<\/dev\/null 2>\/dev\/null \| grep .* & \}$/,
    'it goes on in the background, and holds the lock',
  )
  t.ok(download < first(commands, /__bootstrap-routes/))
  const wait = first(commands, /^flock "\$1"\/\.\.\/download\.lock rm /)
  t.ok(wait > first(commands, /mount .*--bind/))
})

t.test('a root of the host’s architecture is made the same way, without twins', async t => {
  const commands = hooks(hostRootBootstrap(root, profile, undefined).hooks)
  t.ok(first(commands, /--download-only/) >= 0)
  t.equal(first(commands, /__bootstrap-routes|mount/), -1)
})

t.test('the twin set is found by whatever name it has: PID 1 holds it, and it is shown beside the root, where hooks bind from', async t => {
  t.match(plan.operations.at(-2), {op: 'hold', fd: 101, source: '/store/twins/partial'})
  t.match(plan.operations.at(-1), {op: 'bind', source: '/store/twins/partial', target: join(root.directory, 'twins'), access: 'ro'})
  const mounts = hooks(plan.bootstrap.hooks).filter(command => command.startsWith('mount'))
  t.match(mounts[0], `mount --no-canonicalize --bind '${root.directory}/twins/tree/usr/lib/x86_64-linux-gnu' `)
  t.notMatch(hooks(plan.bootstrap.hooks).join('\n'), /twins\/partial|\/proc\//, 'older kernels do not bind from what is mounted nowhere')
})

t.test('the links of a merged /usr are made without a hook of mmdebstrap’s own, where the packages do not bring them', async t => {
  const commands = hooks(plan.bootstrap.hooks)
  t.notMatch(commands.join('\n'), /\/usr\/share\/mmdebstrap/)
  const links = first(
    commands,
    /for name in bin sbin lib lib32 lib64 libo32; do mkdir -p "\$1\/usr\/\$name" && ln -s "usr\/\$name" "\$1\/\$name"; done/,
  )
  t.equal(links, 0)
  const trixie = await readProfile('arm64')
  t.equal(trixie.suite.suite, 'trixie')
  t.notMatch(hooks(hostRootBootstrap(root, trixie, undefined).hooks).join('\n'), /merged|ln -s/)
})

t.test('nothing that makes a root waits for the disk', async t => t.match(plan.operations[0], {op: 'drop-syncs'}))

t.test('a root whose programs run by themselves is made of its packages alone, on a machine of its architecture', async t => {
  const own = (await readProfile('amd64')) as NativeProfile
  const {architecture, packages, host, key} = planNativeRoot('/store/roots', own, undefined, ['less'])
  t.match(
    {architecture, packages, host},
    {architecture: 'amd64', packages: ['?priority(required)', 'build-essential', 'less'], host: undefined},
  )
  t.not(planNativeRoot('/store/roots', own, undefined, []).key, key)
  const foreign = {...own, target: {...own.target, name: 'arm64', architecture: 'arm64'}}
  t.throws(() => planNativeRoot('/store/roots', foreign, undefined, []), refusal('unsupported-host', {hint: /xbuild-env create amd64$/}))
})
