/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf-c's structs as the model.
 *
 * protobuf-c gives an absent string the address of its one protobuf_c_empty_string and knows not to free
 * that. All that is written here keeps to it: an empty field set by us is that address too, so that a message
 * built by hand, a copy and an unpacked one are freed alike. Memory comes from GLib throughout (an allocation
 * that fails ends the process, as everywhere else), hence an unpacking that fails is always the fault of the
 * bytes. */
#include "common/model.h"

#include "common/civil_date.h"
#include "common/error.h"
#include "common/wire_text.h"

static void *allocate(void *user G_GNUC_UNUSED, size_t size)
{
    return g_malloc(size);
}

static void release(void *user G_GNUC_UNUSED, void *memory)
{
    g_free(memory);
}

static ProtobufCAllocator allocator = {.alloc = allocate, .free = release};

static GBytes *pack(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = g_malloc(size + 1); /* an empty message packs to nothing, and g_malloc(0) is NULL */
    protobuf_c_message_pack(message, data);
    return g_bytes_new_take(data, size);
}

static ProtobufCMessage *copy(const ProtobufCMessage *message)
{
    g_autoptr(GBytes) bytes = pack(message);
    size_t size = 0;
    const uint8_t *data = g_bytes_get_data(bytes, &size);
    ProtobufCMessage *twin = protobuf_c_message_unpack(message->descriptor, &allocator, size, data);
    g_assert(twin); /* what was packed from a sound message is sound */
    return twin;
}

void message_set_string(char **field, const char *value)
{
    char *old = *field; /* freed last: `value` may point into it */
    *field = value && *value ? g_strdup(value) : (char *)protobuf_c_empty_string;
    if (old != protobuf_c_empty_string)
        g_free(old);
}

/* The name of the first string of the message, or of a message in it, that is not UTF-8; NULL: all are.
 * protobuf-c leaves this check to its users. */
static const char *find_bad_text(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        /* Both types are held as pointers: one in the struct, or an array of them with its length beside it.
         */
        void *const *values = G_STRUCT_MEMBER_P(message, field->offset);
        size_t count = 1;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            count = G_STRUCT_MEMBER(size_t, message, field->quantifier_offset);
            values = *(void *const *const *)values;
        }
        for (size_t k = 0; k < count; k++) {
            if (!values[k])
                continue;
            if (field->type == PROTOBUF_C_TYPE_STRING && !g_utf8_validate(values[k], -1, NULL))
                return field->name;
            if (field->type == PROTOBUF_C_TYPE_MESSAGE && find_bad_text(values[k]))
                return field->name;
        }
    }
    return NULL;
}

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *descriptor, const void *data, size_t size,
                                GError **error)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, size, data);
    if (!message) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "these %zu bytes are no %s message", size,
                    descriptor->name);
        return NULL;
    }
    const char *bad = find_bad_text(message);
    const char *cut = bad ? NULL : wire_text_find_nul(descriptor, data, size);
    if (bad || cut) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: %s", bad ? bad : cut,
                    bad ? "not valid UTF-8" : "holds a NUL character");
        protobuf_c_message_free_unpacked(message, &allocator);
        return NULL;
    }
    return message;
}

void message_clear_timestamp(Google__Protobuf__Timestamp **field)
{
    if (*field)
        protobuf_c_message_free_unpacked(&(*field)->base, &allocator);
    *field = NULL;
}

Statement *statement_new(void)
{
    Statement *statement = g_new(Statement, 1);
    daywire__v1__statement__init(statement);
    return statement;
}

Statement *statement_copy(const Statement *statement)
{
    return (Statement *)copy(&statement->base);
}

void statement_free(Statement *statement)
{
    if (statement)
        protobuf_c_message_free_unpacked(&statement->base, &allocator);
}

void statement_add_tag(Statement *statement, const char *tag)
{
    statement->tags = g_renew(char *, statement->tags, statement->n_tags + 1);
    statement->tags[statement->n_tags++] = g_strdup(tag);
}

static void blank_revision(Statement *statement)
{
    statement->revision = 0;
    statement->change = STATEMENT_CHANGE_UNSPECIFIED;
    statement->note = (char *)protobuf_c_empty_string;
    statement->updated_at = NULL;
    statement->publish_at = NULL;
}

static GBytes *pack_content(const Statement *statement)
{
    /* A shallow copy without what does not count; nothing of it is freed. */
    Statement content = *statement;
    blank_revision(&content);
    return pack(&content.base);
}

bool statement_same_content(const Statement *a, const Statement *b)
{
    g_autoptr(GBytes) packed_a = pack_content(a);
    g_autoptr(GBytes) packed_b = pack_content(b);
    return g_bytes_equal(packed_a, packed_b);
}

guint statement_content_hash(const Statement *statement)
{
    g_autoptr(GBytes) packed = pack_content(statement);
    return g_bytes_hash(packed);
}

bool statement_moment(const Statement *statement, Instant *ret_moment)
{
    CivilDate date = 0;
    if (statement->published_at)
        *ret_moment = instant_from_timestamp(statement->published_at);
    else if (civil_date_parse(statement->date, &date))
        *ret_moment = date * INSTANT_DAY;
    else
        return false;
    return true;
}

Tick *tick_new(void)
{
    Tick *tick = g_new(Tick, 1);
    daywire__v1__tick__init(tick);
    return tick;
}

Tick *tick_copy(const Tick *tick)
{
    return (Tick *)copy(&tick->base);
}

void tick_free(Tick *tick)
{
    if (tick)
        protobuf_c_message_free_unpacked(&tick->base, &allocator);
}

/* From the end: where a foreign encoder wrote a language twice, the last one holds (protobuf's rule for
 * maps). */
static Daywire__V1__Tick__LabelEntry *find_label(const Tick *tick, const char *language)
{
    for (size_t i = tick->n_label; i > 0; i--) {
        if (strcmp(tick->label[i - 1]->key, language) == 0)
            return tick->label[i - 1];
    }
    return NULL;
}

void tick_add_label(Tick *tick, const char *language, const char *text)
{
    Daywire__V1__Tick__LabelEntry *entry = find_label(tick, language);
    if (!entry) {
        entry = g_new(Daywire__V1__Tick__LabelEntry, 1);
        daywire__v1__tick__label_entry__init(entry);
        message_set_string(&entry->key, language);
        tick->label = g_renew(Daywire__V1__Tick__LabelEntry *, tick->label, tick->n_label + 1);
        tick->label[tick->n_label++] = entry;
    }
    message_set_string(&entry->value, text);
}

const char *tick_label(const Tick *tick, const char *language)
{
    const Daywire__V1__Tick__LabelEntry *entry = find_label(tick, language);
    return entry ? entry->value : NULL;
}

GBytes *statement_pack(const Statement *statement)
{
    return pack(&statement->base);
}

static int compare_labels(const void *a, const void *b)
{
    const Daywire__V1__Tick__LabelEntry *const *first = a;
    const Daywire__V1__Tick__LabelEntry *const *second = b;
    return strcmp((*first)->key, (*second)->key);
}

GBytes *tick_pack(const Tick *tick)
{
    Tick sorted = *tick;
    g_autofree Daywire__V1__Tick__LabelEntry **labels =
        g_new(Daywire__V1__Tick__LabelEntry *, tick->n_label + 1);
    for (size_t i = 0; i < tick->n_label; i++)
        labels[i] = tick->label[i];
    qsort(labels, tick->n_label, sizeof(void *), compare_labels);
    sorted.label = labels;
    return pack(&sorted.base);
}

Statement *statement_unpack(const void *data, size_t size, GError **error)
{
    return (Statement *)unpack(&daywire__v1__statement__descriptor, data, size, error);
}

Tick *tick_unpack(const void *data, size_t size, GError **error)
{
    return (Tick *)unpack(&daywire__v1__tick__descriptor, data, size, error);
}
