import {existsSync, readdirSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {asMaker, copiedData, ERROR, emptyData, xbuildIn} from './data.js'
import {PROFILE, scratch} from './rig.js'

/** All that is in the trees of a data directory, with modes, owners, sizes, times and links. */
async function listing(data: string): Promise<string[]> {
  const format = '%P %y %m %U:%G %s %T@ %l\\n'
  const {stdout} = await asMaker([
    'find',
    join(data, 'roots'),
    join(data, 'twins'),
    join(data, 'layers'),
    '-type',
    'f,l,c',
    '-printf',
    format,
  ])
  return stdout
    .split('\n')
    .filter(line => !line.includes('.lock '))
    .sort()
}

t.test('an environment goes into one file and comes out the same', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
  t.match(
    await xbuildIn(data, ['run', PROFILE, '--', 'sh', '-c', 'echo own >/etc/own; rm /etc/issue; rm -rf /etc/skel; mkdir /etc/skel'], {
      cwd: '/',
    }),
    {exitCode: 0},
  )
  t.match(await xbuildIn(data, ['clone', PROFILE, 'frozen']), {exitCode: 0}) // which turns the changes into a layer
  t.match(await xbuildIn(data, ['remove', PROFILE, '--unused']), {exitCode: 0})
  const file = join(scratch(t), 'environment')
  t.match(await xbuildIn(data, ['export', 'frozen', file]), {exitCode: 0})
  const other = emptyData(t)
  t.match(await xbuildIn(other, ['import', file, '--name', 'copy']), {exitCode: 0})
  t.same(await listing(other), await listing(data))
  const script =
    'cat /etc/own; ls -A /etc/issue /etc/skel; echo "int main(void){return 0;}" >/tmp/a.c; gcc -o /tmp/a /tmp/a.c && /tmp/a && echo ran'
  const ran = await xbuildIn(other, ['run', 'copy', '--', 'sh', '-c', script], {cwd: '/'})
  t.match(ran, {exitCode: 0, stdout: 'own\n/etc/skel:\nran\n'})
  t.match(await xbuildIn(other, ['import', file, '--name', 'copy']), {exitCode: 125, stderr: ERROR})

  const empty = emptyData(t)
  const {stdout} = await execa('stat', ['-c', '%s', file])
  const damage = await execa('dd', ['if=/dev/zero', `of=${file}`, 'bs=1', 'count=16', 'seek=100000', 'conv=notrunc'])
  t.equal(damage.exitCode, 0)
  t.match(await xbuildIn(empty, ['import', file]), {exitCode: 125, stderr: /damaged: its checksum is another/})
  truncateSync(file, Number(stdout) - 1)
  t.match(await xbuildIn(empty, ['import', file]), {exitCode: 125, stderr: /damaged: \d+ of \d+ bytes are there/})
  t.notOk(existsSync(join(empty, 'roots')), 'nothing is unpacked of a damaged file')
})

t.test('what cannot be written or read says so, and leaves nothing', async t => {
  const directory = scratch(t)
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
  t.match(await xbuildIn(data, ['export', PROFILE, join(directory, 'none/file')]), {exitCode: 125, stderr: ERROR})
  t.match(await xbuildIn(data, ['export', 'nobody', join(directory, 'file')]), {exitCode: 125, stderr: ERROR})
  t.same(readdirSync(directory), [])
  writeFileSync(join(directory, 'text'), 'text')
  t.match(await xbuildIn(data, ['import', join(directory, 'text')]), {exitCode: 125, stderr: ERROR})
  t.match(await xbuildIn(data, ['import', join(directory, 'none')]), {exitCode: 125, stderr: ERROR})
})
