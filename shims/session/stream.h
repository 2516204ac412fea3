/* What goes from one descriptor to another, and waits in between until the other takes it: neither side waits for the
 * other. */
#ifndef XBUILD_STREAM_H
#define XBUILD_STREAM_H

#include <stddef.h>

struct stream {
    size_t at, end; /* of the bytes that wait */
    char bytes[16384];
};

int stream_has_room(const struct stream *stream);
int stream_is_empty(const struct stream *stream);
/* Takes what there is to read, when poll says that there is something. */
enum stream_state { STREAM_OPEN, STREAM_NOTHING, STREAM_ENDED } stream_fill(struct stream *stream, int from);
/* Hands on at most so many bytes, when poll says that there is room. Where nobody takes them, they are dropped, and it
 * returns STREAM_ENDED. */
enum stream_state stream_drain(struct stream *stream, int to, size_t most);

#endif
