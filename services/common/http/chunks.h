/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes a body in chunked transfer coding (RFC 9112 §7.1), given in pieces of any size. Strict, since whoever
 * reads another end of a body than a proxy in front reads another next request: lines end with CRLF, a size is 1
 * to 15 hexadecimal digits. Chunk extensions and trailer fields are skipped, both bounded. Pure, one thread. */
#ifndef DAYWIRE_COMMON_HTTP_CHUNKS_H
#define DAYWIRE_COMMON_HTTP_CHUNKS_H

#include <stdint.h>
#include <glib.h>

typedef struct {
    int state;
    unsigned digits; /* of the size read */
    unsigned extra;  /* bytes of extensions and trailers */
    uint64_t left;   /* of the chunk */
} Chunks;

typedef enum {
    CHUNKS_MORE, /* all is taken */
    CHUNKS_DATA, /* data lies at the front */
    CHUNKS_END,  /* of the body */
    CHUNKS_BAD,  /* no such coding */
} ChunksResult;

/* All zero is the beginning. Moves *data and *size on over the framing. CHUNKS_DATA: the first *ret_length bytes,
 * at least one, are the body's; chunks_use() some of them before the next call. */
ChunksResult chunks_next(Chunks *chunks, const char **data, size_t *size, size_t *ret_length) MUST_CHECK;
void chunks_use(Chunks *chunks, size_t length);

#endif
