/* SPDX-License-Identifier: Apache-2.0 */
#include "common/tick_json.h"

#include "common/instant.h"

static json_t *text_or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static json_t *instant_or_null(const Google__Protobuf__Timestamp *timestamp)
{
    if (!timestamp)
        return json_null();
    char text[INSTANT_TEXT_MAX];
    return json_string(instant_format(instant_from_timestamp(timestamp), 0, text));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted by language, so that equal ticks are equal texts. */
static json_t *labels_to_json(const Tick *tick)
{
    g_autofree const char **languages = g_new(const char *, tick->n_label + 1);
    for (size_t i = 0; i < tick->n_label; i++)
        languages[i] = tick->label[i]->key;
    qsort(languages, tick->n_label, sizeof(*languages), compare_texts);
    json_t *labels = json_object();
    for (size_t i = 0; i < tick->n_label; i++)
        json_object_set_new(labels, languages[i], json_string(tick_label(tick, languages[i])));
    return labels;
}

static json_t *elapsed_to_json(const Daywire__V1__Elapsed *elapsed)
{
    if (!elapsed)
        return json_null();
    return json_pack("{s:I, s:I, s:I}", "years", (json_int_t)elapsed->years, "months",
                     (json_int_t)elapsed->months, "days", (json_int_t)elapsed->days);
}

json_t *tick_to_json(const Tick *tick)
{
    json_t *object = json_object();
    json_object_set_new(object, "counter", text_or_null(tick->counter));
    json_object_set_new(object, "revision", json_integer(tick->revision));
    json_object_set_new(object, "days", json_integer(tick->days));
    json_object_set_new(object, "date", text_or_null(tick->date));
    json_object_set_new(object, "since", text_or_null(tick->since));
    json_object_set_new(object, "until", text_or_null(tick->until));
    json_object_set_new(object, "time_zone", text_or_null(tick->time_zone));
    json_object_set_new(object, "label", labels_to_json(tick));
    json_object_set_new(object, "elapsed", elapsed_to_json(tick->elapsed));
    json_object_set_new(object, "anniversary",
                        tick->anniversary ? json_integer(tick->anniversary) : json_null());
    json_object_set_new(object, "milestone", json_boolean(tick->milestone));
    json_object_set_new(object, "effective_at", instant_or_null(tick->effective_at));
    json_object_set_new(object, "next_at", instant_or_null(tick->next_at));
    json_object_set_new(object, "emitted_at", instant_or_null(tick->emitted_at));
    json_object_set_new(object, "late", json_boolean(tick->late));
    return object;
}
