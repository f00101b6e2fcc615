/* SPDX-License-Identifier: Apache-2.0 */
/* What a token's holder has asked for lately and what is under way. It outlives the token: after a reload the token of
 * the same name goes on with it, whatever its secret and limits are now. Reference-counted, any thread. */
#ifndef DAYWIRE_INGEST_API_TOKEN_USE_H
#define DAYWIRE_INGEST_API_TOKEN_USE_H

#include <stdint.h>

typedef struct {
    unsigned requests_per_second; /* as many at once as in a second; 0: no limit */
    unsigned max_requests;        /* under way at a time; 0: no limit */
} TokenLimits;

typedef struct TokenUse TokenUse;

TokenUse *token_use_new(void);
TokenUse *token_use_ref(TokenUse *use);
void token_use_unref(TokenUse *use); /* NULL is fine */

typedef enum { USE_GRANTED, USE_TOO_MANY, USE_TOO_FAST } UseVerdict;

/* GRANTED: the request is counted until token_use_end(). TOO_FAST: *ret_wait_us is how long it is so. What is not
 * granted counts nowhere. `now` is monotonic, in microseconds. */
UseVerdict token_use_begin(TokenUse *use, const TokenLimits *limits, int64_t now, int64_t *ret_wait_us)
    MUST_CHECK;
void token_use_end(TokenUse *use);

#endif
