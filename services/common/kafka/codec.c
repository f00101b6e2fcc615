/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kafka/codec.h"

#include "common/error.h"

/* NULL stands for "no key" and "tombstone"; no bytes at all are something else, though GBytes has NULL for
 * them too. */
static const void *bytes_data(GBytes *bytes, size_t *ret_size)
{
    *ret_size = 0;
    if (!bytes)
        return NULL;
    const void *data = g_bytes_get_data(bytes, ret_size);
    return data ? data : "";
}

static rd_kafka_headers_t *headers_new(const BusRecord *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        rd_kafka_resp_err_t code =
            rd_kafka_header_add(headers, record->headers[i].name, -1, record->headers[i].value, -1);
        g_assert(code == RD_KAFKA_RESP_ERR_NO_ERROR); /* it fails for a read-only list only */
    }
    return headers;
}

static DaywireErrorCode produce_error_code(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return DAYWIRE_ERROR_UNAVAILABLE;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        return DAYWIRE_ERROR_TOO_LARGE;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return DAYWIRE_ERROR_NOT_FOUND;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
        return DAYWIRE_ERROR_LOST;
    default:
        return DAYWIRE_ERROR_FAILED;
    }
}

bool kafka_produce(rd_kafka_t *handle, const BusRecord *record, void *tag, GError **error)
{
    size_t key_size = 0;
    size_t value_size = 0;
    const void *key = bytes_data(record->key, &key_size);
    const void *value = bytes_data(record->value, &value_size);
    rd_kafka_headers_t *headers = headers_new(record);
    rd_kafka_resp_err_t code =
        rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(record->topic), RD_KAFKA_V_PARTITION(record->partition),
                          RD_KAFKA_V_KEY((void *)key, key_size), RD_KAFKA_V_VALUE((void *)value, value_size),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_TIMESTAMP(record->timestamp / 1000),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(tag), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    rd_kafka_headers_destroy(headers); /* a message that was taken owns them */
    g_set_error(error, DAYWIRE_ERROR, (int)produce_error_code(code), "a record for %s was not taken: %s",
                record->topic, rd_kafka_err2str(code));
    return false;
}

static BusHeader header_copy(const char *name, const void *value, size_t size)
{
    size_t name_size = strlen(name) + 1;
    char *copy = g_malloc(size + 1 + name_size);
    if (value)
        memcpy(copy, value, size);
    copy[size] = '\0';
    memcpy(copy + size + 1, name, name_size);
    return (BusHeader){.name = copy + size + 1, .value = copy, .memory = copy};
}

static void copy_headers(BusRecord *record, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return; /* none */
    const char *name = NULL;
    const void *value = NULL;
    size_t size = 0;
    while (record->header_count < BUS_HEADERS_MAX &&
           rd_kafka_header_get_all(headers, record->header_count, &name, &value, &size) ==
               RD_KAFKA_RESP_ERR_NO_ERROR)
        record->headers[record->header_count++] = header_copy(name, value, value ? size : 0);
}

BusRecord *kafka_record_new(const rd_kafka_message_t *message)
{
    BusRecord *record = g_new0(BusRecord, 1);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t milliseconds = rd_kafka_message_timestamp(message, &type);
    record->topic = g_strdup(rd_kafka_topic_name(message->rkt));
    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : milliseconds * 1000;
    if (message->key)
        record->key = g_bytes_new(message->key, message->key_len);
    if (message->payload)
        record->value = g_bytes_new(message->payload, message->len);
    copy_headers(record, message);
    return record;
}
