/* SPDX-License-Identifier: Apache-2.0 */
/* tail: what is on the bus, one JSON object a line, as a reader of its own: it joins no group and leaves no
 * trace. */
#include "cli/commands.h"

#include <signal.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/record_json.h"
#include "common/error.h"
#include "common/kafka/reader.h"
#include "common/log.h"
#include "gateway/cursor.h"

#define LOOK_UP_TIMEOUT_MS 10000
#define READ_TIMEOUT_MS    250 /* how soon a signal is seen */

static volatile sig_atomic_t stopped;

typedef struct {
    char *brokers;
    char *config_path;
    char *topic;
    char *from;
    gboolean exit_at_end;
} Options;

static void options_clear(Options *options)
{
    g_free(options->brokers);
    g_free(options->config_path);
    g_free(options->topic);
    g_free(options->from);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const char *statements;
    const char *ticks;
    bool with_statements;
    bool with_ticks;
} Topics;

static void on_signal(int number G_GNUC_UNUSED)
{
    stopped = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* --brokers goes the way of the environment, which comes after the file. */
static Config *load_config(const Options *options, GError **error)
{
    g_auto(GStrv) environment = g_get_environ();
    if (options->brokers)
        environment =
            g_environ_setenv(environment, "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS", options->brokers, TRUE);
    return config_load(options->config_path, environment, error);
}

/* Which of the two topics are printed: by its name, or by what it holds. */
static bool choose_topics(const Config *config, const char *wanted, Topics *topics, GError **error)
{
    topics->statements = config_string(config, "topics", "statements");
    topics->ticks = config_string(config, "topics", "ticks");
    topics->with_statements =
        !wanted || strcmp(wanted, "statements") == 0 || strcmp(wanted, topics->statements) == 0;
    topics->with_ticks = !wanted || strcmp(wanted, "ticks") == 0 || strcmp(wanted, topics->ticks) == 0;
    if (topics->with_statements || topics->with_ticks)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--topic %s: statements or ticks (%s, %s)",
                wanted, topics->statements, topics->ticks);
    return false;
}

/* A cursor has one position for each partition, in the reader's order. */
static bool seek_cursor(KafkaReader *reader, const Topics *topics, const char *text, GError **error)
{
    size_t count = 0;
    KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    g_autofree Cursor *cursor = cursor_parse(text);
    if (!cursor || cursor->count != count ||
        cursor->epoch != cursor_epoch(kafka_reader_cluster(reader), topics->statements, topics->ticks)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST,
                    "--from %s: this cursor belongs to another log (the broker or its topics were replaced)",
                    text);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        partitions[i].position = cursor->positions[i].offset;
    return true;
}

/* Before anybody is asked. */
static bool check_from(const char *from, GError **error)
{
    g_autofree Cursor *cursor = from ? cursor_parse(from) : NULL;
    if (!from || cursor || strcmp(from, "beginning") == 0 || strcmp(from, "end") == 0)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "--from %s: beginning, end, or a cursor as the gateway gives them", from);
    return false;
}

static bool seek(KafkaReader *reader, const Topics *topics, const char *from, GError **error)
{
    size_t count = 0;
    KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    if (!from || strcmp(from, "end") == 0) {
        for (size_t i = 0; i < count; i++)
            partitions[i].position = partitions[i].high;
        return true;
    }
    return strcmp(from, "beginning") == 0 || seek_cursor(reader, topics, from, error);
}

static void print_record(const BusRecord *record, const Topics *topics)
{
    bool is_statement = strcmp(record->topic, topics->statements) == 0;
    if (is_statement ? !topics->with_statements : !topics->with_ticks)
        return;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    output_json(record_to_json(record, is_statement ? RECORD_STATEMENT : RECORD_TICK, doc));
}

/* Until a signal, the end when it is wanted, or nobody reads the output any more. */
static bool follow(KafkaReader *reader, const Topics *topics, bool exit_at_end, GError **error)
{
    while (!stopped && !ferror(stdout) && !(exit_at_end && kafka_reader_at_end(reader))) {
        g_autoptr(BusRecord) record = NULL;
        switch (kafka_reader_read(reader, READ_TIMEOUT_MS, &record, error)) {
        case KAFKA_READ_RECORD:
            print_record(record, topics);
            break;
        case KAFKA_READ_NOTHING:
            break;
        case KAFKA_READ_FAILED:
            return false;
        }
    }
    return true;
}

static bool run(const Options *options, GError **error)
{
    g_autoptr(Config) config = load_config(options, error);
    Topics topics = {0};
    if (!config || !check_from(options->from, error) ||
        !choose_topics(config, options->topic, &topics, error))
        return false;
    const char *const names[] = {topics.statements, topics.ticks, NULL};
    g_autoptr(KafkaReader) reader = kafka_reader_new(config, names, LOOK_UP_TIMEOUT_MS, error);
    return reader && seek(reader, &topics, options->from, error) && kafka_reader_start(reader, error) &&
           follow(reader, &topics, options->exit_at_end, error);
}

int command_tail(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"brokers", 0, 0, G_OPTION_ARG_FILENAME, &options.brokers, "instead of the configured ones",
         "HOST:PORT,..."},
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options.config_path, "for [kafka] and [topics]", "FILE"},
        {"topic", 0, 0, G_OPTION_ARG_FILENAME, &options.topic, "statements or ticks (default: both)", "NAME"},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &options.from,
         "beginning, end (default), or a cursor as the gateway gives them", "WHERE"},
        {"exit-at-end", 0, 0, G_OPTION_ARG_NONE, &options.exit_at_end,
         "stop when all that was there is printed", NULL},
        {0},
    };
    const Arguments arguments = {
        .usage = NULL,
        .summary = "Prints the records of both topics as NDJSON: topic, partition, offset, headers and the "
                   "decoded value.",
        .description =
            "Example: daywire tail --brokers localhost:9092 --from beginning --exit-at-end | jq .data.title\n"
            "Exit status: 0 after SIGINT, SIGTERM or --exit-at-end; 2 an error.\n",
        .entries = entries,
    };
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, NULL, &status))
        return status;
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* each record at once, also into a pipe */
    log_init("daywire", LOG_FORMAT_TEXT, LOG_LEVEL_WARNING);
    catch_signals();
    g_autoptr(GError) error = NULL;
    if (!run(&options, &error)) {
        bool no_topic = g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND);
        complain(argv[0], "%s%s", error->message,
                 no_topic ? ": has a Daywire service run with these brokers?" : "");
        return output_finish(argv[0], COMMAND_FAILED);
    }
    return output_finish(argv[0], COMMAND_OK);
}
