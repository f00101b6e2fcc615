/* SPDX-License-Identifier: Apache-2.0 */
/* The rules go field by field in the order of the JSON form, and the first one that is broken is told. All
 * text is made clean before anything is measured, so that what is stored is what was checked. */
#include "common/statement_rules.h"

#include "common/civil_date.h"
#include "common/error.h"
#include "common/instant.h"
#include "common/text.h"

#define LANGUAGE_MAX 35 /* what RFC 5646 asks buffers to hold */

typedef enum { ONE_LINE, MANY_LINES } Lines;

typedef struct {
    const char *name;
    size_t offset; /* of a char * in Statement */
    size_t max;
    Lines lines;
} TextField;

#define TEXT(name_, max_, lines_)                                                                            \
    {                                                                                                        \
        .name = #name_, .offset = offsetof(Statement, name_), .max = (max_), .lines = (lines_)               \
    }

static const TextField text_fields[] = {
    TEXT(id, STATEMENT_ID_MAX, ONE_LINE),       TEXT(note, STATEMENT_NOTE_MAX, MANY_LINES),
    TEXT(title, STATEMENT_TITLE_MAX, ONE_LINE), TEXT(summary, STATEMENT_SUMMARY_MAX, MANY_LINES),
    TEXT(body, STATEMENT_BODY_MAX, MANY_LINES), /* in bytes: as many characters fit only when they are ASCII
                                                 */
    TEXT(language, LANGUAGE_MAX, ONE_LINE),     TEXT(url, STATEMENT_URL_MAX, ONE_LINE),
    TEXT(source, STATEMENT_WORD_MAX, ONE_LINE), TEXT(kind, STATEMENT_WORD_MAX, ONE_LINE),
    TEXT(author, STATEMENT_WORD_MAX, ONE_LINE), TEXT(place, STATEMENT_WORD_MAX, ONE_LINE),
    TEXT(date, STATEMENT_WORD_MAX, ONE_LINE),
};

/* Where a broken rule is reported. */
typedef struct {
    const char **field;
    GError **error;
} Report;

G_GNUC_PRINTF(4, 5)
static bool refuse(Report report, DaywireErrorCode code, const char *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    *report.field = field;
    g_set_error(report.error, DAYWIRE_ERROR, code, "%s: %s", field, detail);
    return false;
}

/* The first control character of valid UTF-8 that is not allowed, or NULL. Those beyond ASCII, U+0080 to U+009F, are all
 * that begin with 0xC2 and go on below 0xA0. */
static const char *find_control(const char *text, Lines lines)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at >= 0x20 && *at < 0x7f)
            continue; /* most of it: kept short, since a body has a megabyte of them */
        bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
        if (control && !(lines == MANY_LINES && (*at == '\n' || *at == '\t')))
            return (const char *)at;
    }
    return NULL;
}

static void join_line_ends(char *text)
{
    char *to = strchr(text, '\r');
    if (!to)
        return;
    for (const char *from = to; *from; from++) {
        if (from[0] != '\r' || from[1] != '\n')
            *to++ = *from;
    }
    *to = '\0';
}

/* In place: without the white space around it and with CR LF as LF. False when it is not UTF-8 or has control
 * characters. */
static bool clean_text(char *text, const char *field, Lines lines, Report report)
{
    const char *bad = NULL;
    if (!g_utf8_validate(text, -1, &bad))
        return refuse(report, DAYWIRE_ERROR_INVALID, field, "not valid UTF-8 at byte %zu",
                      (size_t)(bad - text) + 1);
    text_strip(text);
    join_line_ends(text);
    const char *control = find_control(text, lines);
    if (control)
        return refuse(report, DAYWIRE_ERROR_INVALID, field,
                      "no control characters, this one has U+%04X as character %zu", g_utf8_get_char(control),
                      (size_t)g_utf8_pointer_to_offset(text, control) + 1);
    return true;
}

static bool check_texts(Statement *statement, Report report)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_fields); i++) {
        const TextField *field = &text_fields[i];
        char **text = G_STRUCT_MEMBER_P(statement, field->offset);
        if (!**text)
            continue; /* and not ours to write into (model.c) */
        if (!clean_text(*text, field->name, field->lines, report))
            return false;
        if (!**text)
            message_set_string(text, NULL);
        bool in_bytes = field->offset == offsetof(Statement, body);
        size_t length = in_bytes ? strlen(*text) : (size_t)g_utf8_strlen(*text, -1);
        if (length > field->max)
            return refuse(report, DAYWIRE_ERROR_TOO_LARGE, field->name, "%s%zu %s, this one has %zu",
                          field->offset == offsetof(Statement, title) ? "1 to " : "at most ", field->max,
                          in_bytes ? "bytes" : "characters", length);
    }
    return true;
}

bool id_is_valid(const char *id, size_t max)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");
    return length > 0 && length <= max && id[length] == '\0' && strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

static bool check_status(Statement *statement, Report report)
{
    if (statement->status == STATEMENT_STATUS_UNSPECIFIED)
        statement->status = STATEMENT_STATUS_USABLE;
    if (statement->status != STATEMENT_STATUS_USABLE && statement->status != STATEMENT_STATUS_WITHDRAWN)
        return refuse(report, DAYWIRE_ERROR_INVALID, "status", "usable or withdrawn");
    if (statement->status == STATEMENT_STATUS_WITHDRAWN && statement->change == STATEMENT_CHANGE_UNSPECIFIED)
        statement->change = STATEMENT_CHANGE_WITHDRAWN;
    return true;
}

static bool check_id(const Statement *statement, Report report)
{
    bool withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN;
    if (*statement->id || withdrawn) {
        if (!id_is_valid(statement->id, STATEMENT_ID_MAX))
            return refuse(report, DAYWIRE_ERROR_INVALID, "id",
                          "1 to %d characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone",
                          STATEMENT_ID_MAX);
    }
    return true;
}

static bool check_change(const Statement *statement, Report report)
{
    bool withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN;
    switch (statement->change) {
    case STATEMENT_CHANGE_UNSPECIFIED:
    case STATEMENT_CHANGE_PUBLISHED:
    case STATEMENT_CHANGE_UPDATED:
        if (withdrawn)
            break;
        return true;
    case STATEMENT_CHANGE_CORRECTED:
        if (withdrawn)
            break;
        if (!*statement->note)
            return refuse(report, DAYWIRE_ERROR_INVALID, "note",
                          "a correction needs one: the public sentence of what was wrong and what is right");
        return true;
    case STATEMENT_CHANGE_WITHDRAWN:
        if (!withdrawn)
            break;
        if (!*statement->note)
            return refuse(report, DAYWIRE_ERROR_INVALID, "note",
                          "a withdrawal needs one: the reason, shown in place of the text");
        return true;
    default:
        break;
    }
    return refuse(report, DAYWIRE_ERROR_INVALID, "change",
                  withdrawn ? "withdrawn, as the status says" : "published, updated or corrected");
}

static bool check_texts_present(const Statement *statement, Report report)
{
    if (statement->status != STATEMENT_STATUS_WITHDRAWN) {
        if (!*statement->title)
            return refuse(report, DAYWIRE_ERROR_INVALID, "title", "1 to %d characters, this one has none",
                          STATEMENT_TITLE_MAX);
        return true;
    }
    const char *field = *statement->title     ? "title"
                        : *statement->summary ? "summary"
                        : *statement->body    ? "body"
                                              : NULL;
    if (field)
        return refuse(report, DAYWIRE_ERROR_INVALID, field, "a withdrawn statement carries no text");
    return true;
}

static bool check_body_type(Statement *statement, Report report)
{
    if (statement->body_type != BODY_TYPE_UNSPECIFIED && statement->body_type != BODY_TYPE_PLAIN &&
        statement->body_type != BODY_TYPE_HTML)
        return refuse(report, DAYWIRE_ERROR_INVALID, "body_type", "text/plain or text/html");
    if (!*statement->body)
        statement->body_type = BODY_TYPE_UNSPECIFIED;
    else if (statement->body_type == BODY_TYPE_UNSPECIFIED)
        statement->body_type = BODY_TYPE_PLAIN;
    return true;
}

bool language_normalise(char *tag)
{
    if (strlen(tag) > LANGUAGE_MAX)
        return false;
    bool first = true;
    bool after_single = false;
    for (char *part = tag; part;) {
        size_t length = strcspn(part, "-");
        size_t letters = 0;
        for (size_t i = 0; i < length; i++) {
            if (!g_ascii_isalnum(part[i]))
                return false;
            letters += g_ascii_isalpha(part[i]) ? 1 : 0;
            part[i] = g_ascii_tolower(part[i]);
        }
        bool last = part[length] == '\0';
        if (first ? length < 2 || length > 3 || letters != length
                  : length < 1 || length > 8 || (length == 1 && last))
            return false;
        if (!first && !after_single && letters == length && (length == 2 || length == 4)) {
            part[0] = g_ascii_toupper(part[0]);
            if (length == 2)
                part[1] = g_ascii_toupper(part[1]);
        }
        after_single = after_single || length == 1;
        first = false;
        part = last ? NULL : part + length + 1;
    }
    return true;
}

static bool check_language(Statement *statement, Report report)
{
    if (!*statement->language)
        return true;
    g_autofree char *tag = g_strdup(statement->language);
    if (!language_normalise(tag))
        return refuse(report, DAYWIRE_ERROR_INVALID, "language",
                      "a BCP 47 tag such as en or pt-BR, this one is \"%s\"", statement->language);
    message_set_string(&statement->language, tag);
    return true;
}

static bool check_url(const Statement *statement, Report report)
{
    if (!*statement->url)
        return true;
    g_autoptr(GUri) uri = g_uri_parse(statement->url, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    if ((strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) || !g_uri_get_host(uri) ||
        !*g_uri_get_host(uri) || strpbrk(statement->url, " \"<>\\"))
        return refuse(
            report, DAYWIRE_ERROR_INVALID, "url",
            "a full address that begins with http:// or https://, without spaces or quotation marks");
    if (g_uri_get_userinfo(uri))
        return refuse(report, DAYWIRE_ERROR_INVALID, "url", "no user name or password in the address");
    return true;
}

static bool check_tags(Statement *statement, Report report)
{
    if (statement->n_tags > STATEMENT_TAGS_MAX)
        return refuse(report, DAYWIRE_ERROR_TOO_LARGE, "tags", "at most %d, there are %zu",
                      STATEMENT_TAGS_MAX, statement->n_tags);
    for (size_t i = 0; i < statement->n_tags; i++) {
        char *tag = statement->tags[i];
        if (*tag && !clean_text(tag, "tags", ONE_LINE, report))
            return false;
        size_t length = (size_t)g_utf8_strlen(tag, -1);
        if (length < 1 || length > STATEMENT_WORD_MAX)
            return refuse(report, length ? DAYWIRE_ERROR_TOO_LARGE : DAYWIRE_ERROR_INVALID, "tags",
                          "1 to %d characters each, number %zu has %zu", STATEMENT_WORD_MAX, i + 1, length);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(statement->tags[k], tag) == 0)
                return refuse(report, DAYWIRE_ERROR_INVALID, "tags", "none twice, \"%s\" is there again",
                              tag);
        }
    }
    return true;
}

static bool instant_is_sound(const Google__Protobuf__Timestamp *at)
{
    const int64_t day = 86400;
    return at->seconds >= CIVIL_DATE_MIN * day && at->seconds < (CIVIL_DATE_MAX + 1) * day &&
           at->nanos >= 0 && at->nanos <= 999999999;
}

/* What is scheduled and says nothing else is dated by its schedule. */
static bool check_schedule(Statement *statement, Report report)
{
    static const char *const expected = "an instant in the years 0001 to 9999";
    bool withdrawn = statement->status == STATEMENT_STATUS_WITHDRAWN;
    const char *set = statement->publish_at ? "publish_at" : statement->expires_at ? "expires_at" : NULL;
    if (withdrawn && set)
        return refuse(report, DAYWIRE_ERROR_INVALID, set, "a withdrawn statement has none");
    if (statement->publish_at && !instant_is_sound(statement->publish_at))
        return refuse(report, DAYWIRE_ERROR_INVALID, "publish_at", "%s", expected);
    if (statement->expires_at && !instant_is_sound(statement->expires_at))
        return refuse(report, DAYWIRE_ERROR_INVALID, "expires_at", "%s", expected);
    if (statement->publish_at && statement->expires_at &&
        instant_from_timestamp(statement->expires_at) <= instant_from_timestamp(statement->publish_at))
        return refuse(report, DAYWIRE_ERROR_INVALID, "expires_at", "later than publish_at");
    if (statement->publish_at && !statement->published_at && !*statement->date)
        statement->published_at = instant_to_timestamp(instant_from_timestamp(statement->publish_at));
    return true;
}

static bool check_published_at(Statement *statement, Report report)
{
    const Google__Protobuf__Timestamp *at = statement->published_at;
    const int64_t day = 86400;
    int offset = statement->published_at_offset_minutes;
    if (!at) {
        statement->published_at_offset_minutes = 0;
        return true;
    }
    if (!instant_is_sound(at))
        return refuse(report, DAYWIRE_ERROR_INVALID, "published_at", "an instant in the years 0001 to 9999");
    if (offset < -1439 || offset > 1439)
        return refuse(report, DAYWIRE_ERROR_INVALID, "published_at", "an offset from -23:59 to +23:59");
    if (*statement->date)
        return true;
    int64_t local = at->seconds + (int64_t)offset * 60;
    int64_t date = local / day - (local % day < 0 ? 1 : 0);
    if (date < CIVIL_DATE_MIN || date > CIVIL_DATE_MAX)
        return refuse(report, DAYWIRE_ERROR_INVALID, "published_at", "an instant in the years 0001 to 9999");
    char text[CIVIL_DATE_TEXT_MAX];
    message_set_string(&statement->date, civil_date_format((CivilDate)date, text));
    return true;
}

static bool check_date(const Statement *statement, Report report)
{
    CivilDate date = 0;
    if (!*statement->date) {
        if (statement->status == STATEMENT_STATUS_WITHDRAWN)
            return true;
        return refuse(report, DAYWIRE_ERROR_INVALID, "date", "a statement needs this or published_at");
    }
    if (!civil_date_parse(statement->date, &date))
        return refuse(report, DAYWIRE_ERROR_INVALID, "date",
                      "a day of the calendar as YYYY-MM-DD, this one is \"%s\"", statement->date);
    return true;
}

bool statement_validate(Statement *statement, const char **ret_field, GError **error)
{
    const char *field = NULL;
    Report report = {.field = &field, .error = error};
    bool valid = check_texts(statement, report) && check_status(statement, report) &&
                 check_id(statement, report) && check_change(statement, report) &&
                 check_texts_present(statement, report) && check_body_type(statement, report) &&
                 check_language(statement, report) && check_url(statement, report) &&
                 check_tags(statement, report) && check_schedule(statement, report) &&
                 check_published_at(statement, report) && check_date(statement, report);
    if (!valid)
        *ret_field = field;
    return valid;
}
