import fc from 'fast-check'
import type {ActivatorEntry} from '../../../lib/core/binfmt/entry.js'

export const BITCODE: ActivatorEntry = {
  name: 'llvm_bc',
  interpreter: '/usr/bin/lli --fake-argv0=#a',
  magic: '4243c0de',
  offset: 0,
  state: 'enabled',
  opened: 'for-each',
}

const characters = (pattern: RegExp) => Array.from({length: 95}, (_, i) => String.fromCharCode(32 + i)).filter(one => pattern.test(one))

const text = (pattern: RegExp, lengths: {minLength: number; maxLength: number}) =>
  fc.array(fc.constantFrom(...characters(pattern)), lengths).map(parts => parts.join(''))

const path = text(/[^ #]/, {minLength: 1, maxLength: 60}).map(rest => `/${rest}`)

/** A word of an interpreter: any character but a blank, a hash only as `#a` or `##`. */
const argument = fc
  .array(fc.oneof(text(/[^ #]/, {minLength: 1, maxLength: 9}), fc.constantFrom('#a', '##')), {minLength: 1, maxLength: 5})
  .map(parts => parts.join(''))

/** Any entry that Linux and FreeBSD take. */
export const anyEntry: fc.Arbitrary<ActivatorEntry> = fc
  .record({
    name: text(/[^ /]/, {minLength: 1, maxLength: 31}),
    words: fc.tuple(path, fc.array(argument, {maxLength: 5})),
    magic: fc.uint8Array({minLength: 1, maxLength: 100}),
    mask: fc.option(fc.uint8Array({minLength: 100, maxLength: 100}), {nil: undefined}),
    offset: fc.nat(28),
    state: fc.constantFrom('enabled' as const, 'disabled' as const),
    opened: fc.constantFrom('for-each' as const, 'at-once' as const),
  })
  .filter(({name}) => !['.', '..', 'register', 'status'].includes(name))
  .map(({words: [program, args], magic, mask, ...rest}) => ({
    ...rest,
    interpreter: [program, ...args].join(' '),
    magic: Buffer.from(magic).toString('hex'),
    ...(mask === undefined ? {} : {mask: Buffer.from(mask.subarray(0, magic.length)).toString('hex')}),
  }))

/** Those that Linux's binfmt_misc can do by itself. */
export const plainEntry = anyEntry.map(entry => ({
  ...entry,
  interpreter: entry.interpreter.split(' ')[0] ?? '',
  state: 'enabled' as const,
}))
