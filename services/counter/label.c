/* SPDX-License-Identifier: Apache-2.0 */
/* ICU formats a date for a time zone. Here a date is the midnight with which it begins in UTC, and the
 * keyword "timezone" of the locale makes ICU format it for UTC, whatever zone the process runs in.
 *
 * A format of ICU takes many times the memory of all else that a counter has, and microseconds to make. Hence it is
 * made when it is needed. */
#include "counter/label.h"

#include <string.h>

#include <unicode/uloc.h>
#include <unicode/umsg.h>
#include <unicode/ustring.h>

#include "common/error.h"

#define LANGUAGE_MAX     35 /* characters of a tag: RFC 5646, 4.4.1 */
#define LOCALE_MAX       128
#define REWRITTEN_MAX    (3 * LABEL_PATTERN_MAX) /* no argument grows more */
#define SCALE            "scale/"
#define SCALE_MAX_LENGTH 20
#define MS_PER_DAY       86400000.0
#define DAYS_PER_WEEK    7

struct Label {
    char *language;
    char *locale;
    UChar *text; /* the pattern, rewritten */
    int32_t length;
    LabelArgument order[LABEL_ARGUMENTS];
};

typedef UMessageFormat MessageFormat;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageFormat, umsg_close)

/* --- the language --- */

/* `language` in its usual case, and ICU's name of it. */
static bool find_locale(const char *language, char *tag, char *locale, GError **error)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;
    char subtag[ULOC_LANG_CAPACITY];
    size_t length = strlen(language);
    if (length <= LANGUAGE_MAX) {
        uloc_forLanguageTag(language, locale, LOCALE_MAX, &parsed, &status);
        uloc_toLanguageTag(locale, tag, LANGUAGE_MAX + 1, TRUE, &status);
        uloc_getLanguage(locale, subtag, sizeof(subtag), &status);
        /* No language has a registered name of 4 to 8 letters: "english" is a mistake. */
        if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING && (size_t)parsed == length &&
            strlen(subtag) >= 2 && strlen(subtag) <= 3)
            return true;
    }
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "\"%.40s\" is no language tag (en, de, pt-BR)",
                language);
    return false;
}

static bool add_utc(char *locale, GError **error)
{
    UErrorCode status = U_ZERO_ERROR;
    uloc_setKeywordValue("timezone", "utc", locale, LOCALE_MAX, &status);
    if (U_SUCCESS(status))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "ICU: %s", u_errorName(status));
    return false;
}

/* --- the pattern --- */

/* What ICU says about a pattern that we have no complaint about: mostly the style of a number or a date. */
static void set_icu_error(GError **error, const char *pattern, const LabelPattern *rewritten,
                          const UChar *text, const UParseError *place, UErrorCode status)
{
    int32_t bytes = 0;
    UErrorCode ignored = U_ZERO_ERROR;
    size_t at = 0;
    g_autofree char *reason =
        g_strdup_printf("ICU cannot use it as a pattern for messages (%s)", u_errorName(status));
    if (place->offset > 0) {
        u_strToUTF8(NULL, 0, &bytes, text, place->offset, &ignored);
        if ((guint)bytes < rewritten->origins->len)
            at = g_array_index(rewritten->origins, size_t, bytes);
    }
    label_pattern_set_error(error, pattern, at, reason);
}

static void set_text(Label *label, const GString *text)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[REWRITTEN_MAX]; /* never more units than bytes */
    u_strFromUTF8(units, REWRITTEN_MAX, &label->length, text->str, (int32_t)text->len, &status);
    g_assert(U_SUCCESS(status)); /* the configuration is valid UTF-8 */
    label->text = g_memdup2(units, (gsize)label->length * sizeof(UChar));
}

/* NULL with what ICU says. */
static UMessageFormat *open_format(const Label *label, UParseError *place, UErrorCode *status)
{
    *status = U_ZERO_ERROR;
    g_autoptr(MessageFormat) format = umsg_open(label->text, label->length, label->locale, place, status);
    return U_SUCCESS(*status) ? g_steal_pointer(&format) : NULL; /* ICU gives one all the same */
}

/* ICU takes scale/1e999999999 and writes as many zeros. */
static bool check_scales(const char *pattern, GError **error)
{
    for (const char *at = strstr(pattern, SCALE); at; at = strstr(at, SCALE)) {
        at += strlen(SCALE);
        size_t length = strspn(at, "-.0123456789");
        if (length > SCALE_MAX_LENGTH || at[length] == 'e' || at[length] == 'E') {
            label_pattern_set_error(error, pattern, (size_t)(at - pattern),
                                    "a scale is a number without exponent, not longer than 20 characters");
            return false;
        }
    }
    return true;
}

static bool check_pattern(const char *pattern, GError **error)
{
    if (strlen(pattern) > LABEL_PATTERN_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "it is longer than %d bytes",
                    LABEL_PATTERN_MAX);
        return false;
    }
    for (const char *at = pattern; *at; at = g_utf8_next_char(at)) {
        if (g_unichar_iscntrl(g_utf8_get_char(at))) {
            label_pattern_set_error(error, pattern, (size_t)(at - pattern), "a control character");
            return false;
        }
    }
    return check_scales(pattern, error);
}

/* --- formatting --- */

static double argument_value(LabelArgument argument, const LabelValues *values)
{
    const int32_t weeks = values->days / DAYS_PER_WEEK;
    switch (argument) {
    case LABEL_DAYS:
        return values->days;
    case LABEL_WEEKS:
        return weeks;
    case LABEL_YEARS:
        return values->elapsed.years;
    case LABEL_MONTHS:
        return values->elapsed.months;
    case LABEL_ANNIVERSARY:
        return values->anniversary;
    case LABEL_REMAINING:
        return values->remaining;
    case LABEL_DATE:
        return values->date * MS_PER_DAY;
    case LABEL_SINCE:
        return values->since * MS_PER_DAY;
    default:
        return values->until * MS_PER_DAY;
    }
}

/* ICU reads as many of the arguments as the pattern has. */
static int32_t format_into(const UMessageFormat *format, const Label *label, const LabelValues *values,
                           UChar *text, int32_t capacity, UErrorCode *status)
{
    double a[LABEL_ARGUMENTS];
    for (size_t i = 0; i < LABEL_ARGUMENTS; i++)
        a[i] = argument_value(label->order[i], values);
    *status = U_ZERO_ERROR;
    return umsg_format(format, text, capacity, status, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
}

/* NULL when ICU fails. */
static char *format_text(const UMessageFormat *format, const Label *label, const LabelValues *values,
                         UErrorCode *status)
{
    int32_t length = format_into(format, label, values, NULL, 0, status);
    if (*status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(*status))
        return NULL;
    g_autoptr(GArray) units = g_array_sized_new(FALSE, FALSE, sizeof(UChar), (guint)length + 1);
    UChar *text = (UChar *)(void *)units->data;
    length = format_into(format, label, values, text, length + 1, status);
    return U_SUCCESS(*status) ? g_utf16_to_utf8((const gunichar2 *)text, length, NULL, NULL, NULL) : NULL;
}

/* With values of every kind, so that what cannot be formatted is known before the day comes. */
static bool check_format(const UMessageFormat *format, const Label *label, GError **error)
{
    static const LabelValues samples[] = {
        {.days = 0},
        {.days = 1, .remaining = 1, .elapsed = {0, 0, 1}, .date = 17000, .since = 16999, .until = 17001},
        {.days = -2, .remaining = 2, .elapsed = {0, 0, 2}, .date = 17000, .since = 17002, .until = 17002},
        {.days = 1238, .remaining = -1, .elapsed = {3, 4, 20}, .date = 18832, .since = 17594, .until = 18831},
        {.days = CIVIL_DATE_MAX,
         .remaining = CIVIL_DATE_MIN,
         .anniversary = 8030,
         .elapsed = {8030, 0, 0},
         .date = CIVIL_DATE_MAX,
         .since = CIVIL_DATE_MIN,
         .until = CIVIL_DATE_MIN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        UErrorCode status = U_ZERO_ERROR;
        g_autofree char *text = format_text(format, label, &samples[i], &status);
        if (!text) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "ICU cannot format %d days with it (%s)",
                        samples[i].days, u_errorName(status));
            return false;
        }
        if (strlen(text) > LABEL_TEXT_MAX) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                        "for %d days it makes more than %d bytes", samples[i].days, LABEL_TEXT_MAX);
            return false;
        }
    }
    return true;
}

static bool check_label(const Label *label, const char *pattern, const LabelPattern *rewritten,
                        GError **error)
{
    UErrorCode status = U_ZERO_ERROR;
    UParseError place = {0};
    g_autoptr(MessageFormat) format = open_format(label, &place, &status);
    if (format)
        return check_format(format, label, error);
    set_icu_error(error, pattern, rewritten, label->text, &place, status);
    return false;
}

/* --- labels --- */

char *label_language_tag(const char *language, GError **error)
{
    char tag[LANGUAGE_MAX + 1], locale[LOCALE_MAX];
    return find_locale(language, tag, locale, error) ? g_strdup(tag) : NULL;
}

Label *label_new(const char *language, const char *pattern, LabelArgumentSet arguments, GError **error)
{
    char tag[LANGUAGE_MAX + 1], locale[LOCALE_MAX];
    LabelPattern rewritten = {0};
    if (!find_locale(language, tag, locale, error) || !add_utc(locale, error) ||
        !check_pattern(pattern, error) || !label_pattern_rewrite(pattern, arguments, &rewritten, error))
        return NULL;
    g_autoptr(Label) label = g_new0(Label, 1);
    label->language = g_strdup(tag);
    label->locale = g_strdup(locale);
    memcpy(label->order, rewritten.order, sizeof(label->order));
    set_text(label, rewritten.text);
    bool good = check_label(label, pattern, &rewritten, error);
    label_pattern_clear(&rewritten);
    return good ? g_steal_pointer(&label) : NULL;
}

void label_free(Label *label)
{
    if (!label)
        return;
    g_free(label->language);
    g_free(label->locale);
    g_free(label->text);
    g_free(label);
}

const char *label_language(const Label *label)
{
    return label->language;
}

char *label_format(const Label *label, const LabelValues *values)
{
    UErrorCode status = U_ZERO_ERROR;
    UParseError place = {0};
    g_autoptr(MessageFormat) format = open_format(label, &place, &status);
    char *text = format ? format_text(format, label, values, &status) : NULL;
    if (!text)
        g_error("ICU formatted the label when it was loaded, and no more: %s", u_errorName(status));
    return text;
}
