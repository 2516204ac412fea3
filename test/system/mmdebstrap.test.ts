import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {asMaker, emptyData, filesOf, xbuildIn} from './data.js'
import {DATA, PROFILE, plainVariables, scratch} from './rig.js'

/** Each of these releases of Debian has a mmdebstrap of its own; here is one of them, or neither. */
const RELEASES = ['bookworm', 'trixie']
const own = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
const other = RELEASES.find(release => release !== own) ?? ''
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Where this machine's own packages come from. */
async function ownMirror(): Promise<string | undefined> {
  const {stdout} = await execa('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages'])
  return stdout
    .replace(/(\/partial d 700) \d+:/g, '$1 ')
    .split('\n')
    .find(line => line.endsWith(` ${own}`))
    ?.split(' ')[0]
}

/** The other release's mmdebstrap, unpacked; the directory of its program. */
async function fetchOther(directory: string, mirror: string): Promise<string> {
  for (const name of ['lists/partial', 'cache/archives/partial', 'none']) mkdirSync(join(directory, name), {recursive: true})
  writeFileSync(join(directory, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${other} main\n`)
  const settings = {
    'Dir::Etc::sourcelist': 'sources.list',
    'Dir::Etc::sourceparts': 'none',
    'Dir::State::lists': 'lists',
    'Dir::Cache': 'cache',
    'Dir::State::status': 'status',
  }
  writeFileSync(join(directory, 'status'), '')
  const options = Object.entries(settings).map(([name, path]) => `-o${name}=${join(directory, path)}`)
  await execa('apt-get', ['-qq', ...options, 'update'])
  await execa('apt-get', ['-qq', ...options, 'download', 'mmdebstrap'], {cwd: directory})
  await execa('sh', ['-c', 'dpkg-deb --extract mmdebstrap_*.deb unpacked'], {cwd: directory})
  return join(directory, 'unpacked/usr/bin')
}

/** All that is in a root, but what tells in what order apt was asked for packages, and the owner of what apt downloads to. */
async function listing(tree: string): Promise<string[]> {
  const script = `cd "$1" && find . -printf '%p %y %m %U:%G %l\\n' && find . -type f -exec sha256sum {} +`
  const {stdout} = await asMaker(['sh', '-c', script, 'sh', tree])
  return stdout
    .replace(/(\/partial d 700) \d+:/g, '$1 ')
    .split('\n')
    .filter(line => !/var\/lib\/(apt\/extended_states|dpkg\/status-old)$/.test(line))
    .sort()
}

const mirror = RELEASES.includes(own) ? await ownMirror() : undefined

t.test(
  'a root is the same, whichever mmdebstrap makes it',
  {skip: mirror ? false : 'no mirror of Debian 12 or 13 is known here'},
  async t => {
    const program = await fetchOther(scratch(t), mirror ?? '')
    const PATH = `${program}:${plainVariables().PATH}`
    const version = async (path: string | undefined) => (await execa('mmdebstrap', ['--version'], {env: {PATH: path ?? ''}})).stdout
    t.not(await version(PATH), await version(plainVariables().PATH), 'it is another one')
    const data = emptyData(t)
    const made = await xbuildIn(data, ['create', PROFILE], {variables: {PATH}})
    t.equal(made.exitCode, 0, made.stderr)
    const root = (await filesOf(data)).find(name => name.startsWith('roots/')) ?? ''
    t.same(await listing(join(data, root, 'tree')), await listing(join(DATA, root, 'tree')))
  },
)
