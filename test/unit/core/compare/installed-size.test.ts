import t from 'tap'
import type {Content, Member, PackedFormat} from '../../../../lib/core/compare/content.js'
import {different} from '../../../../lib/core/compare/difference.js'
import {explainInstalledSize} from '../../../../lib/core/compare/installed-size.js'

const packed = (format: PackedFormat, members: readonly Member[]): Content => ({
  kind: 'packed',
  format,
  bytes: Buffer.alloc(0),
  attributes: '',
  members,
})
const member = (name: string, content: Content | undefined, size = 0): Member => ({name, attributes: '', content, size})

/** A package with files of such sizes. */
const deb = (...sizes: readonly number[]): Content => {
  const files = sizes.map((size, i) => member(`./usr/bin/${i}`, undefined, size))
  const data = packed('tar', [member('./usr/', undefined), ...files])
  return packed('ar', [member('debian-binary', undefined, 4), member('data.tar.xz', packed('xz', [member('', data)]))])
}

const field = (hybrid: string, emulated: string) => ({...different('control.tar.xz: xz: ./control: line 7', ''), lines: {hybrid, emulated}})
const causes = (found: ReturnType<typeof field>, one: Content, other: Content) =>
  explainInstalledSize([found], one, other).map(({cause}) => cause)

t.test('a package whose files take some KiB more says so: it follows from them', async t => {
  const found = field('Installed-Size: 55', 'Installed-Size: 54')
  t.same(causes(found, deb(1025, 10), deb(1024, 10)), ['checksum'])
  t.same(causes(found, deb(1025, 5000), deb(1024, 6000)), ['none'], 'by another number than the files differ by')
  t.same(causes(found, deb(1030), deb(1025)), ['none'], 'of as many whole KiB')
})

t.test('nothing else of a package does, nor what is said by what is no package', async t => {
  const [one, other] = [deb(1025), deb(1024)]
  t.same(causes(field('Version: 55', 'Version: 54'), one, other), ['none'])
  t.same(causes(field('Installed-Size: 55 ', 'Installed-Size: 54'), one, other), ['none'])
  const found = field('Installed-Size: 55', 'Installed-Size: 54')
  t.same(causes(found, packed('tar', []), packed('tar', [])), ['none'])
  t.same(causes(found, packed('ar', []), packed('ar', [])), ['none'])
})
