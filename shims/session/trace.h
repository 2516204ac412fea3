/* The trace of a session: PID 1 hears of each exec from the activator, of each end from the kernel, and hands both on,
 * as ../trace.h describes, to xbuild-env, which writes the file: the guest may look into PID 1's descriptors, and a
 * socket is nothing that can be opened there. Both are taken together, a few ms late.
 *
 * Without trace_want, none of these does anything. */
#ifndef XBUILD_SESSION_TRACE_H
#define XBUILD_SESSION_TRACE_H

/* Where records go: handed down by xbuild-env, the first descriptor behind the report's. */
#define TRACE_OUTPUT_FD 5

/* The plan asks for a trace. */
void trace_want(void);
/* Makes the FIFO that the activator tells execs to. Before the guest is started. */
void trace_begin(void);
/* What to poll for reading, or -1; and how long at most until trace_take is called, in ms. */
int trace_watch(void);
int trace_timeout(void);
/* Takes what there is to read, and hands on what has waited for a second. */
void trace_take(void);
/* The guest has ended: takes all that was sent until now, and hands on everything. */
void trace_finish(void);

#endif
