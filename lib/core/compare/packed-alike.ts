import {writeAr} from '../debian/ar.js'
import type {Content, Member} from './content.js'

/**
 * Two packages (.deb) whose parts are compressed otherwise, as other versions of dpkg-deb do (man 1 dpkg-deb, -Z): both without a
 * compression, as the bytes of packages. Undefined where they are packed alike, or are no packages.
 */
export function packedAlike(one: Content, other: Content): readonly [Buffer, Buffer] | undefined {
  if (one.kind === 'plain' || other.kind === 'plain' || one.format !== 'ar' || other.format !== 'ar') return undefined
  const [names, otherNames] = [one, other].map(({members}) => members.map(({name}) => name).join('\n'))
  return names === otherNames ? undefined : [unpacked(one.members), unpacked(other.members)]
}

/** `control.tar.xz` is what in it is one file: `control.tar`. */
function unpacked(members: readonly Member[]): Buffer {
  return writeAr(
    members.map(({name, content}) => {
      const inner = content?.kind === 'packed' && /\.tar\.\w+$/.test(name) ? content.members[0]?.content : undefined
      return inner ? {name: name.replace(/\.\w+$/, ''), content: inner.bytes} : {name, content: content?.bytes ?? Buffer.alloc(0)}
    }),
  )
}
