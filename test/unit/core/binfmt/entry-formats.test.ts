import fc from 'fast-check'
import t from 'tap'
import type {ActivatorEntry} from '../../../../lib/core/binfmt/entry.js'
import {describeEntry, entryOf, parseBinmiscctl, printBinmiscctl} from '../../../../lib/core/binfmt/entry-binmiscctl.js'
import {parseBytes, printBytes} from '../../../../lib/core/binfmt/entry-bytes.js'
import {formatOf, parseEntries, passedOverIn, printEntry} from '../../../../lib/core/binfmt/entry-formats.js'
import {FORMATS} from '../../../../lib/core/binfmt/entry-words.js'
import {refusal} from '../../refusal.js'
import {anyEntry, BITCODE, plainEntry} from '../entries.js'

const add = (entry: ActivatorEntry) => ({act: 'add' as const, entry})
const badEntry = (message: RegExp) => refusal('bad-entry', {message})

t.test('bytes that are printed are the same when parsed', async t => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      bytes => parseBytes(printBytes(Buffer.from(bytes).toString('hex')), 'x') === Buffer.from(bytes).toString('hex'),
    ),
  )
  t.equal(printBytes('4243c0de5c'), 'BC\\xc0\\xde\\x5c')
})

t.test('bytes are characters, backslashes in pairs, and two hexadecimal digits behind \\x', async t => {
  t.equal(parseBytes('BC\\xc0\\xDE', 'x'), '4243c0de')
  t.equal(parseBytes('\\\\x41', 'x'), '5c783431')
  t.equal(parseBytes('é:', 'x'), 'c3a93a')
  for (const wrong of ['\\n', '\\', '\\x4', '\\xg0', '\\0', 'a\\']) t.throws(() => parseBytes(wrong, 'x'), badEntry(/is not a byte/), wrong)
  t.throws(() => parseBytes('\ufffd', 'x'), badEntry(/not UTF-8/))
})

for (const format of FORMATS) {
  const entries = format === 'binmiscctl' ? anyEntry : plainEntry
  t.test(`an entry that is printed for ${format} is the same when parsed`, async t => {
    fc.assert(
      fc.property(entries, entry => {
        const text = printEntry(entry, format)
        t.equal(formatOf(text), format)
        t.same(parseEntries(`${text}\n`, entry.name), [add(entry)])
      }),
    )
  })
}

t.test('changes that are printed for binmiscctl are the same when parsed', async t => {
  const change = fc.record({
    act: fc.constantFrom('enable' as const, 'disable' as const, 'remove' as const),
    name: anyEntry.map(({name}) => name),
  })
  fc.assert(
    fc.property(fc.array(change, {minLength: 1}), changes => {
      t.same(parseBinmiscctl(changes.map(printBinmiscctl).join('\n')), changes)
    }),
  )
})

t.test('no text makes a parser fail in a way of its own', async t => {
  const piece = fc.constantFrom(
    ':',
    'M',
    '\\x',
    '7f',
    '"',
    "'",
    '\\',
    '#',
    ' ',
    '\n',
    'binmiscctl add ',
    '--magic',
    '--size=',
    'magic ',
    'x',
    '1',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map(parts => parts.join('')),
      ),
      text => {
        try {
          parseEntries(text, 'x')
        } catch (error) {
          t.match(error, {name: 'XbuildError', reason: 'bad-entry'}, text)
        }
      },
    ),
    {numRuns: 2000},
  )
})

t.test("the manual's commands are read, over several lines and in double quotes", async t => {
  const text = `# LLVM bitcode
sudo binmiscctl add llvmbc --interpreter ''/usr/bin/lli" --fake-arg0=#a" \\
  --magic "BC\\xc0\\xde" --size 4 --set-enabled
/usr/sbin/binmiscctl add mips64elf -i /usr/local/bin/qemu-mips64 -o 0 --size=20 \\
  -m "\\x7f\\x45\\x4c\\x46\\x02\\x02\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x08" \\
  -M "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff" --pre-open
binmiscctl disable llvmbc; binmiscctl remove mips64elf`
  t.same(parseEntries(text, 'x'), [
    add({...BITCODE, name: 'llvmbc', interpreter: '/usr/bin/lli --fake-arg0=#a'}),
    add({
      name: 'mips64elf',
      interpreter: '/usr/local/bin/qemu-mips64',
      magic: '7f454c4602020100000000000000000000020008',
      mask: 'ffffffffffffff00fffffffffffffffffffeffff',
      offset: 0,
      state: 'disabled',
      opened: 'at-once',
    }),
    {act: 'disable', name: 'llvmbc'},
    {act: 'remove', name: 'mips64elf'},
  ])
})

t.test("the talk's older spelling says the same", async t => {
  const text = `binmiscctl --add llvm_bc --interpreter "/usr/bin/lli --fake-argv0=" --concat-old-arg0 --magic 'BC\\xc0\\xde' --size 4 --set-enabled
binmiscctl --disable llvm_bc
binmiscctl --enable llvm_bc
binmiscctl --delete llvm_bc`
  const named = (act: 'disable' | 'enable' | 'remove') => ({act, name: 'llvm_bc'})
  t.same(parseBinmiscctl(text), [add(BITCODE), named('disable'), named('enable'), named('remove')])
})

t.test("binmiscctl's spelling: verbs in any case, long options cut short, short ones with their values, an end", async t => {
  const same = [
    "add x --int '/i a' --mag=ab --si 2 --mas '\\xff\\xff' --off 3 --set --pre",
    "ADD x -i'/i a' -mab -s2 -M'\\xff\\xff' -o3 -ep --",
    "Add x -pei '/i a' -m ab -s 2 -M '\\xff\\xff' -o 3",
  ]
  const entry = {name: 'x', interpreter: '/i a', magic: '6162', mask: 'ffff', offset: 3, state: 'enabled', opened: 'at-once'} as const
  for (const line of same) t.same(parseBinmiscctl(`binmiscctl ${line}`), [add(entry)], line)
  t.same(parseBinmiscctl('binmiscctl DISABLE x'), [{act: 'disable', name: 'x'}])
  const command = (rest: string) => () => parseBinmiscctl(`binmiscctl add x ${rest}`)
  t.throws(command('-i /i --ma ab -s 2'), badEntry(/"--ma" may be --magic or --mask/))
  t.throws(command('-i /i -m ab -s 2 -- more'), badEntry(/"more" is too much/))
  t.throws(command('-i /i -m ab -s 2 -ex'), badEntry(/"-x" is not an option/))
  t.same(parseBinmiscctl("binmiscctl add --set --int '/i' -m ab -s 2"), [
    add({name: '--set', interpreter: '/i', magic: '6162', offset: 0, state: 'disabled', opened: 'for-each'}),
  ])
})

t.test("what FreeBSD's scripts begin with is passed over, and told", async t => {
  const text = '#!/bin/sh\nkldload imgact_binmisc\nbinmiscctl enable x\n'
  t.same(parseEntries(text, 'x'), [{act: 'enable', name: 'x'}])
  t.same(passedOverIn(text), ['kldload imgact_binmisc'])
  t.same(parseEntries('sudo kldload -n imgact_binmisc.ko; binmiscctl enable x', 'x'), [{act: 'enable', name: 'x'}])
  t.throws(() => parseEntries('kldload other\nbinmiscctl enable x', 'x'), badEntry(/"kldload" is not binmiscctl/))
})

t.test('several blanks of an interpreter are shown as one', async t => {
  t.match(describeEntry({...BITCODE, interpreter: '/i   a \t b'}), '\ninterpreter: /i a b\n')
})

t.test('what binmiscctl would not take is refused, and named', async t => {
  const command = (rest: string) => () => parseBinmiscctl(`binmiscctl ${rest}`)
  t.throws(command('add x -i /i -m ab'), badEntry(/--size is missing/))
  t.throws(command('add x -i /i -s 2'), badEntry(/--magic is missing/))
  t.throws(command('add x -m ab -s 2'), badEntry(/--interpreter is missing/))
  t.throws(command('add x -i /i -m ab -s 3'), badEntry(/magic has 2 bytes, --size says 3/))
  t.throws(command('add x -i /i -m ab -M a -s 2'), badEntry(/mask has 1 bytes, --size says 2/))
  t.throws(command('add x -i /i -m ab -s two'), badEntry(/--size "two" is not a number/))
  t.throws(command('add x -i /i -m ab -s 2 -o -1'), badEntry(/--offset "-1"/))
  t.throws(command('add x -i /i -m ab -s'), badEntry(/-s has no value/))
  t.throws(command('add x --unknown'), badEntry(/"--unknown" is not an option/))
  t.throws(command('add'), badEntry(/name is missing/))
  t.throws(command('enable a b'), badEntry(/"b" is too much/))
  t.throws(command('frob x'), badEntry(/"frob" changes no entry/))
  t.throws(command('add x -i $HOME'), badEntry(/for a shell/))
  t.throws(() => parseBinmiscctl('rm -rf x'), badEntry(/"rm" is not binmiscctl/))
})

t.test('an entry is disabled unless it is said to be enabled', async t => {
  const options = {interpreter: '/i', magic: 'ab', size: '2'}
  t.match(entryOf('x', options), {state: 'disabled', opened: 'for-each', offset: 0})
  t.match(entryOf('x', {...options, setEnabled: true, preOpen: true, offset: '7'}), {state: 'enabled', opened: 'at-once', offset: 7})
})

t.test('lookup has the layout of binmiscctl', async t => {
  t.equal(
    describeEntry(BITCODE),
    `name: llvm_bc
interpreter: /usr/bin/lli --fake-argv0=#a
flags: ENABLED${' '}
magic size: 4
magic offset: 0
magic: 0x42 0x43 0xc0 0xde${' '}
`,
  )
  const long = {...BITCODE, magic: '00'.repeat(14), mask: 'ff'.repeat(14), state: 'disabled' as const, opened: 'at-once' as const}
  const line = (byte: string) => [4, 4, 4].map(count => `${byte} `.repeat(count)).join(' ')
  t.match(describeEntry(long), /flags: USE_MASK PRE_OPEN \n/)
  t.ok(describeEntry(long).endsWith(`magic: ${line('0x00')}\n       0x00 0x00 \nmask:  ${line('0xff')}\n       0xff 0xff \n`))
})

t.test("Debian's own files are read", async t => {
  const jar = 'package openjdk-17\ninterpreter /usr/bin/jexec\nmagic PK\\x03\\x04\n'
  t.match(parseEntries(jar, 'jar'), [{entry: {name: 'jar', interpreter: '/usr/bin/jexec', magic: '504b0304', state: 'enabled'}}])
  const line = ':llvm-14-runtime.binfmt:M::BC::/usr/bin/lli-14:\n'
  t.match(parseEntries(line, 'llvm.conf'), [
    {entry: {name: 'llvm-14-runtime.binfmt', interpreter: '/usr/bin/lli-14', magic: '4243', offset: 0}},
  ])
})

t.test('what no entry can say is refused, not left out', async t => {
  const line = (text: string) => () => parseEntries(text, 'x')
  t.throws(line(':x:E::jar::/i:'), badEntry(/name of a file/))
  t.throws(line(':x:M::PK::/i:POC'), badEntry(/flag P/))
  t.throws(line(':x:M::PK::/i:Q'), badEntry(/"Q" are not flags/))
  t.throws(line(':x:M::PK::/i'), badEntry(/seven fields/))
  t.throws(line(':x:M::PK::/i j:'), badEntry(/blank/))
  t.throws(line(`:x:M:120:${'P'.repeat(9)}::/i:`), badEntry(/ends at byte 129/))
  t.throws(line('package p\ninterpreter /i\nextension jar'), badEntry(/name of a file/))
  t.throws(line('package p\ninterpreter /i\nmagic PK\ndetector /d'), badEntry(/program decides/))
  t.throws(line('package p\ninterpreter /i\nmagic PK\npreserve yes'), badEntry(/argv\[0\]/))
  t.throws(line('package p\nwhat ever'), badEntry(/"what" is not a keyword/))
})

t.test('what another format cannot say is refused there', async t => {
  t.throws(() => printEntry(BITCODE, 'binfmt.d'), badEntry(/no arguments/))
  t.throws(() => printEntry(BITCODE, 'binfmts'), badEntry(/no arguments/))
  const disabled = {...BITCODE, interpreter: '/usr/bin/lli', state: 'disabled' as const}
  t.throws(() => printEntry(disabled, 'binfmts'), badEntry(/disabled/))
  t.same(parseEntries(printEntry(disabled, 'binfmt.d'), 'x'), [], 'a comment')
})
