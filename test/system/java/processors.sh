# processors.sh OUT: compiles processors, and a class with each of them: one says what machine it is on, one calls C.
set -eu
out=$1
export LC_ALL=C.UTF-8
classes=$out/classes
mkdir -p "$classes" "$out/made"
javac -d "$classes" Machine.java Native.java
kit=$(dirname "$(dirname "$(readlink -f /usr/bin/javac)")")
gcc -shared -fPIC -Wl,-z,noexecstack "-I$kit/include" "-I$kit/include/linux" -o "$classes/libnative.so" native.c
javac -processorpath "$classes" -processor Machine -d "$out/made" library/sample/Shape.java >"$out/machine"
javac "-J-Dnative=$classes/libnative.so" -processorpath "$classes" -processor Native -d "$out/made" library/sample/Shape.java >"$out/native" 2>&1
