/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_fixture.h"

#include <glib/gstdio.h>

#include "common/error.h"
#include "common/http/exchange_lws.h"
#include "folder.h"
#include "gateway/gateway_metrics.h"

#define DEADLINE_US (INT64_C(10) * G_USEC_PER_SEC)
#define POLL_US     1000
#define EPOCH       7
#define DAMAGE_SIZE 4000000

gint fixture_caught_up = 1;

/* In place of the consumer's. */
bool consumer_caught_up(const Consumer *consumer)
{
    (void)consumer;
    return g_atomic_int_get(&fixture_caught_up) != 0;
}

gint fixture_lost;

void consumer_report(Consumer *consumer, const GError *error)
{
    (void)consumer;
    if (g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST))
        g_atomic_int_inc(&fixture_lost);
}

static void make_site(Fixture *fixture, const char *settings)
{
    g_autofree char *path = g_build_filename(fixture->folder, "daywire.ini", NULL);
    g_autofree char *web = g_build_filename(fixture->folder, "web", NULL);
    g_autofree char *script = g_build_filename(web, "daywire.js", NULL);
    g_autofree char *database = g_build_filename(fixture->folder, "gateway.db", NULL);
    g_autofree char *long_script = g_strnfill(4000, ' ');
    g_autofree char *text =
        g_strdup_printf("[gateway]\nlisten = 127.0.0.1:0\ndatabase = %s\n%s\n"
                        "[site]\ntitle = Harbour Office\ncontact = Enquiries\nclock.London = Europe/London\n",
                        database, settings != NULL ? settings : "");
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, &error));
    g_assert_cmpint(g_mkdir(web, 0700), ==, 0);
    g_assert_true(g_file_set_contents(script, long_script, -1, &error));
    fixture->config = config_load(path, (char *[]){NULL}, &error);
    g_assert_no_error(error);
    fixture->site = site_new(fixture->config, &error);
    g_assert_no_error(error);
    fixture->assets = assets_load(web, &error);
    g_assert_no_error(error);
    fixture->origins = origins_new(config_string(fixture->config, "gateway", "origins"), &error);
    g_assert_no_error(error);
    fixture->view = view_open(database, &error);
    g_assert_no_error(error);
}

static char *format_cursor(const Fixture *fixture, Cursor **ret_cursor)
{
    Cursor *cursor = cursor_new(EPOCH, 2);

    cursor->positions[0].offset = fixture->offset;
    cursor->positions[0].stamp = fixture->offset > 0 ? cursor_stamp(g_get_real_time()) : 0;
    *ret_cursor = cursor;
    return cursor_format(cursor);
}

Fixture *fixture_new(const char *settings)
{
    static const char template_text[] = "<html lang=\"{{language}}\" dir=\"{{direction}}\" "
                                        "data-time-zone=\"{{time_zone}}\"><title>{{title}}</title>"
                                        "<meta name=\"description\" content=\"{{description}}\"><body "
                                        "class=\"{{kind}}\" data-cursor=\"{{cursor}}\">"
                                        "{{date}}{{clocks}}{{status}}{{name}}{{contact}}{{main}}";
    Fixture *fixture = g_new0(Fixture, 1);
    Gateway *gateway = &fixture->gateway;
    g_autoptr(GError) error = NULL;

    http_log_init();
    fixture->folder = folder_new();
    g_assert_no_error(error);
    make_site(fixture, settings);
    gateway_configure(gateway, fixture->config);
    gateway->site = fixture->site;
    gateway->assets = fixture->assets;
    gateway->page_template = template_text;
    gateway->origins = fixture->origins;
    gateway->limits =
        limits_new((unsigned)config_integer(fixture->config, "gateway", "max-connections"),
                   (unsigned)config_integer(fixture->config, "gateway", "max-connections-per-address"));
    gateway->log = event_log_new((size_t)config_bytes(fixture->config, "gateway", "window-bytes"),
                                 3600 * INSTANT_SECOND);
    gateway->calendars = calendars_start(fixture->config, fixture->site->title, fixture->origins, &error);
    g_assert_no_error(error);
    fixture->worker = worker_new(gateway, config_string(fixture->config, "gateway", "listen"), &error);
    g_assert_no_error(error);
    fixture->port = worker_port(fixture->worker);

    Cursor *cursor = NULL;
    g_autofree char *text = format_cursor(fixture, &cursor);
    event_log_set_cursor(gateway->log, text);
    g_assert_true(view_commit(fixture->view, cursor, 1, &error));
    g_free(cursor);
    g_assert_true(worker_start(fixture->worker, &error));
    return fixture;
}

void fixture_free(Fixture *fixture)
{
    worker_stop(fixture->worker);
    worker_join(fixture->worker);
    calendars_stop(fixture->gateway.calendars);
    worker_free(fixture->worker);
    view_free(fixture->view);
    event_log_free(fixture->gateway.log);
    limits_free(fixture->gateway.limits);
    origins_free(fixture->origins);
    assets_free(fixture->assets);
    site_free(fixture->site);
    config_free(fixture->config);
    folder_remove(fixture->folder);
    g_free(fixture);
}

/* Takes over `statement`. */
static void put(Fixture *fixture, Statement *statement)
{
    Instant now = g_get_real_time();
    int64_t offset = fixture->offset++;
    Cursor *cursor = NULL;
    g_autofree char *text = format_cursor(fixture, &cursor);
    g_autoptr(GError) error = NULL;

    statement->revision = (guint32)offset + 1;
    g_assert_true(view_put_statement(fixture->view, statement, 0, offset, &error));
    g_assert_true(view_put_record(fixture->view, 0, offset, cursor->positions[0].stamp, true, &error));
    g_autoptr(Event) event = event_new_statement(statement, text, 0, offset, now);
    uint64_t number = event_log_append(fixture->gateway.log, event, now);
    g_assert_true(view_commit(fixture->view, cursor, number + 1, &error));
    g_free(cursor);
    event_log_publish(fixture->gateway.log);
}

static Statement *make_statement(const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2024-05-01");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    return statement;
}

void fixture_publish(Fixture *fixture, const char *id, const char *title)
{
    put(fixture, make_statement(id, title));
}

void fixture_publish_body(Fixture *fixture, const char *id, size_t size)
{
    Statement *statement = make_statement(id, "Large");
    g_autofree char *body = g_strnfill(size, 'x');

    message_set_string(&statement->body, body);
    statement->body_type = BODY_TYPE_PLAIN;
    put(fixture, statement);
}

void fixture_withdraw(Fixture *fixture, const char *id, const char *note)
{
    Statement *statement = make_statement(id, "");

    message_set_string(&statement->date, "");
    message_set_string(&statement->note, note);
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    put(fixture, statement);
}

/* What was put into the view is told to nobody but those who ask it. */
static void commit(Fixture *fixture)
{
    Cursor *cursor = NULL;
    g_autofree char *text = format_cursor(fixture, &cursor);
    g_autoptr(GError) error = NULL;

    g_assert_true(view_commit(fixture->view, cursor, 1, &error));
    g_free(cursor);
}

void fixture_tick(Fixture *fixture, const char *counter, const char *group, uint32_t order)
{
    g_autoptr(Tick) tick = tick_new();
    g_autoptr(GError) error = NULL;

    message_set_string(&tick->counter, counter);
    message_set_string(&tick->date, "2024-05-01");
    message_set_string(&tick->since, "2024-04-30");
    message_set_string(&tick->time_zone, "UTC");
    message_set_string(&tick->group, group);
    tick_add_label(tick, "en", counter);
    tick->order = order;
    tick->days = 1;
    tick->revision = (uint32_t)fixture->offset + 1;
    g_assert_true(view_put_tick(fixture->view, tick, 1, fixture->offset++, &error));
    commit(fixture);
}

void fixture_remove_counter(Fixture *fixture, const char *counter)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(view_remove_counter(fixture->view, counter, 1, fixture->offset++, &error));
    commit(fixture);
}

void fixture_damage(const Fixture *fixture)
{
    static const char *const names[] = {"gateway.db", "gateway.db-wal"};
    static const char noise[] = "nothing that SQLite knows of ";

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(fixture->folder, names[i], NULL);
        FILE *file = fopen(path, "r+b");
        g_assert_nonnull(file);
        for (size_t size = 0; size < DAMAGE_SIZE; size += sizeof noise)
            g_assert_cmpint(fwrite(noise, sizeof noise, 1, file), ==, 1);
        g_assert_cmpint(fclose(file), ==, 0);
    }
}

void fixture_await(const Metric *metric, int64_t value)
{
    int64_t deadline = g_get_monotonic_time() + DEADLINE_US;

    while (metric_value(metric) != value && g_get_monotonic_time() < deadline)
        g_usleep(POLL_US);
    g_assert_cmpint(metric_value(metric), ==, value);
}
