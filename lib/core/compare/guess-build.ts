/** How a source tree is built, and what tells so. */
export interface BuildGuess {
  command: string
  because: string
}

/**
 * The first that is there counts: a Debian source package also has what its upstream brings. dpkg-buildpackage leaves
 * packages in the directory above, which is not looked at: they are moved.
 */
const WAYS: readonly [file: string, command: string][] = [
  ['debian/rules', 'dpkg-buildpackage -b -uc -us && mv ../*.deb .'],
  ['configure', './configure && make'],
  ['CMakeLists.txt', 'cmake -S . -B build && cmake --build build'],
  ['meson.build', 'meson setup build && meson compile -C build'],
  ['autogen.sh', './autogen.sh && ./configure && make'],
  ['configure.ac', 'autoreconf -fi && ./configure && make'],
  // In the order in which GNU make looks.
  ['GNUmakefile', 'make'],
  ['makefile', 'make'],
  ['Makefile', 'make'],
]

/** The files whose presence decides. */
export const TELLING_FILES = WAYS.map(([file]) => file)

export function guessBuild(there: readonly string[]): BuildGuess | undefined {
  const way = WAYS.find(([file]) => there.includes(file))
  return way && {command: way[1], because: `there is a ${way[0]}`}
}
