/* frame - one line as it lies in a spool's file, so that a half-written or damaged one is told from
 * a whole one.  Pure.
 *
 *     offset size
 *     0      5    "CSQ1 "
 *     5      16   when it was taken in, Unix microseconds, lower-case hex
 *     21     1    space
 *     22     8    bytes of the line, lower-case hex
 *     30     1    space
 *     31     64   SHA-256 of offsets 0 to 30 and of the line, lower-case hex
 *     95     1    newline
 *     96          the line, and a newline
 */
#ifndef INGEST_FRAME_H
#define INGEST_FRAME_H

#include "ledger/ledger.h"

#define FRAME_HEAD_BYTES ((size_t)96)

struct frame {
    int64_t taken_us;
    struct piece line; /* borrowed from what was read */
    size_t bytes;      /* of the frame */
};

enum frame_state {
    FRAME_WHOLE,
    FRAME_DAMAGED, /* a frame of this length; its line is not the one that was written */
    FRAME_SHORT,   /* a frame may begin here, and does not end within what was read */
    FRAME_NONE,    /* no frame begins here */
};

/**
 * frame_add(buf, taken_us, line): Append ${line} (at most ENVELOPE_BYTES_MAX, without a newline) as
 * a frame.  ${taken_us} is not negative.
 * frame_read(data, bytes, ret_frame): Look at what begins at ${data}; *${ret_frame} is set where it
 * is WHOLE or DAMAGED.
 * frame_find(data, bytes): The first offset in ${data} from 1 on at which a frame may begin, or
 * ${bytes}.
 */
void frame_add(struct buf *buf, int64_t taken_us, const struct piece *line);
enum frame_state frame_read(const uint8_t *data, size_t bytes, struct frame *ret_frame);
size_t frame_find(const uint8_t *data, size_t bytes);

#endif
