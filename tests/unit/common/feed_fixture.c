/* SPDX-License-Identifier: Apache-2.0 */
#include "feed_fixture.h"

#include "common/error.h"
#include "common/statement_rules.h"
#include "unit.h"

static void note(GString *notes, const char *name, const char *text)
{
    if (!*text)
        return;
    g_autofree char *line = g_strdelimit(g_strdup(text), "\n", '/');
    g_string_append_printf(notes, " %s=%s", name, line);
}

static void note_date(GString *notes, const FeedItem *item)
{
    const Statement *statement = item->statement;
    char text[INSTANT_TEXT_MAX];
    if (!statement->published_at) {
        note(notes, item->undated ? "undated" : "date", statement->date);
        return;
    }
    assert_false(item->undated);
    instant_format(instant_from_timestamp(statement->published_at), statement->published_at_offset_minutes,
                   text);
    assert_memory_equal(text, statement->date, strlen(statement->date));
    note(notes, "at", text);
}

static void note_statement(GString *notes, const FeedItem *item)
{
    Statement *statement = item->statement;
    g_autoptr(GString) tags = g_string_new(NULL);
    const char *field = NULL;
    g_autoptr(GError) error = NULL;
    assert_null(item->reason);
    assert_string_equal(statement->id, "");
    assert_string_equal(statement->url, item->link);
    assert_true(*item->guid || *item->link);
    assert_true(statement_validate(statement, &field, &error));
    for (size_t i = 0; i < statement->n_tags; i++)
        g_string_append_printf(tags, "%s%s", i ? "," : "", statement->tags[i]);
    note(notes, "guid", g_str_has_prefix(item->guid, "daywire:") ? "daywire:" : item->guid);
    note(notes, "link", item->link);
    note(notes, "title", statement->title);
    note(notes, "summary", statement->summary);
    note(notes, statement->body_type == BODY_TYPE_HTML ? "html" : "text", statement->body);
    note(notes, "language", statement->language);
    note(notes, "author", statement->author);
    note(notes, "tags", tags->str);
    note(notes, "source", strcmp(statement->source, "s") == 0 ? "" : statement->source);
    note_date(notes, item);
}

static bool note_item(FeedItem *item, void *user)
{
    GString *notes = user;
    g_string_append_printf(notes, "%u", item->line);
    if (item->statement)
        note_statement(notes, item);
    else
        g_string_append_printf(notes, " refused %s: %s", item->field, item->reason);
    g_string_append_c(notes, '\n');
    return true;
}

char *feed_notes(const void *data, size_t size, const FeedContext *context)
{
    g_autoptr(GString) items = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_auto(FeedHead) head = {0};
    if (!feed_read(data, size, context, &head, note_item, items, &error)) {
        assert_null(head.title);
        assert_string_equal(items->str, "");
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID) ||
                    g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
        return g_strdup_printf("error: %s", error->message);
    }
    g_autoptr(GString) notes = g_string_new(head.title);
    if (head.ttl_minutes)
        g_string_append_printf(notes, " ttl=%u", head.ttl_minutes);
    if (head.skip_hours)
        g_string_append_printf(notes, " hours=%x", head.skip_hours);
    if (head.skip_days)
        g_string_append_printf(notes, " days=%x", head.skip_days);
    g_string_append_printf(notes, "\n%s", items->str);
    return g_string_free(g_steal_pointer(&notes), FALSE);
}

void check_feed(const char *text, const char *expected)
{
    FeedContext context = {.source = "s", .now = FEED_NOW};
    g_autofree char *notes = feed_notes(text, strlen(text), &context);
    if (strcmp(notes, expected) != 0) {
        (void)fprintf(stderr, "%s\n--- is read as\n%s\n--- and not as\n%s\n", text, notes,
                      expected); /* of any length */
        fail();
    }
}

void check_rss_items(const char *items, const char *expected)
{
    g_autofree char *text = g_strdup_printf("<rss version=\"2.0\"><channel>%s</channel></rss>", items);
    g_autofree char *whole = g_strconcat(g_str_has_prefix(expected, "error: ") ? "" : "\n", expected, NULL);
    check_feed(text, whole);
}
