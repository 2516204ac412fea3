/* How PID 1 ends when xbuild-env is killed. If the kernel killed it, its descriptors would close before the session's other
 * processes are ended: what these execute in between misses its routes, fails, and a script may write down a wrong
 * result. So PID 1 ends all others itself, while it has everything, and itself last. */
#ifndef XBUILD_LIFE_H
#define XBUILD_LIFE_H

/* From now on PID 1 ends the session when its parent ends, whatever it does at that moment: by a parent-death signal with
 * a handler. To be called when it changes its ids no more, which the kernel would forget the signal over. */
void life_begin(void);
/* Ends all other processes of the session, waits until they are gone, and exits. */
void life_end(void) __attribute__((noreturn));

#endif
