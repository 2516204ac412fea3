/* Four threads count, and add up under a lock; a program of 64 or 32 bits, of either byte order. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long sum;

static void *add(void *argument) {
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        sum += *(const int *)argument;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[4];
    int amounts[4] = {1, 2, 3, 4};
    for (int i = 0; i < 4; i++) {
        if (pthread_create(&threads[i], NULL, add, &amounts[i]) != 0) return 1;
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    const uint32_t number = 1;
    unsigned char first;
    memcpy(&first, &number, 1);
    printf("%ld %d bits %s\n", sum, (int)sizeof(void *) * 8, first == 1 ? "little" : "big");
    return 0;
}
