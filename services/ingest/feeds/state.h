/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of a feed from one poll to the next. Pure, any thread. */
#ifndef DAYWIRE_INGEST_FEEDS_STATE_H
#define DAYWIRE_INGEST_FEEDS_STATE_H

#include <stdbool.h>

#include <glib.h>

#include "common/instant.h"

/* Text is owned and never NULL. */
typedef struct {
    char *name;
    char *url;      /* that of the configuration; another one there starts again */
    char *moved_to; /* where it said that it is from now on; "": nowhere */
    char *etag;     /* validators of what was taken in last, "" when there are none */
    char *last_modified;
    char *digest;  /* of the document that was taken in last, for servers without validators */
    char *seen;    /* of the last document when it is to be read again nevertheless; "" after a restart */
    char *refusal; /* why the first of the items of the last document that were refused was; "": none was */
    char *error;   /* why the last poll failed; "": it did not */
    Instant moved_at;     /* 0: it has not moved */
    Instant polled_at;    /* 0: never */
    Instant succeeded_at; /* 0: never */
    Instant next_at;
    Instant wait;      /* from the last poll to next_at, by the clock as it was then */
    bool asked_moved;  /* the last poll was of moved_to */
    unsigned failures; /* in a row */
    int status;        /* of the last answer; 0: there was none */
    bool gone;         /* for good */
    bool begun;        /* the items of a first poll are known */
    /* What the feed asks for */
    unsigned ttl_minutes;
    uint32_t skip_hours; /* as in FeedHead */
    uint8_t skip_days;
    /* of the last document */
    unsigned items;
    unsigned refused;
} FeedState;

/* Never polled, due at once. The texts of the arguments are copied. */
FeedState *feed_state_new(const char *name, const char *url);
FeedState *feed_state_copy(const FeedState *state);
void feed_state_free(FeedState *state); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedState, feed_state_free)

/* Replaces a text. */
void feed_state_set(char **text, const char *value);

/* The next document is asked for and read even when it is still the same. */
void feed_state_read_again(FeedState *state);

/* The configuration names another address: polls start again there. What is known of the feed's items stays. */
void feed_state_restart(FeedState *state, const char *url);

#endif
