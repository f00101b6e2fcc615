/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/local_bus.h"

#include "cli/kafka_broker.h"
#include "common/error.h"
#include "common/kafka/embedded.h"
#include "common/kafka/topics.h"

#define KAFKA_START_MS 90000
#define ATTEMPT_MS     2000
#define POLL_MS        100

#define PARTITION_BYTES UINT64_C(5242880)
#define PARTITIONS_MIN  16
#define PARTITIONS_MAX  256

struct LocalBus {
    EmbeddedBroker *embedded; /* NULL: Apache Kafka */
    char *address;
    unsigned port; /* of Apache Kafka */
};

LocalBus *local_bus_embedded(GError **error)
{
    EmbeddedBroker *broker = embedded_broker_new(error);
    if (!broker)
        return NULL;
    LocalBus *bus = g_new0(LocalBus, 1);
    *bus = (LocalBus){.embedded = broker, .address = g_strdup(embedded_broker_address(broker))};
    return bus;
}

LocalBus *local_bus_kafka(Children *children, const char *folder, const char *libs, unsigned port,
                          GError **error)
{
    const KafkaBrokerOptions options = {.folder = folder, .libs = libs, .port = port};
    if (!kafka_broker_start(children, &options, error))
        return NULL;
    LocalBus *bus = g_new0(LocalBus, 1);
    *bus = (LocalBus){.address = g_strdup_printf("127.0.0.1:%u", port), .port = port};
    return bus;
}

void local_bus_free(LocalBus *bus)
{
    if (!bus)
        return;
    embedded_broker_free(bus->embedded);
    g_free(bus->address);
    g_free(bus);
}

const char *local_bus_address(const LocalBus *bus)
{
    return bus->address;
}

bool local_bus_is_embedded(const LocalBus *bus)
{
    return bus->embedded;
}

unsigned local_bus_partitions(uint64_t database_size)
{
    uint64_t filled = database_size / PARTITION_BYTES + 1;
    return (unsigned)CLAMP(2 * filled, PARTITIONS_MIN, PARTITIONS_MAX);
}

/* For the statements as many as configured, or as they need; ticks are few. */
static ChildrenEvent prepare_embedded(LocalBus *bus, const Children *children, const Config *config)
{
    g_autoptr(GError) error = NULL;
    int partitions = (int)config_integer(config, "topics", "partitions");
    if (embedded_broker_create_topic(bus->embedded, config_string(config, "topics", "statements"), partitions,
                                     &error) &&
        embedded_broker_create_topic(bus->embedded, config_string(config, "topics", "ticks"), 1, &error))
        return CHILDREN_RUNNING;
    children_tell(children, "%s", error->message);
    return CHILDREN_FAILED;
}

/* It is asked once the port is open: its client would only log that it is not. */
static ChildrenEvent prepare_kafka(const LocalBus *bus, Children *children, const Config *config)
{
    int64_t end = g_get_monotonic_time() + KAFKA_START_MS * G_TIME_SPAN_MILLISECOND;
    g_autofree char *reason = g_strdup("its port is closed");
    children_tell(children, "waiting for Apache Kafka at %s", bus->address);
    while (g_get_monotonic_time() < end) {
        ChildrenEvent event = children_wait(children, POLL_MS);
        if (event != CHILDREN_RUNNING)
            return event;
        g_autoptr(GError) error = NULL;
        if (!kafka_broker_listens(bus->port))
            continue;
        if (kafka_topics_ensure(config, ATTEMPT_MS, &error))
            return CHILDREN_RUNNING;
        g_free(reason);
        reason = g_strdup(error->message);
        if (error->code == DAYWIRE_ERROR_INVALID)
            break;
    }
    children_tell(children, "Apache Kafka cannot be used: %s", reason);
    return CHILDREN_FAILED;
}

ChildrenEvent local_bus_prepare(LocalBus *bus, Children *children, const Config *config)
{
    return bus->embedded ? prepare_embedded(bus, children, config) : prepare_kafka(bus, children, config);
}
