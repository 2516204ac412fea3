import {existsSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {type Answers, ask, missingProgram} from './ask.js'
import {difference, isKnown, KNOWN, normalised, PROBE_PACKAGES, type Probe, readProbes} from './probes.js'
import {DATA, PROFILE, scratch, xbuild} from './rig.js'

/**
 * Emulated, the probes of one profile take a quarter of an hour on a slow machine: `npm test` asks a quarter of them, on each day
 * another, and `XBUILD_TEST_PROBES=all` (npm run test:probes) all. `XBUILD_TEST_PROBES=2` asks the third quarter, as that day did.
 */
const PARTS = 4
const DAY_IN_MS = 86_400_000
const PART = process.env.XBUILD_TEST_PROBES ?? String(Math.floor(Date.now() / DAY_IN_MS) % PARTS)

const askedProbes = (): Probe[] => readProbes().filter((_, index) => PART === 'all' || index % PARTS === Number(PART))

/** `XBUILD_TEST_PROFILES="s390x armhf"` asks these; where it is not set, those that there is an environment of. */
const ASKED = process.env.XBUILD_TEST_PROFILES?.split(/[ ,]+/).filter(Boolean)
const PROFILES = ASKED ?? [PROFILE, 's390x', 'armhf']

const whyNot = (profile: string) =>
  ASKED || profile === PROFILE || existsSync(join(DATA, 'environments', profile))
    ? false
    : `there is no environment ${profile} in ${DATA}: make one, or name it in XBUILD_TEST_PROFILES`

/** An environment of the tests' own that has something to ask; kept, since what it holds takes minutes to install. */
async function probed(t: Test, profile: string): Promise<string> {
  const name = `probes-${profile}`
  if (existsSync(join(DATA, 'environments', name))) return name
  for (const args of [
    ['create', profile, ...(await suiteOf(profile)), '--name', name],
    ['install', name, ...PROBE_PACKAGES],
  ]) {
    const made = await xbuild(args, {cwd: '/'})
    if (made.exitCode !== 0) t.fail(`xbuild-env ${args.join(' ')}`, {stderr: made.stderr})
  }
  return name
}

/** The suite of the environment that is named as the profile is, so that both share root and twins. */
async function suiteOf(profile: string): Promise<string[]> {
  const {exitCode, stdout} = await xbuild(['info', profile, '--json'])
  return exitCode === 0 ? ['--suite', JSON.parse(stdout).suite] : []
}

function compare(t: Test, profile: string, probe: Probe, hybrid: Answers, emulated: Answers): void {
  const [one, other] = [hybrid.answers.get(probe.name), emulated.answers.get(probe.name)]
  if (one === undefined || other === undefined) {
    t.fail(`${probe.name} was answered`)
    return
  }
  const missing = missingProgram(other)
  if (missing !== undefined && one === other) {
    t.pass(probe.name, {skip: `${missing} is not in the environment`})
    return
  }
  const isSame = normalised(one) === normalised(other)
  if (isKnown(probe.name, profile)) t.notOk(isSame, `${probe.name} differs, as is known; where it no longer does, take it off the list`)
  else t.ok(isSame, `${probe.name} is the same`, isSame ? {} : {difference: difference(normalised(other), normalised(one))})
}

t.test('each probe has a name of its own, and what is known is of one of them', async t => {
  const names = readProbes().map(probe => probe.name)
  t.equal(new Set(names).size, names.length)
  t.ok(names.length >= 100, `${names.length} probes`)
  for (const {probe} of KNOWN) t.ok(names.includes(probe), probe)
})

for (const profile of PROFILES) {
  t.test(`what tools say is the same in both modes on ${profile}, or is known to differ`, {skip: whyNot(profile)}, async t => {
    const [environment, directory, probes] = [await probed(t, profile), scratch(t), askedProbes()]
    t.ok(probes.length > 0, `XBUILD_TEST_PROBES is all, or 0 to ${PARTS - 1}`)
    t.comment(`XBUILD_TEST_PROBES=${PART}: ${probes.length} probes`)
    const hybrid = await ask(environment, 'hybrid', probes, directory)
    const emulated = await ask(environment, 'emulated', probes, directory)
    for (const {session} of [hybrid, emulated]) t.equal(session.exitCode, 0, session.stderr)
    for (const probe of probes) compare(t, profile, probe, hybrid, emulated)
  })
}
