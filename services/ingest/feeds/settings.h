/* SPDX-License-Identifier: Apache-2.0 */
/* The groups [feeds] and [feed NAME] of the configuration, checked. Immutable, any thread. */
#ifndef DAYWIRE_INGEST_FEEDS_SETTINGS_H
#define DAYWIRE_INGEST_FEEDS_SETTINGS_H

#include "common/config/config.h"
#include "common/instant.h"
#include "ingest/feeds/address.h"

/* A feed's own name is its source, too. */
#define FEED_INITIAL_ALL G_MAXUINT

typedef struct {
    char *name;
    char *url;        /* http or https, without user and fragment */
    Instant every;    /* microseconds */
    unsigned initial; /* how many of the items of the first poll are taken, newest first; FEED_INITIAL_ALL */
    char *language;   /* "": none */
    char *kind;       /* "": none */
    char **tags;      /* NULL-terminated */
} FeedSettings;

typedef struct {
    char *user_agent;
    long timeout_ms;
    size_t max_size;
    unsigned max_at_once;
    bool allow_private;
    FeedNetworks *networks;
    char *proxy; /* NULL: none, whatever the environment says */
} FeedLimits;

/* INVALID names the place and what would be right. */
FeedLimits *feed_limits_new(const Config *config, GError **error) MUST_CHECK;
void feed_limits_free(FeedLimits *limits); /* NULL is fine */

/* Of FeedSettings *, in the order of the file; g_ptr_array_unref() frees all. INVALID as above, also for two
 * feeds with the same url. */
GPtrArray *feed_settings_new(const Config *config, GError **error) MUST_CHECK;

/* *ret_url: an address of a feed in its usual form, so that the same one is the same text; g_free it. INVALID says
 * what is wrong with it, as "is ...". */
bool feed_url_parse(const char *text, char **ret_url, GError **error) MUST_CHECK;

/* For --check-config. */
bool feed_settings_check(const Config *config, GError **error) MUST_CHECK;

#endif
