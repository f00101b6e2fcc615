/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent back: the head as text and the body. Pure, any thread. */
#ifndef DAYWIRE_COMMON_HTTP_ANSWER_H
#define DAYWIRE_COMMON_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct {
    int status;
    GString *head; /* status line and headers, without Connection and the empty line that ends them */
    GBytes *body;  /* never NULL; of a HEAD request it is not sent */
} HttpAnswer;

/* `content_type` and `headers` as in http_respond(). `now_us` becomes the Date. Control characters in a
 * header's value become spaces, so that no text can add a header. */
HttpAnswer *http_answer_new(int status, const char *content_type, const char *const *headers, GBytes *body,
                            int64_t now_us);
HttpAnswer *http_answer_problem(int status, const char *detail, const char *field, int64_t now_us);
/* A problem with a Retry-After. */
HttpAnswer *http_answer_retry(int status, const char *detail, unsigned seconds, int64_t now_us);
void http_answer_free(HttpAnswer *answer); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpAnswer, http_answer_free)

/* The head of an answer whose length nobody knows yet, as it goes out: chunked, or until the connection ends, which
 * it does in any case. */
GString *http_answer_stream_head(int status, const char *content_type, const char *const *headers,
                                 bool chunked, int64_t now_us);

/* The head as it goes out. */
GString *http_answer_finish_head(const HttpAnswer *answer, bool keep_alive);

const char *http_status_phrase(int status);

#endif
