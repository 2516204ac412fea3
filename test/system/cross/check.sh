#!/bin/sh
# Builds and runs C and C++ in a session, as a build system would: nothing here says that anything is foreign.
# check.sh OPTION...: those of a static program
set -e
uname -m
gcc -O2 -Wall -o threads threads.c -pthread
g++ -O2 -fPIC -shared -o libfail.so library.cc
g++ -O2 -o exceptions exceptions.cc -L. -lfail -Wl,-rpath,"$PWD" -pthread
./threads
./exceptions
gcc -O2 "$@" -o threads-static threads.c -pthread
./threads-static
