/* Threads that reach a breakpoint at the same moment, in each round. */
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, ROUNDS = 5 };

static pthread_barrier_t barrier;
static int hits;

static void hit(void) {
    __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
}

static void *work(void *given) {
    (void)given;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&barrier);
        hit();
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    printf("%d passed\n", hits);
    return 0;
}
