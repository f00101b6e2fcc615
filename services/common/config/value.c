/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/value.h"

#include <arpa/inet.h>

#include "common/civil_date.h"
#include "common/nearest.h"
#include "common/error.h"
#include "common/zone.h"

#define QUOTE_MAX 60 /* characters of a value in a message */

typedef struct {
    const char *suffix;
    int64_t factor;
} Unit;

/* From large to small, as the formatter needs them. */
static const Unit duration_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                                      {"s", 1000},     {"ms", 1},      {NULL, 0}};
static const Unit size_units[] = {
    {"G", INT64_C(1) << 30}, {"M", INT64_C(1) << 20}, {"K", INT64_C(1) << 10}, {"", 1}, {NULL, 0}};

char *value_quote(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *quoted = g_string_new("\"");
    int count = 0;
    const char *at = valid;
    for (; *at && count < QUOTE_MAX; at = g_utf8_next_char(at), count++) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(quoted, g_unichar_isprint(c) ? c : 0xfffd);
    }
    g_string_append(quoted, *at ? "…\"" : "\"");
    return g_string_free(quoted, FALSE);
}

G_GNUC_PRINTF(3, 4)
static bool refuse(GError **error, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *wanted = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *quoted = value_quote(text);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s is not %s", quoted, wanted);
    return false;
}

/* Digits and one of the units. A number without unit has the unit "", or is 0. */
static bool parse_with_unit(const char *text, const Unit *units, int64_t *number)
{
    size_t digits = strspn(text, "0123456789");
    g_autofree char *head = g_strndup(text, digits);
    gint64 count = 0;
    if (!g_ascii_string_to_signed(head, 10, 0, G_MAXINT64, &count, NULL))
        return false;
    if (count == 0 && text[digits] == '\0') {
        *number = 0;
        return true;
    }
    for (; units->suffix; units++)
        if (strcmp(text + digits, units->suffix) == 0)
            return !__builtin_mul_overflow(count, units->factor, number);
    return false;
}

static char *format_with_unit(int64_t number, const Unit *units)
{
    while (units[1].suffix && (number % units->factor != 0 || number < units->factor))
        units++;
    return g_strdup_printf("%" G_GINT64_FORMAT "%s", number / units->factor, number ? units->suffix : "");
}

static bool parse_number(const Option *option, const char *text, int64_t *number, GError **error)
{
    bool good = false;
    const char *what = "a whole number";
    switch (option->type) {
    case OPTION_DURATION:
        good = parse_with_unit(text, duration_units, number);
        what = "a duration (250ms, 5s, 5m, 2h, 1d)";
        break;
    case OPTION_SIZE:
        good = parse_with_unit(text, size_units, number);
        what = "a size in bytes (4096, 64K, 10M, 1G)";
        break;
    default: {
        gint64 value = 0;
        good = g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &value, NULL);
        *number = value;
    }
    }
    if (good && *number >= option->least && *number <= option->most)
        return true;
    g_autofree char *allowed = option_allowed(option);
    return refuse(error, text, "%s from %s", what, allowed);
}

static bool parse_boolean(const char *text, int64_t *number, GError **error)
{
    *number = strcmp(text, "true") == 0;
    return *number || strcmp(text, "false") == 0 || refuse(error, text, "true or false");
}

static bool parse_choice(const Option *option, const char *text, GError **error)
{
    g_auto(GStrv) choices = g_strsplit(option->choices, "|", -1);
    if (g_strv_contains((const char *const *)choices, text))
        return true;
    g_autofree char *allowed = option_allowed(option);
    const char *nearest = nearest_name(text, (const char *const *)choices);
    return nearest ? refuse(error, text, "%s; did you mean \"%s\"?", allowed, nearest)
                   : refuse(error, text, "%s", allowed);
}

/* An address to listen on is a number: a name could stand for several. */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    if (!colon)
        return false;
    guint64 port = 0;
    size_t digits = strspn(colon + 1, "0123456789"); /* the number alone: no sign */
    if (colon[1 + digits] != '\0' || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
        return false;
    unsigned char binary[sizeof(struct in6_addr)];
    g_autofree char *host = g_strndup(text, (gsize)(colon - text));
    size_t length = strlen(host);
    if (host[0] != '[')
        return inet_pton(AF_INET, host, binary) == 1;
    if (host[length - 1] != ']')
        return false;
    host[length - 1] = '\0';
    return inet_pton(AF_INET6, host + 1, binary) == 1;
}

/* What is wrong with the file is told when there is one. */
static bool check_zone(const char *name, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(Zone) zone = zone_new(name, &problem);
    if (zone)
        return true;
    g_autofree char *path = zone_name_is_valid(name) ? zone_path(name) : NULL;
    if (!path || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return refuse(error, name, "a time zone that this system knows (Europe/London)");
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

bool option_parse(const Option *option, const char *text, int64_t *ret_number, GError **error)
{
    int64_t number = 0;
    CivilDate date = 0;
    bool good = true;
    switch (option->type) {
    case OPTION_STRING:
    case OPTION_PATH:
        break;
    case OPTION_ADDRESS:
        good = is_address(text) || refuse(error, text, "address:port (127.0.0.1:8080, [::1]:8080)");
        break;
    case OPTION_CHOICE:
        good = parse_choice(option, text, error);
        break;
    case OPTION_BOOLEAN:
        good = parse_boolean(text, &number, error);
        break;
    case OPTION_INTEGER:
    case OPTION_DURATION:
    case OPTION_SIZE:
        good = parse_number(option, text, &number, error);
        break;
    case OPTION_DATE:
        good = civil_date_parse(text, &date) || refuse(error, text, "a date (YYYY-MM-DD)");
        break;
    case OPTION_ZONE:
        good = check_zone(text, error);
        break;
    }
    if (good)
        *ret_number = number;
    return good;
}

const char *option_placeholder(const Option *option)
{
    static const char *const placeholders[] = {
        [OPTION_STRING] = "TEXT",       [OPTION_PATH] = "PATH",      [OPTION_ADDRESS] = "ADDRESS:PORT",
        [OPTION_CHOICE] = "CHOICE",     [OPTION_INTEGER] = "NUMBER", [OPTION_BOOLEAN] = "true|false",
        [OPTION_DURATION] = "DURATION", [OPTION_SIZE] = "SIZE",      [OPTION_DATE] = "DATE",
        [OPTION_ZONE] = "ZONE",
    };
    return option->type == OPTION_CHOICE ? option->choices : placeholders[option->type];
}

char *option_allowed(const Option *option)
{
    g_autofree char *least = NULL, *most = NULL;
    switch (option->type) {
    case OPTION_CHOICE: {
        g_auto(GStrv) choices = g_strsplit(option->choices, "|", -1);
        return g_strjoinv(" or ", choices);
    }
    case OPTION_INTEGER:
        return g_strdup_printf("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option->least, option->most);
    case OPTION_DURATION:
        least = format_with_unit(option->least, duration_units);
        most = format_with_unit(option->most, duration_units);
        break;
    case OPTION_SIZE:
        least = format_with_unit(option->least, size_units);
        most = format_with_unit(option->most, size_units);
        break;
    default:
        return NULL;
    }
    return g_strdup_printf("%s to %s", least, most);
}
