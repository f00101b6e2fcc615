/* SPDX-License-Identifier: Apache-2.0 */
/* standalone: all of Daywire on this machine. A broker, the three services as child processes with the same
 * configuration file, and one folder for what they keep. What the services need to find each other and the
 * folder is set in their environment, where neither the file nor the user says otherwise. */
#include "cli/commands.h"

#include <sys/stat.h>

#include "cli/arguments.h"
#include "cli/children.h"
#include "cli/data_folder.h"
#include "cli/local_bus.h"
#include "cli/output.h"
#include "cli/overrides.h"
#include "cli/readiness.h"
#include "cli/services.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"

#define KAFKA_PORT 9092

typedef struct {
    char *config_path; /* NULL: the sample */
    char *data;
    char *broker;
    char *kafka_libs;
    int kafka_port;
    gboolean verbose;
} Options;

static void options_clear(Options *options)
{
    g_free(options->config_path);
    g_free(options->data);
    g_free(options->broker);
    g_free(options->kafka_libs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const Options *options;
    char *config_path;
    DataFolder *folder;
    bool first_start; /* no database yet */
    Children *children;
    LocalBus *bus;
    char **environment; /* of the services */
    Config *config;     /* as they see it */
} Standalone;

static void standalone_clear(Standalone *standalone)
{
    children_free(standalone->children);
    local_bus_free(standalone->bus);
    config_free(standalone->config);
    g_strfreev(standalone->environment);
    data_folder_free(standalone->folder);
    g_free(standalone->config_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Standalone, standalone_clear)

static bool parse(int argc, char **argv, Options *options, int *ret_status)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_path,
         "the configuration (default: a sample)", "FILE"},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &options->data,
         "the data folder (default: $XDG_DATA_HOME/daywire)", "DIR"},
        {"broker", 0, 0, G_OPTION_ARG_STRING, &options->broker, "default embedded", "embedded|kafka"},
        {"kafka-libs", 0, 0, G_OPTION_ARG_FILENAME, &options->kafka_libs, "folder of Apache Kafka's jars",
         "DIR"},
        {"kafka-port", 0, 0, G_OPTION_ARG_INT, &options->kafka_port,
         "default 9092; it takes the next one too", "PORT"},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose,
         "show what the services log beside warnings", NULL},
        {0},
    };
    const Arguments arguments = {
        .summary = "Runs all of Daywire on this machine, until Ctrl-C: a broker and the three services.",
        .description =
            "The embedded broker keeps nothing; at a start it is filled again from the data folder. With\n"
            "`--broker kafka` an Apache Kafka is run instead, on loopback, with its data in the data "
            "folder.\n"
            "Without --config a sample is shown, and at the first start of a data folder its statements are\n"
            "published. Exit status: 0 stopped by a signal, 1 something ended and could not be kept "
            "running,\n"
            "2 it could not start.",
        .entries = entries,
    };
    if (!arguments_parse(&arguments, argc, argv, NULL, ret_status))
        return false;
    bool kafka = g_strcmp0(options->broker, "kafka") == 0;
    if (options->broker && !kafka && strcmp(options->broker, "embedded") != 0)
        complain(argv[0], "--broker %s: it takes embedded or kafka", options->broker);
    else if (kafka != (options->kafka_libs != NULL))
        complain(
            argv[0],
            "--broker kafka and --kafka-libs DIR belong together (`deploy/run --broker kafka` gives both)");
    else if (options->kafka_port < 1 || options->kafka_port > 65534)
        complain(argv[0], "--kafka-port %d: it takes 1 to 65534", options->kafka_port);
    else
        return true;
    return false;
}

static uint64_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* Of ingest's database, most of which may still be in its write-ahead log. */
static uint64_t archive_size(const Config *plain, const char *ours)
{
    g_autofree char *origin = config_origin(plain, "ingest", "database");
    const char *path = strcmp(origin, "default") == 0 ? ours : config_string(plain, "ingest", "database");
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    return file_size(path) + file_size(log);
}

/* Loads the configuration anew with what the services get beside it. */
static bool configure(Standalone *standalone, const Config *plain, GError **error)
{
    g_autofree char *ingest = data_folder_file(standalone->folder, "ingest.db");
    g_autofree char *token = data_folder_file(standalone->folder, "token");
    g_autofree char *gateway = data_folder_file(standalone->folder, "gateway.db");
    g_autofree char *lock = data_folder_file(standalone->folder, "counter.lock");
    g_autofree char *partitions = g_strdup_printf("%u", local_bus_partitions(archive_size(plain, ingest)));
    const Override overrides[] = {
        {"kafka", "bootstrap.servers", local_bus_address(standalone->bus), true},
        {"ingest", "database", ingest, false},
        {"ingest", "token-file", token, false},
        {"ingest", "refill", "when-empty", false},
        {"gateway", "database", gateway, false},
        {"counters", "lock-file", lock, false},
        /* The rest is for the embedded broker, see common/kafka/embedded.h. */
        {local_bus_is_embedded(standalone->bus) ? "topics" : NULL, "partitions", partitions, false},
        {"kafka", "fetch.wait.max.ms", "20", false},
        {0},
    };
    standalone->environment = overrides_apply(overrides, plain, environ);
    standalone->config = config_load(standalone->config_path, standalone->environment, error);
    return standalone->config;
}

static bool start_bus(Standalone *standalone, GError **error)
{
    const Options *options = standalone->options;
    if (options->kafka_libs) {
        g_autofree char *folder = data_folder_file(standalone->folder, "kafka");
        standalone->bus = local_bus_kafka(standalone->children, folder, options->kafka_libs,
                                          (unsigned)options->kafka_port, error);
        return standalone->bus;
    }
    standalone->bus = local_bus_embedded(error);
    if (standalone->bus)
        children_tell(standalone->children, "the embedded broker is at %s",
                      local_bus_address(standalone->bus));
    return standalone->bus;
}

/* Makes the token where the services look for it, if that is our place. */
static bool make_token(const Standalone *standalone, GError **error)
{
    g_autofree char *ours = data_folder_file(standalone->folder, "token");
    const char *path = config_string(standalone->config, "ingest", "token-file");
    bool made = false;
    if (strcmp(path, ours) == 0 && !data_folder_make_token(path, &made, error))
        return false;
    children_tell(standalone->children, "the token for publishing is in %s%s", path, made ? " (new)" : "");
    return true;
}

/* Everything that needs no waiting. */
static bool prepare(Standalone *standalone, GError **error)
{
    const Options *options = standalone->options;
    standalone->config_path =
        options->config_path ? g_strdup(options->config_path) : daemon_data_path("sample/daywire.ini");
    g_autoptr(Config) plain = config_load(standalone->config_path, environ, error);
    if (!plain)
        return false;
    standalone->folder = data_folder_open(options->data, error);
    if (!standalone->folder)
        return false;
    if (!services_addresses_are_free(plain, error))
        return false;
    children_tell(standalone->children, "the configuration is %s", standalone->config_path);
    children_tell(standalone->children, "the data folder is %s", data_folder_path(standalone->folder));
    if (!start_bus(standalone, error) || !configure(standalone, plain, error) ||
        !make_token(standalone, error))
        return false;
    standalone->first_start =
        !g_file_test(config_string(standalone->config, "ingest", "database"), G_FILE_TEST_EXISTS);
    return true;
}

/* The way of everybody: `daywire import`. What it refuses it tells, and the rest of Daywire is fine. */
static void publish_samples(const Standalone *standalone)
{
    g_autofree char *path = daemon_data_path("sample/statements.ndjson");
    g_autofree char *server = readiness_url(config_string(standalone->config, "ingest", "listen"), false);
    children_tell(standalone->children, "publishing the sample statements");
    const char *arguments[] = {
        "import",
        "--server",
        server,
        "--token-file",
        config_string(standalone->config, "ingest", "token-file"),
        path,
        NULL,
    };
    if (command_import((int)G_N_ELEMENTS(arguments) - 1, (char **)arguments) != COMMAND_OK)
        children_tell(standalone->children, "not all of the sample statements were published, see above");
}

/* Until there is a reason to stop. */
static ChildrenEvent run(const Standalone *standalone, GError **error)
{
    const ServicesOptions services = {
        .config = standalone->config,
        .config_path = standalone->config_path,
        .environment = (const char *const *)standalone->environment,
        .verbose = standalone->options->verbose,
    };
    ChildrenEvent event = local_bus_prepare(standalone->bus, standalone->children, standalone->config);
    if (event != CHILDREN_RUNNING)
        return event;
    if (!services_start(standalone->children, &services, error))
        return CHILDREN_FAILED;
    event = services_wait_ready(standalone->children, standalone->config);
    if (event != CHILDREN_RUNNING)
        return event;
    if (!standalone->options->config_path && standalone->first_start)
        publish_samples(standalone);
    g_autofree char *page = readiness_url(config_string(standalone->config, "gateway", "listen"), true);
    output("Daywire is ready: %s\n", page);
    (void)fflush(stdout);
    return children_wait(standalone->children, -1);
}

int command_standalone(int argc, char **argv)
{
    g_auto(Options) options = {.kafka_port = KAFKA_PORT};
    g_auto(Standalone) standalone = {.options = &options};
    g_autoptr(GError) error = NULL;
    int status = COMMAND_FAILED;
    if (!parse(argc, argv, &options, &status))
        return status;
    log_init("daywire-standalone", LOG_FORMAT_TEXT, options.verbose ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING);
    standalone.children = children_new("daywire standalone");
    if (!prepare(&standalone, &error)) {
        complain(argv[0], "%s", error->message);
        children_stop(standalone.children);
        return COMMAND_FAILED;
    }
    ChildrenEvent event = run(&standalone, &error);
    if (error)
        complain(argv[0], "%s", error->message);
    children_tell(standalone.children, "stopping");
    children_stop(standalone.children);
    return output_finish(argv[0], event == CHILDREN_STOP ? COMMAND_OK : COMMAND_REFUSED);
}
