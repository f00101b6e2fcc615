/* SPDX-License-Identifier: Apache-2.0 */
/* A line is built in memory and handed over in one write(2), so that lines of threads, and of processes that
 * share standard error, do not mix (the kernel promises it for pipes up to PIPE_BUF).
 *
 * Values come from outside. Both forms write them as JSON strings (a logfmt value that needs no quotes goes
 * without), in which control characters, the invisible ones of Unicode that can turn a line around included,
 * are escapes; invalid UTF-8 is replaced; a value is cut at VALUE_MAX. A line that cannot be written is lost:
 * a log must not stop the service. */
#include "common/log.h"

#include <errno.h>

#include "common/instant.h"

#define VALUE_MAX 4000 /* bytes of a value */

static const char *const level_names[] = {"debug", "info", "warning", "error"};

static const char *the_program = "daywire";
static LogFormat the_format = LOG_FORMAT_TEXT;
static LogLevel the_least = LOG_LEVEL_INFO;

static bool is_invisible(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return true;
    default:
        return false;
    }
}

static void append_escape(GString *line, gunichar c)
{
    if (c == '\n')
        g_string_append(line, "\\n");
    else if (c == '\r')
        g_string_append(line, "\\r");
    else if (c == '\t')
        g_string_append(line, "\\t");
    else if (c <= 0xffff)
        g_string_append_printf(line, "\\u%04x", c);
    else
        g_string_append_printf(line, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
}

static void append_json_string(GString *line, const char *text)
{
    size_t length = strnlen(text, VALUE_MAX + 1);
    bool cut = length > VALUE_MAX;
    if (cut) /* not within a character */
        for (length = VALUE_MAX; length > VALUE_MAX - 4 && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    g_string_append_c(line, '"');
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '"' || c == '\\')
            g_string_append_printf(line, "\\%c", (char)c);
        else if (is_invisible(c))
            append_escape(line, c);
        else
            g_string_append_unichar(line, c);
    }
    g_string_append(line, cut ? "…\"" : "\"");
}

/* Whether logfmt can do without quotes. */
static bool is_bare(const char *text)
{
    size_t length = 0;
    for (; text[length]; length++)
        if (length >= VALUE_MAX || !g_ascii_isgraph(text[length]) || strchr("\"=\\", text[length]))
            return false;
    return length > 0;
}

static void append_name(GString *line, const char *name)
{
    if (the_format == LOG_FORMAT_TEXT) {
        g_string_append_printf(line, "%s%s=", line->len ? " " : "", name);
        return;
    }
    g_string_append_c(line, line->len ? ',' : '{');
    append_json_string(line, name);
    g_string_append_c(line, ':');
}

static void append_text(GString *line, const char *name, const char *text)
{
    append_name(line, name);
    if (the_format == LOG_FORMAT_TEXT && is_bare(text))
        g_string_append(line, text);
    else
        append_json_string(line, text);
}

static void append_now(GString *line)
{
    char text[INSTANT_TEXT_MAX];
    Instant now = g_get_real_time();
    Instant second = now - now % INSTANT_SECOND;
    instant_format(second, 0, text);
    size_t without_z = strlen(text) - 1;
    g_snprintf(text + without_z, sizeof(text) - without_z, ".%03dZ", (int)((now - second) / 1000));
    append_text(line, "time", text);
}

static void write_line(const GString *line)
{
    size_t done = 0;
    while (done < line->len) {
        ssize_t count = write(STDERR_FILENO, line->str + done, line->len - done);
        if (count < 0 && errno != EINTR)
            return;
        if (count > 0)
            done += (size_t)count;
    }
}

bool log_enabled(LogLevel level)
{
    return level >= the_least;
}

void log_write(LogLevel level, const char *message, const LogField *fields)
{
    if (!log_enabled(level))
        return;
    int caller_errno = errno;
    g_autoptr(GString) line = g_string_sized_new(256);
    append_now(line);
    append_text(line, "level", level_names[level]);
    append_text(line, "program", the_program);
    append_text(line, the_format == LOG_FORMAT_TEXT ? "msg" : "message", message);
    for (; fields && fields->name; fields++) {
        if (fields->text) {
            append_text(line, fields->name, fields->text);
        } else {
            append_name(line, fields->name);
            g_string_append_printf(line, "%" G_GINT64_FORMAT, fields->number);
        }
    }
    g_string_append(line, the_format == LOG_FORMAT_TEXT ? "\n" : "}\n");
    write_line(line);
    errno = caller_errno;
}

static LogLevel level_of_glib(GLogLevelFlags flags)
{
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return LOG_LEVEL_ERROR;
    if (flags & G_LOG_LEVEL_WARNING)
        return LOG_LEVEL_WARNING;
    return flags & G_LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static char *glib_field(const GLogField *fields, gsize count, const char *key)
{
    for (gsize i = 0; i < count; i++)
        if (g_str_equal(fields[i].key, key))
            return fields[i].length < 0 ? g_strdup(fields[i].value)
                                        : g_strndup(fields[i].value, (gsize)fields[i].length);
    return g_strdup("");
}

/* GLib ends the process itself after this when the message was a fatal one. */
static GLogWriterOutput write_glib(GLogLevelFlags flags, const GLogField *fields, gsize count,
                                   gpointer user G_GNUC_UNUSED)
{
    if (log_enabled(level_of_glib(flags))) {
        g_autofree char *domain = glib_field(fields, count, "GLIB_DOMAIN");
        g_autofree char *text = glib_field(fields, count, "MESSAGE");
        log_write(level_of_glib(flags), "message of a library",
                  (LogField[]){LOG_STR("library", domain), LOG_STR("text", text), {0}});
    }
    return G_LOG_WRITER_HANDLED;
}

void log_init(const char *program, LogFormat format, LogLevel least)
{
    static bool directed = false; /* GLib takes one writer in the life of a process */
    the_program = program;
    the_format = format;
    the_least = least;
    if (!directed)
        g_log_set_writer_func(write_glib, NULL, NULL);
    directed = true;
}
