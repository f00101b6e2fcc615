/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/stream_query.h"

#include "common/error.h"

typedef struct {
    ClientMessage *message;
    bool has_since, has_last;
} Parse;

static bool take_channel(Parse *parse, const char *value, GError **error)
{
    Channel channel = 0;

    if (!channel_parse(value, &channel))
        return error_refuse(error, "channels: there is no channel '%s'; it takes statements and ticks",
                            value);
    parse->message->channels |= channel;
    return true;
}

static bool take_list(Parse *parse, const char *name, const char *list, GError **error)
{
    g_auto(GStrv) values = g_strsplit(list, ",", FILTER_VALUES_MAX + 2);
    bool good = true;

    if (*values == NULL)
        return error_refuse(error, "%s: has no value", name);
    for (char **value = values; good && *value != NULL; value++) {
        if (strcmp(name, "channels") == 0) {
            good = take_channel(parse, *value, error);
            continue;
        }
        if (parse->message->filter == NULL)
            parse->message->filter = filter_new();
        good = filter_add(parse->message->filter, name, *value, error);
    }
    return good;
}

static bool take_last(Parse *parse, const char *value, GError **error)
{
    guint64 last = 0;

    if (parse->has_last)
        return error_refuse(error, "last: is given twice");
    if (!g_ascii_string_to_unsigned(value, 10, 0, SUBSCRIBE_LAST_MAX, &last, NULL))
        return error_refuse(error, "last: '%s' is not a number from 0 to " G_STRINGIFY(SUBSCRIBE_LAST_MAX),
                            value);
    parse->has_last = true;
    parse->message->last = (unsigned)last;
    return true;
}

static bool take_since(Parse *parse, const char *value, GError **error)
{
    if (parse->has_since)
        return error_refuse(error, "since: is given twice");
    parse->has_since = true;
    if (*value != '\0')
        parse->message->since = g_strdup(value);
    return true;
}

static bool take_parameter(Parse *parse, const char *parameter, GError **error)
{
    static const char *const lists[] = {"channels", "counter", "source", "tag", "language", "kind", NULL};
    size_t length = strcspn(parameter, "=");
    g_autofree char *name = g_strndup(parameter, length);
    const char *value = parameter[length] == '=' ? parameter + length + 1 : "";

    if (!g_utf8_validate(parameter, -1, NULL))
        return error_refuse(error, "the query is not UTF-8 text");
    if (g_strv_contains(lists, name))
        return take_list(parse, name, value, error);
    if (strcmp(name, "last") == 0)
        return take_last(parse, value, error);
    if (strcmp(name, "since") == 0)
        return take_since(parse, value, error);
    return error_refuse(error, "%s: there is no such parameter", name);
}

bool stream_query_parse(const char *const *parameters, ClientMessage **ret_message, GError **error)
{
    Parse parse = {.message = NULL};
    bool good = true;

    if (*parameters == NULL) {
        *ret_message = NULL;
        return true;
    }
    parse.message = g_new0(ClientMessage, 1);
    parse.message->type = CLIENT_SUBSCRIBE;
    for (const char *const *parameter = parameters; good && *parameter != NULL; parameter++)
        good = take_parameter(&parse, *parameter, error);
    if (good && parse.message->channels == 0)
        good = error_refuse(error, "channels: is missing; it takes statements, ticks or both");
    if (good)
        *ret_message = parse.message;
    else
        client_message_free(parse.message);
    return good;
}
