/* What the session tells xbuild-env: lines on a descriptor of its own, so that the guest's output stays the guest's.
 *   started PID                 PID 1 of the session, as the host counts
 *   ready                       its root is complete, the command is about to start
 *   error STEP ERRNO DETAIL     nothing was run
 *   exec ERRNO                  the command could not be executed
 *   usage USER SYSTEM PEAK      of all processes that ended and were waited for: CPU time in microseconds, and the
 *                               memory of the largest in KiB
 *
 * Once it is ready, the session's root can write there too. So the processes outside of it have a descriptor for what only they
 * may say, which PID 1 does not keep:
 *
 *   ended STATUS    the first command has ended, and the session goes on with others
 *   held            the session is complete, and stays until it is told to end
 *   gone            there is no such session any more: nothing was run
 *   interrupted STATUS   it was told to end before the command began
 *   lost            the session has ended before the command
 *   oldest          of the commands that are left in the session, this one is the oldest
 *   last            with the command the session has ended
 */
#ifndef XBUILD_REPORT_H
#define XBUILD_REPORT_H

#define REPORT_FD 4
/* The trace's, where there is one (trace.h): then nobody joins. */
#define OUTER_REPORT_FD 5
/* xbuild-env's own fault, as docker and podman have it; the guest was not started. */
#define EXIT_OURS 125

void report_started(long pid);
void report_ready(void);
void report_ended(int status);
void report_held(void);
void report_gone(void);
/* The command was not begun: as an error of a step that is called so. */
void report_refused(int error);
void report_lost(void);
/* Whoever waited for the session was told to end. */
void report_interrupted(int status);
void report_oldest(void);
void report_last(void);
void report_exec_failure(int error);
/* What the command and its descendants used; to be called by PID 1, when the command has ended. */
void report_usage(void);
/* Reports STEP with errno, and ends with EXIT_OURS. */
void die(const char *step, const char *detail) __attribute__((noreturn));

#endif
