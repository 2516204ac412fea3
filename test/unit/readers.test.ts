import fc from 'fast-check'
import t from 'tap'
import {XbuildError} from '../../lib/core/errors.js'
import {parseRecord, twinKeys} from '../../lib/environment/record.js'
import {EMULATED} from './environment/records.js'
import {readersOf} from './foreign-readers.js'

/** `npm run fuzz` has many more. */
const RUNS = Number(process.env.XBUILD_FUZZ_RUNS ?? 200)

/** Milliseconds that no reader takes for so few bytes. */
const SOON = 5000

/** Any bytes, and a sample in which some were changed, put in, or left out. */
function bytesLike(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({at: fc.nat(2 ** 16), bytes: fc.uint8Array({maxLength: 8}), drop: fc.nat(8)})
  const changed = fc.tuple(fc.constantFrom(...samples), fc.array(change, {minLength: 1, maxLength: 4})).map(([sample, changes]) =>
    changes.reduce((bytes, {at, bytes: more, drop}) => {
      const from = at % (bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from + drop)])
    }, sample),
  )
  const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(2 ** 16)).map(([sample, at]) => sample.subarray(0, at % (sample.length + 1)))
  return fc.oneof(
    fc.uint8Array({maxLength: 300}).map(bytes => Buffer.from(bytes)),
    {arbitrary: changed, weight: 4},
    cut,
  )
}

/** Something comes of it, or an error that says what is wrong, and soon. */
async function isRead(read: (bytes: Buffer) => unknown, bytes: Buffer): Promise<void> {
  const begin = process.cpuUsage()
  try {
    await read(bytes)
  } catch (error) {
    if (!(error instanceof XbuildError)) throw error
  }
  if (process.cpuUsage(begin).user / 1000 > SOON) throw new Error('it takes too long')
}

t.test('whatever bytes there are, a reader of them returns or says what is wrong, and ends', async t => {
  for (const [name, {samples, read}] of Object.entries(readersOf(t))) {
    await t.test(name, async t => {
      for (const sample of samples) await t.resolves(isRead(read, sample))
      await fc.assert(
        fc.asyncProperty(bytesLike(samples), bytes => isRead(read, bytes)),
        {numRuns: RUNS},
      )
    })
  }
})

/** What readers of text pass over, or take as one: a pattern that tries each of them twice takes hours for a megabyte. */
const RUN_OF = [' ', '\t', '\n', '\r', '\u2028', 'a', 'A', '1', '.', '-', '#', ':', '(', '"', 'a ', ' .', 'a\n', ' \n', 'x: ', '1.']
const RUN_LENGTH = 100_000
/** Milliseconds of processor time, which what else the machine does takes nothing of: a hundred times what one takes that reads each byte once. */
const AT_ONCE = 2000

/** A sample with a run of the same at the border of a word, what follows it left out or not. */
const withRun = (sample: string): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...sample.matchAll(/\b|$|(?<= )/g)), fc.constantFrom(...RUN_OF), fc.constantFrom('', sample))
    .map(([{index}, unit, rest]) =>
      Buffer.from(sample.slice(0, index) + unit.repeat(RUN_LENGTH / unit.length) + rest.slice(index === sample.length ? 0 : index)),
    )

/** Slow, but each byte of the megabyte that they may have takes as long as the one before. */
const YAML_READERS = ['a configuration', 'YAML']

t.test('a run of the same, however long, is read once', async t => {
  for (const [name, {samples, read}] of Object.entries(readersOf(t))) {
    if (YAML_READERS.includes(name)) continue
    const texts = samples.map(sample => sample.toString()).filter(text => !text.includes('\ufffd'))
    if (texts.length === 0) continue
    await t.test(name, async t => {
      const property = fc.asyncProperty(fc.oneof(...texts.map(withRun)), async bytes => {
        const begin = process.cpuUsage()
        await isRead(read, bytes)
        const {user, system} = process.cpuUsage(begin)
        const took = (user + system) / 1000
        if (took > AT_ONCE) throw new Error(`it takes ${Math.round(took)} ms`)
      })
      await fc.assert(property, {numRuns: Math.ceil(RUNS / 4), endOnFailure: true})
      t.pass()
    })
  }
})

/** What JSON can hold, in the place of what is expected. */
t.test('whatever a record or a route is, only what it has to be is taken', async t => {
  const value = fc.jsonValue()
  const property = fc.property(fc.constantFrom(...Object.keys(EMULATED)), value, (name, other) => {
    const read = (() => {
      try {
        return parseRecord(JSON.stringify({...EMULATED, [name]: other}), 'mine')
      } catch (error) {
        if (error instanceof XbuildError) return undefined
        throw error
      }
    })()
    const strings = read === undefined ? [] : [read.profile, read.suite, read.root, ...twinKeys(read), ...read.layers]
    return strings.every(one => /^[a-z0-9][a-z0-9-]*$/.test(one))
  })
  fc.assert(property, {numRuns: RUNS * 5})
  t.pass()
})
