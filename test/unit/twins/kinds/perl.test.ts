import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import type {TargetFacts} from '../../../../lib/core/twins/route.js'
import {fillPerlPrelude} from '../../../../lib/twins/kinds/perl.js'
import {TARGET} from '../target.js'

const AUTO = `/usr/lib/${TARGET.triple}/perl5/5.36/auto`
const PRELUDE = readFileSync(fileURLToPath(new URL('../../../../shims/perl/prelude.pl', import.meta.url)), 'utf8')

const NOTHING = {modules: [], untwinned: [], directories: [], missing: []}

t.test('the prelude that is filled in is Perl, and knows what was filled in', async t => {
  const file = join(t.testdir(), 'prelude.pl')
  const odd = `${AUTO}/it's \\odd/\${x}.so`
  const text = fillPerlPrelude(PRELUDE, TARGET, {modules: [odd], untwinned: [], directories: [[AUTO, -1]], missing: []}, 'there')
  // Ends before it does anything, and prints what it knows.
  writeFileSync(
    file,
    text.replace(
      /^my \$lib .*/m,
      'print join("|", (sort keys %{$known{modules}}), @{$known{directories}[0]}, @known{qw(target machine data errors)}); exit;',
    ),
  )
  t.equal(
    execFileSync('perl', ['-e', 'require shift', file], {encoding: 'utf8'}),
    [odd, AUTO, -1, TARGET.triple, 'mips64', 'same', 'other'].join('|'),
  )
})

t.test('numbers look as on the host only with 64 bits and the low byte first', async t => {
  const dataOf = (target: TargetFacts) => /data => '(\w+)'/.exec(fillPerlPrelude(PRELUDE, target, NOTHING, 'there'))?.[1]
  t.equal(dataOf(TARGET), 'same')
  t.equal(dataOf({...TARGET, bits: 32}), 'other')
  t.equal(dataOf({...TARGET, endian: 'big'}), 'other')
})

t.test('a plain char is as on the host only where it has a sign', async t => {
  const charOf = (target: TargetFacts) => /char => '(\w+)'/.exec(fillPerlPrelude(PRELUDE, target, NOTHING, 'there'))?.[1]
  t.equal(charOf(TARGET), 'same')
  t.equal(charOf({...TARGET, char: 'unsigned'}), 'other')
})

t.test('a prelude without the place for it is refused', async t => {
  t.throws(() => fillPerlPrelude('1;', TARGET, NOTHING, 'there'), /has no line/)
})
