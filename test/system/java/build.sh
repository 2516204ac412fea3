# build.sh SOURCES OUT: compiles, packs and documents the packages below a directory, and leaves what the tools wrote and said in another.
set -eu
sources=$1 out=$2
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1700000000
date=2023-11-14T22:13:20Z
mkdir -p "$out"
find "$sources" -name '*.java' | sort >"$out/list"
javac -encoding UTF-8 -g -Xlint:all -h "$out/headers" -d "$out/classes" @"$out/list" >"$out/said" 2>&1
javac -encoding UTF-8 --release 17 -nowarn -d "$out/older" @"$out/list" 2>&1 | sort >>"$out/said"
jar --create --date="$date" --file "$out/library.jar" -C "$out/classes" .
jar --list --verbose --file "$out/library.jar" >"$out/listing"
jar uf "$out/library.jar" -C "$sources" . # with the time of now
jar tf "$out/library.jar" >>"$out/listing"
rm "$out/library.jar"
find "$out/classes" -name '*.class' | sort | xargs javap -v -p | grep -v '^ *Last modified' >"$out/disassembled"
javadoc -quiet -notimestamp -encoding UTF-8 -Xdoclint:none -d "$out/doc" @"$out/list" >>"$out/said" 2>&1
jdeps "$out/classes" >"$out/jdeps"
jdeprscan --class-path "$out/classes" "$out/classes" >"$out/jdeprscan" 2>&1
keytool -list -cacerts -storepass changeit >"$out/cacerts"
keytool -help >"$out/help" 2>&1
