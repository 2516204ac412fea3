import {parseAr, writeAr} from '../debian/ar.js'
import type {Content} from './content.js'

/** Whether the parts of two packages (.deb) are compressed in the same way; versions of dpkg-deb differ in that (man 1 dpkg-deb, -Z). */
export function arePackedAlike(one: Buffer, other: Buffer): boolean {
  const [names, otherNames] = [one, other].map(bytes =>
    parseAr(bytes)
      ?.members.map(({name}) => name)
      .join('\n'),
  )
  return names === otherNames
}

/** A package without a compression: `control.tar.xz` is what in it is one file, `control.tar`. What is no package stays as it is. */
export function uncompressed(deb: Content): Buffer {
  if (deb.kind === 'plain' || deb.format !== 'ar') return deb.bytes
  return writeAr(
    deb.members.map(({name, content}) => {
      const inner = content?.kind === 'packed' && /\.tar\.\w+$/.test(name) ? content.members[0]?.content : undefined
      return inner ? {name: name.replace(/\.\w+$/, ''), content: inner.bytes} : {name, content: content?.bytes ?? Buffer.alloc(0)}
    }),
  )
}
