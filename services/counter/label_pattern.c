/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax is the one of ICU's MessageFormat (apostrophes as in its default mode, DOUBLE_OPTIONAL):
 *
 *     message   = (text | quoted | argument)*
 *     quoted    = ' before { or }, or # in a plural; up to the next '
 *     argument  = { name } | { name , type } | { name , type , style }
 *     style     = of plural and selectordinal: [offset:n] (selector { message })+; else any text with braces in pairs
 *
 * Names become numbers in the order of their first use. Numbers must have no gap: ICU would take a pointer
 * from the variable arguments for each number that does not occur. For the same reason "number, integer"
 * loses its style, for which ICU would take an int (values are whole, so that it makes no difference), and
 * arguments without a type, for which it would take a string, get one. Everything that could not be formatted
 * afterwards is refused here, with its place. */
#include "counter/label_pattern.h"

#include <string.h>

#include "common/nearest.h"
#include "common/error.h"

#define DEPTH_MAX 8
#define QUOTE_MAX 24 /* characters of a pattern in a message */

typedef struct {
    const char *pattern;
    size_t at;
    LabelArgumentSet arguments;
    LabelPattern *result;
    GError **error;
} Rewriter;

static const char *const names[] = {"days",      "weeks", "years", "months", "anniversary",
                                    "remaining", "date",  "since", "until",  NULL};
static const char *const number_types[] = {"number", "plural", "selectordinal", "spellout", "ordinal", NULL};
static const char *const date_types[] = {"date", NULL};
static const char *const plural_keywords[] = {"zero", "one", "two", "few", "many", "other", NULL};

void label_pattern_set_error(GError **error, const char *pattern, size_t at, const char *reason)
{
    long character = g_utf8_strlen(pattern, (gssize)at) + 1;
    const char *end = pattern + at;
    for (int i = 0; i < QUOTE_MAX && *end; i++)
        end = g_utf8_next_char(end);
    g_autofree char *rest = g_strndup(pattern + at, (gsize)(end - pattern) - at);
    if (*rest)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s, at character %ld: %s%s", reason,
                    character, rest, *end ? "…" : "");
    else
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s, at its end", reason);
}

G_GNUC_PRINTF(3, 4)
static bool refuse(const Rewriter *r, size_t at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    label_pattern_set_error(r->error, r->pattern, at, reason);
    return false;
}

static char peek(const Rewriter *r)
{
    return r->pattern[r->at];
}

/* Text that comes from the place where the rewriter stands. */
static void emit(Rewriter *r, const char *text)
{
    g_string_append(r->result->text, text);
    for (; *text; text++)
        g_array_append_val(r->result->origins, r->at);
}

static void copy(Rewriter *r)
{
    g_string_append_c(r->result->text, peek(r));
    g_array_append_val(r->result->origins, r->at);
    r->at++;
}

static void skip_space(Rewriter *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

/* The word at the place, which is moved behind it. g_free it. */
static char *take_word(Rewriter *r)
{
    size_t start = r->at;
    while (g_ascii_isalnum(peek(r)) || peek(r) == '_' || peek(r) == '-')
        r->at++;
    return g_strndup(r->pattern + start, r->at - start);
}

static bool refuse_word(const Rewriter *r, size_t at, const char *what, const char *word,
                        const char *const *allowed)
{
    g_autofree char *list = g_strjoinv(", ", (char **)allowed);
    const char *nearest = nearest_name(word, allowed);
    if (nearest)
        return refuse(r, at, "%s \"%.40s\" is unknown, did you mean \"%s\"?", what, word, nearest);
    return refuse(r, at, "%s \"%.40s\" is none of: %s", what, word, list);
}

static bool rewrite_message(Rewriter *r, int depth, bool in_plural);

/* From the apostrophe that begins quoted text to the one that ends it. Two in a row are one in the text. */
static bool copy_quoted(Rewriter *r)
{
    size_t start = r->at;
    copy(r);
    while (peek(r)) {
        bool ends = peek(r) == '\'';
        copy(r);
        if (ends && peek(r) != '\'')
            return true;
        if (ends)
            copy(r);
    }
    return refuse(r, start, "the text quoted by ' does not end (an apostrophe before a brace is written '')");
}

static bool copy_apostrophe(Rewriter *r, bool in_plural)
{
    char next = r->pattern[r->at + 1];
    if (next == '{' || next == '}' || (next == '#' && in_plural))
        return copy_quoted(r);
    copy(r);
    if (next == '\'')
        copy(r);
    return true;
}

/* The style of a simple type, up to the brace that ends the argument. All apostrophes quote here. */
static bool rewrite_simple_style(Rewriter *r, size_t start, const char *type)
{
    size_t from = r->at, origin_length = r->result->text->len;
    int open = 0;
    emit(r, ",");
    skip_space(r); /* ICU would make it part of a date's pattern */
    while (peek(r) && (open > 0 || peek(r) != '}')) {
        if (peek(r) == '\'') {
            if (!copy_quoted(r))
                return false;
            continue;
        }
        open += (peek(r) == '{') - (peek(r) == '}');
        copy(r);
    }
    if (!peek(r))
        return refuse(r, start, "the argument's } is missing");
    g_autofree char *style = g_strstrip(g_strndup(r->pattern + from, r->at - from));
    if (strcmp(type, "number") == 0 && g_ascii_strcasecmp(style, "integer") == 0) {
        g_string_truncate(r->result->text, origin_length);
        g_array_set_size(r->result->origins, (guint)origin_length);
    }
    return true;
}

static bool rewrite_offset(Rewriter *r)
{
    static const char offset[] = "offset:";
    skip_space(r);
    if (!g_str_has_prefix(r->pattern + r->at, offset))
        return true;
    for (size_t i = 0; i < strlen(offset); i++)
        copy(r);
    if (!g_ascii_isdigit(peek(r)))
        return refuse(r, r->at, "offset: is followed by a whole number");
    while (g_ascii_isdigit(peek(r)))
        copy(r);
    emit(r, " ");
    return true;
}

/* "one" or "=1"; *ret_other when it is "other". */
static bool rewrite_selector(Rewriter *r, bool *ret_other)
{
    size_t start = r->at;
    if (peek(r) == '=') {
        copy(r);
        if (!g_ascii_isdigit(peek(r)))
            return refuse(r, start, "= is followed by a whole number");
        while (g_ascii_isdigit(peek(r)))
            copy(r);
        return true;
    }
    g_autofree char *keyword = take_word(r);
    if (!g_strv_contains(plural_keywords, keyword))
        return refuse_word(r, start, "the plural form", keyword, plural_keywords);
    r->at = start;
    emit(r, keyword);
    r->at = start + strlen(keyword);
    *ret_other |= strcmp(keyword, "other") == 0;
    return true;
}

static bool rewrite_plural_style(Rewriter *r, size_t start, int depth)
{
    bool has_other = false;
    emit(r, ",");
    if (!rewrite_offset(r))
        return false;
    for (skip_space(r); peek(r) && peek(r) != '}'; skip_space(r)) {
        if (!rewrite_selector(r, &has_other))
            return false;
        skip_space(r);
        size_t open = r->at;
        if (peek(r) != '{')
            return refuse(r, open, "a plural form is followed by its text in braces");
        copy(r);
        if (!rewrite_message(r, depth + 1, true))
            return false;
        if (!peek(r))
            return refuse(r, open, "the } of this { is missing");
        copy(r);
    }
    if (!peek(r))
        return refuse(r, start, "the argument's } is missing");
    return has_other || refuse(r, start, "the form \"other\" is missing, which every plural must have");
}

/* The number that stands for the argument. */
static size_t number_of(LabelPattern *result, LabelArgument argument)
{
    for (size_t i = 0; i < result->count; i++)
        if (result->order[i] == argument)
            return i;
    result->order[result->count] = argument;
    return result->count++;
}

/* The names of the arguments that there are. */
static void list_names(LabelArgumentSet arguments, const char *ret_names[static LABEL_ARGUMENTS + 1])
{
    size_t count = 0;
    for (size_t i = 0; i < LABEL_ARGUMENTS; i++)
        if (arguments & 1u << i)
            ret_names[count++] = names[i];
    ret_names[count] = NULL;
}

static bool take_name(Rewriter *r, LabelArgument *ret_argument)
{
    size_t start = r->at;
    const char *allowed[LABEL_ARGUMENTS + 1];
    list_names(r->arguments, allowed);
    g_autofree char *name = take_word(r);
    for (size_t i = 0; i < LABEL_ARGUMENTS; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *ret_argument = (LabelArgument)i;
        if (r->arguments & 1u << i)
            return true;
        g_autofree char *list = g_strjoinv(", ", (char **)allowed);
        return refuse(r, start, "the argument \"%s\" is not there: the counter has %s", name, list);
    }
    return refuse_word(r, start, "the argument", name, allowed);
}

static bool rewrite_type(Rewriter *r, size_t start, int depth, bool is_date)
{
    const char *const *allowed = is_date ? date_types : number_types;
    skip_space(r);
    size_t type_start = r->at;
    g_autofree char *type = take_word(r);
    if (!g_strv_contains(allowed, type))
        return refuse_word(r, type_start, is_date ? "for a date the type" : "for a number the type", type,
                           allowed);
    r->at = type_start;
    emit(r, type);
    r->at = type_start + strlen(type);
    skip_space(r);
    bool plural = strcmp(type, "plural") == 0 || strcmp(type, "selectordinal") == 0;
    if (peek(r) == '}' && !plural)
        return true;
    if (peek(r) != ',')
        return refuse(r, r->at,
                      plural ? "a plural is followed by , and its forms"
                             : "there is no , or } after the type");
    r->at++;
    return plural ? rewrite_plural_style(r, start, depth) : rewrite_simple_style(r, start, type);
}

/* From { to }. */
static bool rewrite_argument(Rewriter *r, int depth)
{
    size_t start = r->at;
    LabelArgument argument = LABEL_DAYS;
    if (depth >= DEPTH_MAX)
        return refuse(r, start, "arguments are nested more than %d deep", DEPTH_MAX);
    copy(r);
    skip_space(r);
    if (!take_name(r, &argument))
        return false;
    bool is_date = argument >= LABEL_DATE;
    g_autofree char *number = g_strdup_printf("%zu,", number_of(r->result, argument));
    emit(r, number);
    skip_space(r);
    if (peek(r) == '}') {
        emit(r, is_date ? "date,long" : "number");
    } else if (peek(r) == ',') {
        r->at++;
        if (!rewrite_type(r, start, depth, is_date))
            return false;
    } else {
        return refuse(r, r->at, "there is no , or } after the name of the argument");
    }
    copy(r);
    return true;
}

/* Up to the end, or to the } that ends a plural's form; the caller looks which it is. */
static bool rewrite_message(Rewriter *r, int depth, bool in_plural)
{
    while (peek(r)) {
        bool good = true;
        if (peek(r) == '\'')
            good = copy_apostrophe(r, in_plural);
        else if (peek(r) == '{')
            good = rewrite_argument(r, depth);
        else if (peek(r) == '}')
            return depth > 0 || refuse(r, r->at, "there is no { for this } (a brace as text is written '}')");
        else
            copy(r);
        if (!good)
            return false;
    }
    return true;
}

bool label_pattern_rewrite(const char *pattern, LabelArgumentSet arguments, LabelPattern *ret_pattern,
                           GError **error)
{
    LabelPattern result = {
        .text = g_string_new(NULL),
        .origins = g_array_new(FALSE, FALSE, sizeof(size_t)),
    };
    Rewriter rewriter = {.pattern = pattern, .arguments = arguments, .result = &result, .error = error};
    if (!rewrite_message(&rewriter, 0, false)) {
        label_pattern_clear(&result);
        return false;
    }
    *ret_pattern = result;
    return true;
}

void label_pattern_clear(LabelPattern *pattern)
{
    if (pattern->text)
        g_string_free(pattern->text, TRUE);
    if (pattern->origins)
        g_array_unref(pattern->origins);
    *pattern = (LabelPattern){0};
}
