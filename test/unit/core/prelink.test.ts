import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {PRELINK_BASE, prelink} from '../../../lib/core/prelink.js'

/** Pointers in data, thread-local data, constructors, and functions that the C library chooses when it starts. */
const PROGRAM = `#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int one = 1, two = 2, *numbers[] = {&one, &two};
static const char *words[] = {"a", "b", "c"};
static __thread int own = 7;
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 5; }
static void *run(void *argument) { own += *(int *)argument; return (void *)(long)own; }
static int show(struct dl_phdr_info *info, size_t size, void *data) { (void)info, (void)size; ++*(int *)data; return 0; }
int main(int argc, char **argv) {
    pthread_t thread;
    void *result;
    int objects = 0;
    pthread_create(&thread, NULL, run, numbers[1]);
    pthread_join(thread, &result);
    dl_iterate_phdr(show, &objects);
    char *copy = malloc(100000);
    memset(copy, 'x', 99999);
    copy[99999] = 0;
    printf("%d %s %d %ld %d %d %zu %s\\n", *numbers[0], words[argc], own, (long)result, constructed, objects > 0, strlen(copy), argv[1]);
    printf("%p\\n", (void *)main);
    return 3;
}
`

type Tap = typeof t

function compile(t: Pick<Tap, 'testdir'>, ...words: string[]): string {
  const directory = t.testdir({'main.c': PROGRAM})
  execFileSync('cc', ['-O2', '-o', 'main', 'main.c', ...words], {cwd: directory})
  return join(directory, 'main')
}

t.test('a static, position-independent program does what it did, at the address that it was given', async t => {
  const program = compile(t, '-static-pie')
  const bytes = readFileSync(program)
  t.ok(prelink(bytes))
  writeFileSync(program, bytes)
  for (const personality of [['setarch', '-R'], []]) {
    const [command = '', ...words] = [...personality, 'sh', '-c', '"$0" word; echo $?', program]
    const [said, where, status] = execFileSync(command, words, {encoding: 'utf8'}).split('\n')
    t.equal(said, '1 c 7 9 5 1 99999 word')
    t.equal(BigInt(where ?? '') >> 32n, PRELINK_BASE >> 32n)
    t.equal(status, '3')
  }
  t.notOk(prelink(bytes), 'once is enough')
})

t.test('other programs are left alone', async t => {
  for (const words of [['-static', '-no-pie'], ['-pie'], ['-no-pie']]) {
    const bytes = readFileSync(compile(t, ...words))
    const before = Buffer.from(bytes)
    t.notOk(prelink(bytes), words.join(' '))
    t.ok(bytes.equals(before))
  }
})
