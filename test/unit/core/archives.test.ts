import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {parseAr} from '../../../lib/core/debian/ar.js'
import {parseTar} from '../../../lib/core/debian/tar.js'

const LONG = `${'long-name-'.repeat(15)}.o`

function directory(t: Test): string {
  const work = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(work, {recursive: true}))
  return work
}

t.test("GNU ar's archives are read, thin ones too", async t => {
  const work = directory(t)
  writeFileSync(join(work, 'a.c'), 'int one, two;\n')
  execFileSync('cc', ['-c', 'a.c', '-o', LONG], {cwd: work})
  writeFileSync(join(work, 'odd'), 'odd')
  for (const thin of [false, true]) {
    const name = thin ? 'thin.a' : 'whole.a'
    execFileSync('ar', [thin ? 'crsDT' : 'crsD', name, 'odd', LONG], {cwd: work})
    const archive = parseAr(readFileSync(join(work, name)))
    t.equal(archive?.kind, thin ? 'thin' : 'whole')
    t.same(
      archive?.members.map(member => [member.name, member.size]),
      [
        ['odd', 3],
        [LONG, readFileSync(join(work, LONG)).length],
      ],
    )
    t.equal(archive?.members[0]?.content?.toString(), thin ? undefined : 'odd')
    t.match(archive?.members[0]?.attributes, /^time 0, owner 0:0, mode 644$/)
    t.equal(archive?.symbols, 'one in member 1\ntwo in member 1')
  }
})

t.test('a damaged archive is none', async t => {
  t.equal(parseAr(Buffer.from('!<arch>\nshort')), undefined)
  t.equal(parseAr(Buffer.from(`!<arch>\n${'odd/'.padEnd(48)}${'9'.padEnd(10)}\`\nodd`)), undefined)
  t.equal(parseAr(Buffer.from('no archive')), undefined)
})

for (const format of ['ustar', 'gnu', 'pax']) {
  t.test(`tar's archives are read, ${format}`, async t => {
    const work = directory(t)
    mkdirSync(join(work, 'd'))
    const long = `d/${'x'.repeat(format === 'ustar' ? 90 : 120)}`
    writeFileSync(join(work, long), 'content', {mode: 0o640})
    symlinkSync('target', join(work, 'd/link'))
    const args = ['--sort=name', '--mtime=@7', '--owner=ada:1000', '--group=ada:1000', `--format=${format}`, '-cf', 'a.tar', 'd']
    execFileSync('tar', args, {cwd: work})
    const entries = parseTar(readFileSync(join(work, 'a.tar')))
    t.same(
      entries?.map(entry => entry.name),
      ['d/', 'd/link', long],
    )
    t.equal(entries?.[2]?.content.toString(), 'content')
    t.match(entries?.[2]?.attributes, /^type 0, mode 0*640, owner 1000:1000 \(ada:ada\), time 7, /)
    t.match(entries?.[1]?.attributes, /^type 2, .*, link "target"/)
  })
}

t.test('a tar archive that is cut off is none', async t => {
  const work = directory(t)
  writeFileSync(join(work, 'f'), 'x'.repeat(2000))
  const bytes = execFileSync('tar', ['-c', 'f'], {cwd: work})
  t.equal(parseTar(bytes)?.length, 1)
  t.equal(parseTar(bytes.subarray(0, 1024)), undefined)
  t.equal(parseTar(Buffer.alloc(1024)), undefined)
})
