/* SPDX-License-Identifier: Apache-2.0 */
/* The list of all statements in pages, with search. A page cursor names the last statement of the page by
 * what the list is sorted by, so that pages neither repeat nor skip what stays, whatever is published in
 * between. */
#include "common/error.h"
#include "common/json.h"
#include "common/statement_rules.h"
#include "gateway/view_reader.h"

#define LIMIT_MAX      1000
#define PAGE_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define SEARCH_MAX     500 /* bytes */
#define WORDS_MAX      16

/* Where a page begins: after this statement. */
typedef struct {
    int64_t moment;
    char id[STATEMENT_ID_MAX + 1];
} Place;

static char *place_format(int64_t moment, const char *id)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %s", moment, id);
    g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
    g_strdelimit(encoded, "+", '-');
    g_strdelimit(encoded, "/", '_');
    return g_strndup(encoded, strcspn(encoded, "="));
}

/* The decoded text, or NULL. */
static char *decode(const char *encoded)
{
    enum { LONGEST = 400 };
    size_t length = strnlen(encoded, LONGEST);
    if (length == LONGEST || length % 4 == 1)
        return NULL;
    g_autofree char *padded = g_strdup_printf("%s%.*s", encoded, (int)((4 - length % 4) % 4), "===");
    g_strdelimit(padded, "-", '+');
    g_strdelimit(padded, "_", '/');
    size_t size = 0;
    g_autofree guchar *data = g_base64_decode(padded, &size);
    return memchr(data, '\0', size) ? NULL : g_strndup((const char *)data, size);
}

static bool place_parse(const char *encoded, Place *place, GError **error)
{
    g_autofree char *text = decode(encoded);
    char *id = text ? strchr(text, ' ') : NULL;
    if (id)
        *id++ = '\0';
    if (id && id_is_valid(id, STATEMENT_ID_MAX) &&
        g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &place->moment, NULL)) {
        g_strlcpy(place->id, id, sizeof(place->id));
        return true;
    }
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "before: not a page cursor; take the one that the answer before this one had as \"next\"");
    return false;
}

/* Each word in quotes, so that nothing in it is FTS5's syntax; all must occur. NULL with INVALID. */
static char *search_expression(const char *words, GError **error)
{
    unsigned count = 0;
    if (strlen(words) > SEARCH_MAX || !g_utf8_validate(words, -1, NULL)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "q: UTF-8 text of at most %d bytes",
                    SEARCH_MAX);
        return NULL;
    }
    g_autoptr(GString) expression = g_string_new(NULL);
    for (const char *at = words; *at;) {
        const char *end = at;
        while (*end && !g_unichar_isspace(g_utf8_get_char(end)))
            end = g_utf8_next_char(end);
        if (end == at) {
            at = g_utf8_next_char(at);
            continue;
        }
        if (++count > WORDS_MAX) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "q: at most %d words", WORDS_MAX);
            return NULL;
        }
        g_string_append(expression, count > 1 ? " \"" : "\"");
        for (; at < end; at++) {
            if (*at == '"')
                g_string_append_c(expression, '"');
            g_string_append_c(expression, *at);
        }
        g_string_append_c(expression, '"');
    }
    return g_string_free(g_steal_pointer(&expression), FALSE);
}

/* The words; NULL when there are none. False with INVALID. */
static bool read_search(const char *words, char **ret_expression, GError **error)
{
    *ret_expression = NULL;
    g_autofree char *expression = words ? search_expression(words, error) : NULL;
    if (words && !expression)
        return false;
    if (expression && *expression)
        *ret_expression = g_steal_pointer(&expression);
    return true;
}

/* As the query wants it: a JSON array of one string; NULL for NULL. */
static char *json_of_one(const char *value)
{
    if (!value)
        return NULL;
    if (!g_utf8_validate(value, -1, NULL))
        return g_strdup("[]"); /* nothing has that value */
    return json_write_texts(&value, 1);
}

static unsigned limit_of(const ViewQuery *query)
{
    return CLAMP(query->limit, 1, LIMIT_MAX);
}

/* The rows of one page into `page`; *ret_next is set when there are more. */
static bool read_page(SqlStatement *list, const ViewQuery *query, GPtrArray *page, char **ret_next,
                      GError **error)
{
    const size_t bytes_max = query->bytes ? query->bytes : PAGE_BYTES_MAX;
    Place last = {0};
    size_t bytes = 0;
    bool row = false;
    while (sql_step(list, &row, error)) {
        if (!row)
            return true;
        if (page->len == limit_of(query) || bytes >= bytes_max) {
            *ret_next = place_format(last.moment, last.id);
            return true;
        }
        Statement *statement = view_row_statement(list, 0, error);
        if (!statement)
            return false;
        g_ptr_array_add(page, statement);
        bytes += (size_t)sqlite3_column_bytes(list, 0);
        last.moment = sqlite3_column_int64(list, 1);
        g_strlcpy(last.id, sql_text(list, 2), sizeof(last.id));
    }
    return false;
}

GPtrArray *view_reader_statements(ViewReader *reader, const ViewQuery *query, char **ret_next, GError **error)
{
    Place after = {.moment = INT64_MAX};
    g_autofree char *expression = NULL;
    if ((query->before && !place_parse(query->before, &after, error)) ||
        !read_search(query->search, &expression, error))
        return NULL;
    const char *const words[] = {query->source, query->kind, query->language, query->tag};
    char *filters[G_N_ELEMENTS(words)];
    SqlStatement *list = reader->sql[expression ? READ_LIST_SEARCH : READ_LIST];
    g_autoptr(GPtrArray) page = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    g_autofree char *next = NULL;
    sql_bind_number(list, 1, query->withdrawn);
    if (expression)
        sql_bind_text(list, 2, expression);
    sql_bind_number(list, 4, after.moment);
    sql_bind_text(list, 5, after.id);
    sql_bind_number(list, 6, (int64_t)limit_of(query) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        filters[i] = json_of_one(words[i]);
        sql_bind_text(list, 7 + (int)i, filters[i]);
    }
    bool good = read_page(list, query, page, &next, error);
    sql_done(list);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_free(filters[i]);
    if (!good)
        return NULL;
    *ret_next = g_steal_pointer(&next);
    return g_steal_pointer(&page);
}
