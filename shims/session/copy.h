/* Goes on as a sealed copy of this program in memory, unless that is what runs. A session's root may open what PID 1 is
 * executed from (/proc/1/exe), and the host's file is the user's own: its mode could be changed there, and later its content.
 */
#ifndef XBUILD_COPY_H
#define XBUILD_COPY_H

void copy_begin(char **argv, char **envp);

#endif
