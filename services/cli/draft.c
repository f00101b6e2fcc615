/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/draft.h"

#include "cli/files.h"
#include "common/error.h"
#include "common/instant.h"
#include "common/statement_rules.h"

typedef struct {
    const char *name; /* of the option; NULL: the command has one of its own */
    size_t from;      /* of the char * in Draft */
    size_t to;        /* of the char * in Statement; 0: it is not just a text */
    GOptionArg type;
    const char *help;
    const char *value;
} DraftOption;

#define FROM(name_) offsetof(Draft, name_)
#define SAME(name_) offsetof(Draft, name_), offsetof(Statement, name_)

/* All are of type FILENAME, which GLib leaves as it is: STRING would depend on the locale. */
/* clang-format off */
static const DraftOption draft_options[] = {
    {NULL, SAME(id), G_OPTION_ARG_FILENAME, NULL, NULL},
    {NULL, SAME(note), G_OPTION_ARG_FILENAME, NULL, NULL},
    {"title", SAME(title), G_OPTION_ARG_FILENAME, "one line, 1,000 characters at most", "TEXT"},
    {"summary", SAME(summary), G_OPTION_ARG_FILENAME, "the excerpt for lists, 10,000 characters at most", "TEXT"},
    {"body", SAME(body), G_OPTION_ARG_FILENAME, "the full text; an empty line separates paragraphs", "TEXT"},
    {"body-file", FROM(body_file), 0, G_OPTION_ARG_FILENAME, "the full text from a file; -: standard input", "FILE"},
    {"body-type", FROM(body_type), 0, G_OPTION_ARG_FILENAME, "of that text: plain (default) or html", "TYPE"},
    {"date", SAME(date), G_OPTION_ARG_FILENAME, "the day that it carries", "YYYY-MM-DD"},
    {"published-at", FROM(published_at), 0, G_OPTION_ARG_FILENAME, "for instance 2021-07-23T12:00:00+01:00", "TIME"},
    {"publish-at", FROM(publish_at), 0, G_OPTION_ARG_FILENAME, "keep it until then, and publish it at that instant", "TIME"},
    {"expires-at", FROM(expires_at), 0, G_OPTION_ARG_FILENAME, "withdraw it by itself at that instant", "TIME"},
    {"language", SAME(language), G_OPTION_ARG_FILENAME, "for instance en or pt-BR", "TAG"},
    {"url", SAME(url), G_OPTION_ARG_FILENAME, "where the original is", "URL"},
    {"source", SAME(source), G_OPTION_ARG_FILENAME, "who hands it in, for instance press-office", "WORD"},
    {"kind", SAME(kind), G_OPTION_ARG_FILENAME, "for instance comment or interview", "WORD"},
    {"author", SAME(author), G_OPTION_ARG_FILENAME, "who wrote or said it", "NAME"},
    {"place", SAME(place), G_OPTION_ARG_FILENAME, "where it was said", "NAME"},
    {"tag", FROM(tags), 0, G_OPTION_ARG_FILENAME_ARRAY, "a word to filter by; may be repeated", "WORD"},
};
/* clang-format on */

GOptionEntry *draft_entries(Draft *draft, const GOptionEntry *first, size_t count)
{
    GOptionEntry *entries = g_new0(GOptionEntry, count + G_N_ELEMENTS(draft_options) + 1);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        entries[length++] = first[i];
    for (size_t i = 0; i < G_N_ELEMENTS(draft_options); i++) {
        const DraftOption *option = &draft_options[i];
        if (option->name)
            entries[length++] = (GOptionEntry){.long_name = option->name,
                                               .arg = option->type,
                                               .arg_data = G_STRUCT_MEMBER_P(draft, option->from),
                                               .description = option->help,
                                               .arg_description = option->value};
    }
    return entries;
}

void draft_clear(Draft *draft)
{
    for (size_t i = 0; i < G_N_ELEMENTS(draft_options); i++) {
        if (draft_options[i].type != G_OPTION_ARG_FILENAME_ARRAY)
            g_free(G_STRUCT_MEMBER(char *, draft, draft_options[i].from));
    }
    g_strfreev(draft->tags);
    *draft = (Draft){0};
}

bool draft_is_empty(const Draft *draft)
{
    for (size_t i = 0; i < G_N_ELEMENTS(draft_options); i++) {
        if (draft_options[i].name && G_STRUCT_MEMBER(void *, draft, draft_options[i].from))
            return false;
    }
    return true;
}

static bool apply_body_file(const char *path, Statement *statement, GError **error)
{
    g_autoptr(GBytes) bytes = file_read(path, STATEMENT_BODY_MAX, error);
    if (!bytes) {
        g_prefix_error(error, "--body-file ");
        return false;
    }
    size_t size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    if (!g_utf8_validate_len(data, size, NULL)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--body-file %s: not UTF-8 text", path);
        return false;
    }
    g_autofree char *text = g_strndup(data, size);
    message_set_string(&statement->body, text);
    return true;
}

/* A new body is plain text unless it is said to be HTML, whatever the old one was. */
static bool apply_body_type(const Draft *draft, Statement *statement, GError **error)
{
    const char *type = draft->body_type ? draft->body_type : "plain";
    bool html = strcmp(type, "html") == 0 || strcmp(type, "text/html") == 0;
    if (!html && strcmp(type, "plain") != 0 && strcmp(type, "text/plain") != 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--body-type %s: plain or html", type);
        return false;
    }
    if (draft->body_type || draft->body || draft->body_file)
        statement->body_type = html ? BODY_TYPE_HTML : BODY_TYPE_PLAIN;
    return true;
}

/* An empty text takes the instant away. */
static bool apply_instant(const char *option, const char *text, Google__Protobuf__Timestamp **at,
                          int *ret_offset_minutes, GError **error)
{
    Instant instant = 0;
    int offset_minutes = 0;
    bool absent = *text == '\0';
    if (!absent && !instant_parse(text, &instant, &offset_minutes)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "--%s %s: date, time and offset as in 2021-07-23T12:00:00+01:00", option, text);
        return false;
    }
    message_clear_timestamp(at);
    *at = absent ? NULL : instant_to_timestamp(instant);
    *ret_offset_minutes = offset_minutes;
    return true;
}

static bool apply_instants(const Draft *draft, Statement *statement, GError **error)
{
    int offset_minutes = 0;
    if (draft->published_at) {
        if (!apply_instant("published-at", draft->published_at, &statement->published_at, &offset_minutes,
                           error))
            return false;
        statement->published_at_offset_minutes = offset_minutes;
    }
    if (draft->publish_at) {
        if (!apply_instant("publish-at", draft->publish_at, &statement->publish_at, &offset_minutes, error))
            return false;
        if (!statement->published_at) /* which may follow from it */
            statement->published_at_offset_minutes = offset_minutes;
    }
    return !draft->expires_at ||
           apply_instant("expires-at", draft->expires_at, &statement->expires_at, &offset_minutes, error);
}

static void apply_tags(char **tags, Statement *statement)
{
    for (size_t i = 0; i < statement->n_tags; i++)
        g_free(statement->tags[i]);
    g_clear_pointer(&statement->tags, g_free);
    statement->n_tags = 0;
    for (char **tag = tags; *tag; tag++) {
        if (**tag) /* --tag "" alone takes all tags away */
            statement_add_tag(statement, *tag);
    }
}

bool draft_apply(const Draft *draft, Statement *statement, GError **error)
{
    if (draft->body && draft->body_file) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--body and --body-file: give one of them");
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(draft_options); i++) {
        const DraftOption *option = &draft_options[i];
        if (option->to && G_STRUCT_MEMBER(char *, draft, option->from))
            message_set_string(G_STRUCT_MEMBER_P(statement, option->to),
                               G_STRUCT_MEMBER(char *, draft, option->from));
    }
    if (draft->tags)
        apply_tags(draft->tags, statement);
    return apply_body_type(draft, statement, error) &&
           (!draft->body_file || apply_body_file(draft->body_file, statement, error)) &&
           apply_instants(draft, statement, error);
}
