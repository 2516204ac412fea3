# Builds into the directory $1 what must be the same however the compiler ran; prints what the programs print.
set -e
out=$1
mkdir "$out"
gcc -O2 -g -c plain.c -o "$out/plain.o"
gcc -O3 -Wall -fstack-protector-strong -D_FORTIFY_SOURCE=2 plain.c -o "$out/plain" -lm
g++ -O2 -g -c exceptions.cc -o "$out/exceptions.o"
g++ -O2 exceptions.cc -o "$out/exceptions"
# -flto puts a random seed into section names, in either mode.
gcc -O2 -flto -frandom-seed=1 plain.c -o "$out/lto" -lm
gcc -O2 -flto -frandom-seed=1 -c plain.c -o "$out/lto.o"
ar cr "$out/ar.a" "$out/lto.o"
ranlib "$out/ar.a"
gcc-ar crD "$out/gcc-ar.a" "$out/lto.o"
nm "$out/ar.a" >"$out/nm"
printf -- '-O1 -c plain.c -o %s/response.o\n' "$out" >"$out.response"
gcc "@$out.response"
"$out/plain"
"$out/exceptions"
"$out/lto"
# A skewed twin's revision string, and the build id that follows from it.
for file in "$out"/*.o "$out/plain" "$out/exceptions" "$out/lto"; do
	objcopy --enable-deterministic-archives --remove-section=.comment --remove-section=.note.gnu.build-id "$file"
done
rm "$out/ar.a" "$out/gcc-ar.a"
ar crD "$out/objects.a" "$out"/*.o
# What the compiler says of itself: the order in which directories are searched, libraries, programs.
for language in c c++; do
	gcc -v -x "$language" -E /dev/null -o /dev/null 2>"$out/searched-$language"
done
gcc -print-search-dirs >"$out/search-dirs"
gcc -dumpmachine >"$out/machine"
g++ -print-file-name=libstdc++.so >"$out/libstdc++"
ld --verbose >"$out/ld"
