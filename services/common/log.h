/* SPDX-License-Identifier: Apache-2.0 */
/* Structured log: one line an event on standard error, as text (logfmt) or JSON.
 *
 *     log_info("statement stored", LOG_STR("id", id), LOG_INT("revision", 2));
 *
 * The message is a constant sentence without values, so that events can be counted; values are fields.
 * Control characters in values are escaped: a line is always one line. Any thread may log. */
#ifndef DAYWIRE_COMMON_LOG_H
#define DAYWIRE_COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef enum { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR } LogLevel;
typedef enum { LOG_FORMAT_TEXT, LOG_FORMAT_JSON } LogFormat;

typedef struct {
    const char *name; /* NULL ends a list */
    const char *text; /* NULL: `number` is the value */
    int64_t number;
} LogField;

#define LOG_STR(name_, value_) ((LogField){.name = (name_), .text = (value_) ? (value_) : ""})
#define LOG_INT(name_, value_) ((LogField){.name = (name_), .number = (value_)})
#define LOG_ERROR(error_)      LOG_STR("error", (error_) ? (error_)->message : "unknown")

/* Before the first line: `program` is a field of every line and must stay valid. Also directs GLib's own
 * messages here. Not thread-safe; call it from main() before threads exist. */
void log_init(const char *program, LogFormat format, LogLevel least);

/* `fields` may be NULL. errno is kept, so that it can be logged and then looked at. */
void log_write(LogLevel level, const char *message, const LogField *fields);
/* Whether lines of this level are written: asks before costly values are made. */
bool log_enabled(LogLevel level);

#define log_debug(message, ...)                                                                              \
    log_write(LOG_LEVEL_DEBUG, message, (LogField[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_info(message, ...) log_write(LOG_LEVEL_INFO, message, (LogField[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_warning(message, ...)                                                                            \
    log_write(LOG_LEVEL_WARNING, message, (LogField[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_error(message, ...)                                                                              \
    log_write(LOG_LEVEL_ERROR, message, (LogField[]){__VA_ARGS__ __VA_OPT__(, ){0}})

#endif
