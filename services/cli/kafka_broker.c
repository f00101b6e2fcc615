/* SPDX-License-Identifier: Apache-2.0 */
/* KRaft in combined mode. The broker runs in its own folder, so that its configuration needs no path: a
 * .properties file would want them escaped in its own way. */
#include "cli/kafka_broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/random.h>

#include "common/error.h"

#define FORMAT_MS     60000
#define STOP_MS       30000
#define DATA_FOLDER   "data"
#define PROPERTIES    "server.properties"
#define CLUSTER_BYTES 16

/* For one node on one machine: nothing is replicated, few partitions of its own, quick recovery after a kill.
 */
#define SERVER_PROPERTIES                                                                                    \
    "# Written by `daywire standalone` at every start.\n"                                                    \
    "process.roles=broker,controller\n"                                                                      \
    "node.id=1\n"                                                                                            \
    "controller.quorum.voters=1@127.0.0.1:%2$u\n"                                                            \
    "listeners=PLAINTEXT://127.0.0.1:%1$u,CONTROLLER://127.0.0.1:%2$u\n"                                     \
    "advertised.listeners=PLAINTEXT://127.0.0.1:%1$u\n"                                                      \
    "controller.listener.names=CONTROLLER\n"                                                                 \
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"                              \
    "log.dirs=" DATA_FOLDER "\n"                                                                             \
    "auto.create.topics.enable=false\n"                                                                      \
    "offsets.topic.replication.factor=1\n"                                                                   \
    "offsets.topic.num.partitions=1\n"                                                                       \
    "transaction.state.log.replication.factor=1\n"                                                           \
    "transaction.state.log.min.isr=1\n"                                                                      \
    "transaction.state.log.num.partitions=1\n"                                                               \
    "broker.heartbeat.interval.ms=500\n"                                                                     \
    "broker.session.timeout.ms=2000\n"

bool kafka_broker_listens(unsigned port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    bool listens = connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close(descriptor);
    return listens;
}

/* A broker of somebody else's there would be taken for ours. */
static bool check_ports(unsigned port, GError **error)
{
    for (unsigned used = port; used <= port + 1; used++) {
        if (!kafka_broker_listens(used))
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                    "port %u is in use; choose another one for Apache Kafka with --kafka-port (it takes two)",
                    used);
        return false;
    }
    return true;
}

typedef struct {
    char *folder;
    char *java;
    char *classpath; /* "LIBS/" and a star, which java expands itself */
    char *log;
} Paths;

static void paths_clear(Paths *paths)
{
    g_free(paths->folder);
    g_free(paths->java);
    g_free(paths->classpath);
    g_free(paths->log);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Paths, paths_clear)

static bool has_broker_jar(const char *libs)
{
    g_autoptr(GDir) folder = g_dir_open(libs, 0, NULL);
    const char *name = NULL;
    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_prefix(name, "kafka_") && g_str_has_suffix(name, ".jar"))
            return true;
    return false;
}

static bool find_paths(const KafkaBrokerOptions *options, Paths *paths, GError **error)
{
    g_autofree char *libs = g_canonicalize_filename(options->libs, NULL);
    if (!has_broker_jar(libs)) {
        g_set_error(
            error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND,
            "--kafka-libs %s: Apache Kafka's jars are not there; `deploy/kafka/fetch DIR` fetches them",
            options->libs);
        return false;
    }
    paths->java = g_find_program_in_path("java");
    if (!paths->java) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND,
                    "there is no java to run Apache Kafka; `deploy/dependencies kafka` installs it");
        return false;
    }
    paths->folder = g_strdup(options->folder);
    paths->classpath = g_build_filename(libs, "*", NULL);
    paths->log = g_build_filename(options->folder, "kafka.log", NULL);
    return true;
}

static bool write_properties(const Paths *paths, unsigned port, GError **error)
{
    g_autofree char *path = g_build_filename(paths->folder, PROPERTIES, NULL);
    g_autofree char *text = g_strdup_printf(SERVER_PROPERTIES, port, port + 1);
    g_autoptr(GError) cause = NULL;
    if (g_mkdir_with_parents(paths->folder, 0700) == 0 && g_file_set_contents(path, text, -1, &cause))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s cannot be written: %s", path,
                cause ? cause->message : g_strerror(errno));
    return false;
}

/* A cluster id as Kafka makes them: 16 random bytes in the URL-safe base64, not beginning with a dash. */
static char *random_cluster_id(GError **error)
{
    guchar bytes[CLUSTER_BYTES];
    char *id = NULL;
    do {
        g_free(id);
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "no random bytes: %s", g_strerror(errno));
            return NULL;
        }
        id = g_strdelimit(g_strdelimit(g_base64_encode(bytes, sizeof(bytes)), "+", '-'), "/", '_');
        id[strcspn(id, "=")] = '\0';
    } while (*id == '-');
    return id;
}

static bool format(Children *children, const Paths *paths, GError **error)
{
    g_autofree char *mark = g_build_filename(paths->folder, DATA_FOLDER, "meta.properties", NULL);
    if (g_file_test(mark, G_FILE_TEST_EXISTS))
        return true;
    g_autofree char *id = random_cluster_id(error);
    if (!id)
        return false;
    const char *const arguments[] = {
        paths->java, "-cp", paths->classpath, "kafka.tools.StorageTool", "format", "-t",
        id,          "-c",  PROPERTIES,       "--ignore-formatted",      NULL};
    const ChildSpec spec = {
        .name = "the formatting of Apache Kafka's storage",
        .arguments = arguments,
        .environment = (const char *const *)environ,
        .folder = paths->folder,
        .log = paths->log,
        .stop_ms = FORMAT_MS,
        .orphan_signal = SIGKILL,
    };
    if (children_run_once(children, &spec, error))
        return true;
    g_prefix_error(error, "see %s: ", paths->log);
    return false;
}

bool kafka_broker_start(Children *children, const KafkaBrokerOptions *options, GError **error)
{
    g_auto(Paths) paths = {0};
    if (!check_ports(options->port, error) || !find_paths(options, &paths, error) ||
        !write_properties(&paths, options->port, error) || !format(children, &paths, error))
        return false;
    const char *const arguments[] = {paths.java,
                                     "-Xmx512m",
                                     "-XX:+ExitOnOutOfMemoryError",
                                     "-Djava.awt.headless=true",
                                     "-cp",
                                     paths.classpath,
                                     "kafka.Kafka",
                                     PROPERTIES,
                                     NULL};
    const ChildSpec spec = {
        .name = "Apache Kafka",
        .arguments = arguments,
        .environment = (const char *const *)environ,
        .folder = paths.folder,
        .log = paths.log,
        .stop_ms = STOP_MS,
        .orphan_signal = SIGTERM, /* it should close its log in peace */
    };
    return children_start(children, &spec, error);
}
