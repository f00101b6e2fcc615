/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/feed.h"

#include "common/error.h"
#include "common/formats/feed_encoding.h"
#include "common/formats/feed_run.h"

#define SLUG_MAX    40 /* characters of the source in an id */
#define HASH_DIGITS 24

void feed_head_clear(FeedHead *head)
{
    g_free(head->title);
    *head = (FeedHead){0};
}

bool feed_read(const void *data, size_t size, const FeedContext *context, FeedHead *ret_head,
               FeedFunction each, void *user, GError **error)
{
    if (size > FEED_BYTES_MAX)
        return feed_too_large(error, "a feed has at most %lu bytes, this one has %zu", FEED_BYTES_MAX, size);
    bool is_markup = feed_is_markup(data, size);
    g_autofree char *text = feed_decode(data, size, is_markup ? context->charset : NULL, error);
    if (!text)
        return false;
    const char *start = text + strspn(text, " \t\r\n");
    g_auto(FeedRun) run = {.context = context, .each = each, .user = user, .ret_head = ret_head};
    if (is_markup)
        return feed_read_xml(text, &run, error);
    if (*start == '{')
        return feed_read_json(text, &run, error);
    return error_refuse(error,
                        *start ? "no feed: it begins neither with < nor with {" : "there is nothing in it");
}

/* "Press office" is "press-office". */
static char *slug_of(const char *source)
{
    g_autoptr(GString) slug = g_string_new(NULL);
    for (const char *at = source; *at && slug->len < SLUG_MAX; at++) {
        if (g_ascii_isalnum(*at))
            g_string_append_c(slug, g_ascii_tolower(*at));
        else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
            g_string_append_c(slug, '-');
    }
    while (slug->len > 0 && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    return g_string_free(g_steal_pointer(&slug), FALSE);
}

char *feed_item_id(const char *source, const char *guid, const char *link)
{
    const char *name = *guid ? guid : link;
    if (!*name)
        return NULL;
    const char *parts[] = {source, *guid ? "guid" : "link", name};
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        g_checksum_update(hash, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
    g_autofree char *slug = slug_of(source);
    return g_strdup_printf("%s-%.*s", *slug ? slug : "feed", HASH_DIGITS, g_checksum_get_string(hash));
}

void feed_keep_date(Statement *statement, const Statement *known)
{
    message_set_string(&statement->date, known->date);
    message_clear_timestamp(&statement->published_at);
    if (known->published_at)
        statement->published_at = instant_to_timestamp(instant_from_timestamp(known->published_at));
    statement->published_at_offset_minutes = known->published_at_offset_minutes;
}
