import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {z} from 'zod'
import {PROJECT} from './sources.js'

const DIRECTORY = join(PROJECT, 'features/xbuild-env')

/** Of https://containers.dev/implementors/features/, what the feature uses. */
const schema = z.strictObject({
  id: z.literal('xbuild-env', {error: "the feature's directory has its name"}),
  version: z.string(),
  name: z.string(),
  description: z.string(),
  options: z.record(z.string(), z.strictObject({type: z.enum(['string', 'boolean']), default: z.string(), description: z.string()})),
  privileged: z.boolean(),
  containerEnv: z.record(z.string(), z.string()),
  mounts: z.array(z.strictObject({source: z.string(), target: z.string(), type: z.enum(['bind', 'volume'])})),
  installsAfter: z.array(z.string()),
})

const feature = () => schema.parse(JSON.parse(readFileSync(join(DIRECTORY, 'devcontainer-feature.json'), 'utf8')))
const script = readFileSync(join(DIRECTORY, 'install.sh'), 'utf8')

t.test('the feature is of the version that is here, and keeps environments where its volume is', async t => {
  const {version, mounts, containerEnv, options} = feature()
  t.equal(version, JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).version)
  t.same(
    mounts.map(({target}) => target),
    [containerEnv.XBUILD_ENV_DATA],
  )
  t.match(script, `data=${containerEnv.XBUILD_ENV_DATA}\n`)
  for (const name of Object.keys(options)) t.match(script, new RegExp(`\\$\\{${name.toUpperCase()}:-`), name)
})

t.test('a shell can read its script', async t => {
  t.match(await execa('sh', ['-n'], {input: script, reject: false}), {exitCode: 0, stderr: ''})
})
