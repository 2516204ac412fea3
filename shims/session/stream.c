#include "stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int stream_has_room(const struct stream *stream) {
    return stream->end - stream->at < sizeof stream->bytes;
}

int stream_is_empty(const struct stream *stream) {
    return stream->at == stream->end;
}

static enum stream_state state_of(ssize_t moved) {
    if (moved > 0) return STREAM_OPEN;
    return moved < 0 && (errno == EAGAIN || errno == EINTR) ? STREAM_NOTHING : STREAM_ENDED;
}

enum stream_state stream_fill(struct stream *stream, int from) {
    if (stream->at > 0) {
        memmove(stream->bytes, stream->bytes + stream->at, stream->end - stream->at);
        stream->end -= stream->at;
        stream->at = 0;
    }
    ssize_t got = read(from, stream->bytes + stream->end, sizeof stream->bytes - stream->end);
    if (got > 0) stream->end += (size_t)got;
    return state_of(got);
}

enum stream_state stream_drain(struct stream *stream, int to, size_t most) {
    size_t size = stream->end - stream->at;
    ssize_t put = write(to, stream->bytes + stream->at, size < most ? size : most);
    if (put > 0) stream->at += (size_t)put;
    enum stream_state state = state_of(put);
    if (state == STREAM_ENDED) stream->at = stream->end;
    return state;
}
