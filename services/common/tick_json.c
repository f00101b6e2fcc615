/* SPDX-License-Identifier: Apache-2.0 */
#include "common/tick_json.h"

#include "common/civil_date.h"
#include "common/error.h"
#include "common/json_fields.h"
#include "common/statement_rules.h"
#include "common/text.h"
#include "common/zone.h"

#define DAYS_MAX  (CIVIL_DATE_MAX - CIVIL_DATE_MIN)
#define YEARS_MAX 9998 /* between the years 1 and 9999 */

static bool set_counter(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (yyjson_is_str(value) && !id_is_valid(yyjson_get_str(value), COUNTER_ID_MAX))
        return error_refuse(error, "1 to %d characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone",
                            COUNTER_ID_MAX);
    return field_set_text(field, message, value, error);
}

static bool set_date(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    CivilDate date = 0;
    if (yyjson_is_str(value) && !civil_date_parse(yyjson_get_str(value), &date)) {
        g_autofree char *sent = text_excerpt(yyjson_get_str(value));
        return error_refuse(error, "a day of the calendar as YYYY-MM-DD, this one is \"%s\"", sent);
    }
    return field_set_text(field, message, value, error);
}

/* A newer tzdata than the one here may have written it. */
static bool set_time_zone(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (yyjson_is_str(value) && !zone_name_is_valid(yyjson_get_str(value))) {
        g_autofree char *sent = text_excerpt(yyjson_get_str(value));
        return error_refuse(error, "name of a time zone such as Europe/London, this one is \"%s\"", sent);
    }
    return field_set_text(field, message, value, error);
}

static yyjson_mut_val *get_number(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return yyjson_mut_int(doc, G_STRUCT_MEMBER(uint32_t, message, field->offset));
}

static yyjson_mut_val *get_number_if_set(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return G_STRUCT_MEMBER(uint32_t, message, field->offset) ? get_number(field, message, doc) : NULL;
}

static yyjson_mut_val *get_number_or_null(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return G_STRUCT_MEMBER(uint32_t, message, field->offset) ? get_number(field, message, doc)
                                                             : yyjson_mut_null(doc);
}

static bool set_number(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    int64_t number = 0;
    if (!field_read_integer(value, field->least, field->most, &number, error))
        return false;
    G_STRUCT_MEMBER(uint32_t, message, field->offset) = (uint32_t)number;
    return true;
}

static yyjson_mut_val *get_days(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return yyjson_mut_int(doc, G_STRUCT_MEMBER(int32_t, message, field->offset));
}

static bool set_days(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    int64_t days = 0;
    if (!field_read_integer(value, -DAYS_MAX, DAYS_MAX, &days, error))
        return false;
    G_STRUCT_MEMBER(int32_t, message, field->offset) = (int32_t)days;
    return true;
}

static bool has_both_dates(const Tick *tick)
{
    return *tick->since && *tick->until;
}

static yyjson_mut_val *get_remaining(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return has_both_dates(message) ? get_days(field, message, doc) : NULL;
}

static bool set_remaining(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (!has_both_dates(message))
        return error_refuse(error, "for a tick with both since and until");
    return set_days(field, message, value, error);
}

static yyjson_mut_val *get_text_if_set(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return *G_STRUCT_MEMBER(const char *, message, field->offset) ? field_get_text(field, message, doc)
                                                                  : NULL;
}

static bool set_count(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (yyjson_is_str(value) && strcmp(yyjson_get_str(value), TICK_COUNT_WEEKDAYS) != 0) {
        g_autofree char *sent = text_excerpt(yyjson_get_str(value));
        return error_refuse(error, TICK_COUNT_WEEKDAYS " or nothing, this one is \"%s\"", sent);
    }
    return field_set_text(field, message, value, error);
}

bool tick_group_is_valid(const char *name)
{
    if (!*name || !g_utf8_validate(name, -1, NULL) || g_utf8_strlen(name, -1) > TICK_GROUP_MAX)
        return false;
    for (const char *at = name; *at; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return false;
    return true;
}

static bool set_group(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (yyjson_is_str(value) && !tick_group_is_valid(yyjson_get_str(value)))
        return error_refuse(error, "1 to %d characters, no control characters", TICK_GROUP_MAX);
    return field_set_text(field, message, value, error);
}

static yyjson_mut_val *get_flag(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return yyjson_mut_bool(doc, G_STRUCT_MEMBER(protobuf_c_boolean, message, field->offset));
}

static bool set_flag(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    if (!yyjson_is_bool(value))
        return error_refuse(error, "true or false, this one is %s", field_type_name(value));
    G_STRUCT_MEMBER(protobuf_c_boolean, message, field->offset) = yyjson_is_true(value);
    return true;
}

static yyjson_mut_val *get_instant(const JsonField *field, const void *message, yyjson_mut_doc *doc)
{
    return field_instant_or_null(
        doc, G_STRUCT_MEMBER(const Google__Protobuf__Timestamp *, message, field->offset), 0);
}

static bool set_instant(const JsonField *field, void *message, yyjson_val *value, GError **error)
{
    Instant instant = 0;
    if (!field_read_instant(value, &instant, NULL, error))
        return false;
    G_STRUCT_MEMBER(Google__Protobuf__Timestamp *, message, field->offset) = instant_to_timestamp(instant);
    return true;
}

/* Sorted by language, so that equal ticks are equal texts. */
static yyjson_mut_val *get_label(const JsonField *field G_GNUC_UNUSED, const void *message,
                                 yyjson_mut_doc *doc)
{
    const Tick *tick = message;
    g_autofree const char **languages = g_new(const char *, tick->n_label + 1);
    for (size_t i = 0; i < tick->n_label; i++)
        languages[i] = tick->label[i]->key;
    qsort(languages, tick->n_label, sizeof(*languages), text_compare);
    yyjson_mut_val *labels = yyjson_mut_obj(doc);
    for (size_t i = 0; i < tick->n_label; i++) {
        if (i > 0 && strcmp(languages[i - 1], languages[i]) == 0)
            continue; /* a foreign encoder may write one twice */
        yyjson_mut_obj_add(labels, json_text(doc, languages[i]),
                           json_text(doc, tick_label(tick, languages[i])));
    }
    return labels;
}

static bool check_language(const char *language, GError **error)
{
    g_autofree char *tag = g_strdup(language);
    if (language_normalise(tag))
        return true;
    g_autofree char *sent = text_excerpt(language);
    return error_refuse(error, "by BCP 47 tags such as en or pt-BR, this one is \"%s\"", sent);
}

static bool set_label(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value, GError **error)
{
    if (!yyjson_is_obj(value))
        return error_refuse(error, "an object of strings by language, this one is %s",
                            field_type_name(value));
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *text = NULL;
    yyjson_obj_foreach(value, i, count, key, text)
    {
        const char *language = yyjson_get_str(key);
        if (!check_language(language, error))
            return false;
        if (!yyjson_is_str(text))
            return error_refuse(error, "an object of strings by language, %s is %s", language,
                                field_type_name(text));
        tick_add_label(message, language, yyjson_get_str(text));
    }
    return true;
}

#define FIELD(message_, name_, get_, set_, ...)                                                              \
    {                                                                                                        \
        .name = #name_, .offset = offsetof(message_, name_), .get = get_, .set = set_, __VA_ARGS__           \
    }
#define NEEDED(name_, get_, set_)   FIELD(Tick, name_, get_, set_, .needed = true)
#define OPTIONAL(name_, get_, set_) FIELD(Tick, name_, get_, set_, .needed = false)
#define NUMBER(message_, name_, least_, most_)                                                               \
    FIELD(message_, name_, get_number, set_number, .needed = true, .least = least_, .most = most_)

/* clang-format off */
static const JsonField elapsed_fields[] = {
    NUMBER(Daywire__V1__Elapsed, years, 0, YEARS_MAX),
    NUMBER(Daywire__V1__Elapsed, months, 0, 11),
    NUMBER(Daywire__V1__Elapsed, days, 0, 30),
};
/* clang-format on */

static const JsonForm elapsed_form = {"an elapsed time", elapsed_fields, G_N_ELEMENTS(elapsed_fields)};

static yyjson_mut_val *get_elapsed(const JsonField *field G_GNUC_UNUSED, const void *message,
                                   yyjson_mut_doc *doc)
{
    const Tick *tick = message;
    return tick->elapsed ? form_to_json(&elapsed_form, tick->elapsed, doc) : yyjson_mut_null(doc);
}

static bool set_elapsed(const JsonField *field G_GNUC_UNUSED, void *message, yyjson_val *value,
                        GError **error)
{
    Tick *tick = message;
    g_autofree char *inner = NULL; /* the message tells it */
    tick->elapsed = g_new(Daywire__V1__Elapsed, 1);
    daywire__v1__elapsed__init(tick->elapsed);
    return form_from_json(&elapsed_form, value, tick->elapsed, &inner, error);
}

/* clang-format off */
static const JsonField fields[] = {
    NEEDED(counter, field_get_text, set_counter),
    NUMBER(Tick, revision, 1, UINT32_MAX),
    NEEDED(days, get_days, set_days),
    NEEDED(date, field_get_text, set_date),
    OPTIONAL(since, field_get_text, set_date),
    OPTIONAL(until, field_get_text, set_date),
    NEEDED(time_zone, field_get_text, set_time_zone),
    NEEDED(label, get_label, set_label),
    NEEDED(elapsed, get_elapsed, set_elapsed),
    FIELD(Tick, anniversary, get_number_or_null, set_number, .least = 1, .most = YEARS_MAX),
    NEEDED(milestone, get_flag, set_flag),
    NEEDED(effective_at, get_instant, set_instant),
    NEEDED(next_at, get_instant, set_instant),
    NEEDED(emitted_at, get_instant, set_instant),
    NEEDED(late, get_flag, set_flag),
    FIELD(Tick, late_seconds, get_number_if_set, set_number, .least = 0, .most = UINT32_MAX),
    OPTIONAL(count, get_text_if_set, set_count),
    OPTIONAL(group, get_text_if_set, set_group),
    FIELD(Tick, order, get_number_if_set, set_number, .least = 0, .most = UINT32_MAX),
    OPTIONAL(remaining, get_remaining, set_remaining),
};
/* clang-format on */

static const JsonForm form = {"a tick", fields, G_N_ELEMENTS(fields)};

yyjson_mut_val *tick_to_json(const Tick *tick, yyjson_mut_doc *doc)
{
    return form_to_json(&form, tick, doc);
}

/* Weekdays are some of the days, and holidays are not known here. */
static bool is_possible(const Tick *tick, int32_t days, CivilDate difference)
{
    return *tick->count ? days >= MIN(difference, 0) && days <= MAX(difference, 0) : days == difference;
}

static bool refuse_days(const Tick *tick, const char *field, int32_t days, const char *what,
                        CivilDate difference, char **ret_field, GError **error)
{
    *ret_field = g_strdup(field);
    return error_refuse(error, "%s: %s%s, which is %d, this one is %d", field, *tick->count ? "some of " : "",
                        what, difference, days);
}

/* What no field tells alone. A date is empty by now, or one of the calendar. */
static bool check_days(const Tick *tick, char **ret_field, GError **error)
{
    CivilDate date = 0, since = 0, until = 0;
    bool up = civil_date_parse(tick->since, &since);
    bool down = civil_date_parse(tick->until, &until);
    if (!up && !down) {
        *ret_field = g_strdup("since");
        return error_refuse(error, "since: a tick has this or until or both, this one has neither");
    }
    (void)civil_date_parse(tick->date, &date);
    CivilDate passed = date - since, left = until - date;
    if (up && !is_possible(tick, tick->days, passed))
        return refuse_days(tick, "days", tick->days, "date less since", passed, ret_field, error);
    bool stays_at_zero = left < 0 && tick->days == 0;
    if (!up && !stays_at_zero && !is_possible(tick, tick->days, left))
        return refuse_days(tick, "days", tick->days, "until less date", left, ret_field, error);
    if (up && down && !is_possible(tick, tick->remaining, left))
        return refuse_days(tick, "remaining", tick->remaining, "until less date", left, ret_field, error);
    return true;
}

Tick *tick_from_json(yyjson_val *value, char **ret_field, GError **error)
{
    g_autoptr(Tick) tick = tick_new();
    if (!form_from_json(&form, value, tick, ret_field, error) || !check_days(tick, ret_field, error))
        return NULL;
    return g_steal_pointer(&tick);
}
