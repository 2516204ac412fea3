import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import t from 'tap'
import {DATA, PROFILE, xbuild} from './rig.js'

/** Where the lists of suites' files are kept. */
const LISTS = join(DATA, 'contents')

/** A command of the environment, without a shell in between. */
const direct = (command: readonly string[]) => xbuild(['run', PROFILE, '--ephemeral', '--', ...command])

t.test('127: there is no such command', async t => {
  rmSync(LISTS, {recursive: true, force: true})
  const hints = {
    'no-such-command': 'install the package that has it: https://packages.debian.org/search?searchon=contents&',
    '/usr/bin/no-such': 'keywords=no-such',
    '/no/such/command': `is it there, and the interpreter that it names? xbuild-env run ${PROFILE} -- ls -l /no/such/command`,
    '/etc/passwd/command': 'is it there',
  }
  for (const [command, hint] of Object.entries(hints)) {
    const {exitCode, stderr} = await direct([command])
    t.equal(exitCode, 127, command)
    t.ok(stderr.startsWith(`xbuild-env: ${command}: not found in the environment "${PROFILE}"\n`) && stderr.includes(hint), stderr)
  }
})

t.test('127 where the lists of the suite’s files are kept: the package that has it is named', async t => {
  mkdirSync(LISTS, {recursive: true})
  t.teardown(() => rmSync(LISTS, {recursive: true}))
  writeFileSync(join(LISTS, 'bookworm-all.gz'), gzipSync(''))
  writeFileSync(
    join(LISTS, 'bookworm-mips64el.gz'),
    gzipSync('usr/bin/of-two  utils/longer-name,utils/short\nusr/games/elsewhere  games/other\n'),
  )
  t.match((await direct(['of-two'])).stderr, `  install it: xbuild-env install ${PROFILE} short (or longer-name)\n`)
  t.match((await direct(['elsewhere'])).stderr, `  no package of bookworm has a program of that name\n`)
})
