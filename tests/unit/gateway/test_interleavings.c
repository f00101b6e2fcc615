/* SPDX-License-Identifier: Apache-2.0 */
/* Random interleavings of publish, read, append, commit, restart, take and resume, over two replicas with
 * small windows and clients with their own channels and filters, who are cut off at any moment and come back
 * anywhere. After each frame a client checks what was promised:
 *
 *   - order: `subscribed`, snapshot or replay, `caught_up`, then live;
 *   - within the log each revision comes, in order, none twice, and none left out but those that were
 * withdrawn;
 *   - a replay out of the view may leave out, but never goes back;
 *   - cursors only grow;
 *   - nobody is told `reset`, since it is one bus all the time;
 *
 * and in the end each has the latest of everything that it wants.
 *
 * DAYWIRE_TEST_SEED sets another first seed. */
#include "unit.h"

#include "common/civil_date.h"
#include "stream_client.h"

#define REPLICAS    2
#define CLIENTS     6
#define SEEDS       12
#define STEPS       4000
#define QUIET_STEPS 300
#define EVERYTHING  1000 /* statements in a snapshot */
#define IDS         "abcdefgh"
#define COUNTERS    "xyz"
#define KEYS        11 /* statements, then counters */
#define STATEMENT_N 8

typedef struct {
    unsigned revision; /* of a counter: the number of its tick; 0: nothing is known */
    bool gone;         /* withdrawn, removed */
    bool gap;          /* the view may have left out some before the next one */
    bool loose;        /* the client was cut off before it got a cursor: the next one may be any */
} Known;

typedef enum { PHASE_NONE, PHASE_BEGIN, PHASE_LIVE } Phase;

typedef struct {
    Replica *replica;
    Subscription *subscription; /* NULL: not connected */
    unsigned channels;
    const char *source; /* NULL: no filter */
    Phase phase;
    char resume[16];
    Known known[KEYS];
    char *cursor;     /* NULL: none yet */
    Cursor *position; /* the same */
    bool safe;        /* the cursor covers all that came */
} TestClient;

typedef struct {
    GRand *rand;
    Bus *bus;
    Known latest[KEYS];
    unsigned withdrawn[KEYS]; /* the last revision that was a withdrawal, which takes the earlier ones out of
                                 the logs */
    Replica *replicas[REPLICAS];
    TestClient clients[CLIENTS];
    unsigned verdicts[4];
    unsigned takes_between; /* between append and commit */
} World;

static int below(World *world, int most)
{
    return g_rand_int_range(world->rand, 0, most);
}

/* -- the bus -- */

static const char *source_of(size_t key)
{
    return key % 2 ? "museum" : "press";
}

static void publish_statement(World *world, size_t key)
{
    char id[] = {IDS[key], '\0'};
    Known *latest = &world->latest[key];
    latest->revision++;
    latest->gone = below(world, 8) == 0;
    if (latest->gone) {
        world->withdrawn[key] = latest->revision;
        bus_statement(world->bus, make_withdrawal(id, latest->revision));
        return;
    }
    g_autofree char *title = g_strnfill((size_t)below(world, 900) + 1, 'x');
    Statement *statement = make_statement(id, latest->revision, title);
    message_set_string(&statement->source, source_of(key));
    bus_statement(world->bus, statement);
}

static void publish_tick(World *world, size_t key)
{
    char counter[] = {COUNTERS[key - STATEMENT_N], '\0'};
    Known *latest = &world->latest[key];
    if (latest->revision > 0 && !latest->gone && below(world, 6) == 0) {
        latest->gone = true;
        bus_removal(world->bus, counter);
        return;
    }
    latest->gone = false;
    latest->revision++;
    Tick *tick = make_tick(counter, "2024-05-01", 1);
    CivilDate date = 0;
    char text[CIVIL_DATE_TEXT_MAX];
    assert_true(civil_date_parse("2024-01-01", &date));
    message_set_string(&tick->date, civil_date_format(date + (CivilDate)latest->revision, text));
    tick->days = (int32_t)latest->revision;
    bus_tick(world->bus, tick);
}

static void publish(World *world)
{
    size_t key = (size_t)below(world, KEYS);
    size_t partition = (size_t)below(world, BUS_PARTITIONS);
    switch (below(world, 12)) {
    case 0:
        bus_repeat(world->bus, partition);
        return;
    case 1:
        bus_nonsense(world->bus, partition);
        return;
    default:
        if (key < STATEMENT_N)
            publish_statement(world, key);
        else
            publish_tick(world, key);
    }
}

/* -- what a client checks -- */

static void check_cursor(TestClient *client, const char *type, const char *cursor)
{
    if (!*cursor) {
        assert_int_equal(client->phase, PHASE_BEGIN); /* within a scan only */
        client->safe = client->safe && strcmp(type, "subscribed") == 0;
        return;
    }
    Cursor *position = cursor_parse(cursor);
    assert_non_null(position);
    if (client->position && !cursor_is_behind(client->position, position))
        fail_msg("the cursor went back with %s", type);
    g_free(client->position);
    g_free(client->cursor);
    client->position = position;
    client->cursor = g_strdup(cursor);
    if (strcmp(type, "subscribed") != 0)
        client->safe = true;
}

static void on_subscribed(World *world, TestClient *client, const json_t *frame)
{
    static const char *const verdicts[] = {"snapshot", "complete", "compacted", "reset"};
    const char *resume = json_string_value(json_object_get(frame, "resume"));
    if (client->phase == PHASE_BEGIN) /* a replay out of the log can fall out of the window, too */
        assert_string_equal(client->resume, "complete");
    assert_string_not_equal(resume, "reset");
    if (client->phase == PHASE_NONE && !client->cursor)
        assert_string_equal(resume, "snapshot");
    for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++)
        world->verdicts[i] += strcmp(resume, verdicts[i]) == 0;
    g_strlcpy(client->resume, resume, sizeof(client->resume));
    client->phase = PHASE_BEGIN;
    if (strcmp(resume, "snapshot") == 0)
        memset(client->known, 0, sizeof(client->known));
    for (size_t i = 0; i < KEYS; i++) {
        client->known[i].loose = client->known[i].loose || !client->safe;
        client->known[i].gap = client->known[i].gap || strcmp(resume, "compacted") == 0;
    }
}

static void on_caught_up(TestClient *client)
{
    assert_int_equal(client->phase, PHASE_BEGIN);
    client->phase = PHASE_LIVE;
}

static void on_change(const World *world, TestClient *client, size_t key, unsigned revision, bool gone)
{
    Known *known = &client->known[key];
    bool log = client->phase == PHASE_LIVE || strcmp(client->resume, "complete") == 0;
    bool tick = key >= STATEMENT_N;
    assert_int_not_equal(client->phase, PHASE_NONE);
    if (tick && gone)
        revision = known->revision; /* a removal does not say which */
    if (!known->loose && known->revision > 0) {
        if (tick && gone)
            assert_true(known->gap || !known->gone);
        else if (revision <= known->revision)
            fail_msg("%zu/%u after %u in a %s stream", key, revision, known->revision, client->resume);
        if (log && !known->gap && revision > known->revision + 1 && revision > world->withdrawn[key])
            fail_msg("%zu/%u left out after %u", key, revision, known->revision);
    }
    bool unclear = tick && gone;
    *known = (Known){
        .revision = revision, .gone = gone, .gap = known->gap && unclear, .loose = known->loose && unclear};
}

static void on_statement(const World *world, TestClient *client, const json_t *frame)
{
    const json_t *data = json_object_get(frame, "data");
    size_t key = (size_t)(*json_string_value(json_object_get(data, "id")) - 'a');
    bool gone = strcmp(json_string_value(json_object_get(frame, "change")), "withdrawn") == 0;
    assert_true(client->channels & CHANNEL_STATEMENTS);
    if (client->source && strcmp(client->source, source_of(key)) != 0) {
        assert_true(gone); /* whose words are not known any more */
        return;
    }
    on_change(world, client, key, (unsigned)json_integer_value(json_object_get(data, "revision")), gone);
}

static void on_tick(const World *world, TestClient *client, const json_t *frame)
{
    const json_t *data = json_object_get(frame, "data");
    size_t key = STATEMENT_N + (size_t)(*json_string_value(json_object_get(data, "counter")) - 'x');
    assert_true(client->channels & CHANNEL_TICKS);
    on_change(world, client, key, (unsigned)json_integer_value(json_object_get(data, "days")),
              json_is_true(json_object_get(frame, "removed")));
}

static void on_frame(World *world, TestClient *client, GBytes *bytes)
{
    json_t *frame = frame_json(bytes);
    const char *type = json_string_value(json_object_get(frame, "type"));
    if (strcmp(type, "subscribed") == 0)
        on_subscribed(world, client, frame);
    else if (strcmp(type, "caught_up") == 0)
        on_caught_up(client);
    else if (strcmp(type, "statement") == 0)
        on_statement(world, client, frame);
    else
        on_tick(world, client, frame);
    check_cursor(client, type, json_string_value(json_object_get(frame, "cursor")));
    json_decref(frame);
}

/* Returns whether there is more. */
static bool take(World *world, TestClient *client, size_t max_bytes)
{
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GError) error = NULL;
    bool more = subscription_take(client->subscription, client->replica->reader, max_bytes, frames, &error);
    if (error)
        fail_msg("%s", error->message);
    for (guint i = 0; i < frames->len; i++)
        on_frame(world, client, frames->pdata[i]);
    const char *cursor = subscription_cursor(client->subscription);
    if (*cursor && client->phase == PHASE_LIVE) { /* as a heartbeat */
        g_autofree Cursor *position = cursor_parse(cursor);
        assert_true(cursor_is_behind(client->position, position));
        check_cursor(client, "heartbeat", cursor);
    }
    return more;
}

/* -- what happens -- */

static void disconnect(TestClient *client)
{
    g_clear_pointer(&client->subscription, subscription_free);
    client->phase = PHASE_NONE;
}

static void join(World *world, TestClient *client, Replica *replica)
{
    g_autoptr(GError) error = NULL;
    ClientMessage request = {.channels = client->channels, .since = client->cursor, .last = EVERYTHING};
    disconnect(client);
    if (client->source) {
        request.filter = filter_new();
        assert_true(filter_add(request.filter, "source", client->source, NULL));
    }
    client->replica = replica;
    client->subscription = subscription_new(replica->log, replica->reader, &request, FORMAT_JSON, &error);
    filter_free(request.filter);
    if (!client->subscription)
        fail_msg("%s", error->message);
    if (below(world, 2))
        take(world, client, 1);
}

/* Somebody else, who knows nothing. */
static void forget(World *world, TestClient *client)
{
    static const unsigned channels[] = {CHANNEL_STATEMENTS, CHANNEL_TICKS, BOTH, BOTH};
    static const char *const sources[] = {NULL, NULL, "press", "museum"};
    disconnect(client);
    g_free(client->cursor);
    g_free(client->position);
    *client =
        (TestClient){.channels = channels[below(world, 4)], .source = sources[below(world, 4)], .safe = true};
}

static void act(World *world, TestClient *client)
{
    int choice = below(world, 40);
    if (choice == 0)
        forget(world, client);
    else if (choice < 3)
        disconnect(client);
    else if (choice < 6 || !client->subscription)
        join(world, client, world->replicas[below(world, REPLICAS)]);
    else
        take(world, client, (size_t)below(world, 3000) + 1);
}

/* The log's listener: between append and commit. */
static void on_appended(void *user)
{
    World *world = user;
    for (int i = below(world, 4); i > 0; i--) {
        act(world, &world->clients[below(world, CLIENTS)]);
        world->takes_between++;
    }
}

static void restart(World *world, Replica *replica)
{
    int64_t from[BUS_PARTITIONS];
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        from[i] = below(world, (int)world->bus->partitions[i]->len + 1);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (world->clients[i].replica == replica)
            disconnect(&world->clients[i]);
    }
    replica->window_bytes = (size_t)below(world, 60000) + 4000;
    replica_restart(replica, from);
    event_log_listen(replica->log, on_appended, world);
}

/* `quiet`: nothing new is published any more, so that nothing newer hides what was lost. */
static void step(World *world, bool quiet)
{
    Replica *replica = world->replicas[below(world, REPLICAS)];
    int choice = below(world, 100);
    if (choice < 30 && !quiet)
        publish(world);
    else if (choice < 50)
        replica_read(replica, (size_t)below(world, BUS_PARTITIONS), (size_t)below(world, 4));
    else if (choice < 65)
        replica_flush(replica);
    else if (choice < 99)
        act(world, &world->clients[below(world, CLIENTS)]);
    else if (below(world, 4) == 0)
        restart(world, replica);
}

static void check_end(World *world)
{
    for (size_t i = 0; i < REPLICAS; i++)
        replica_follow(world->replicas[i]);
    for (size_t i = 0; i < CLIENTS; i++) {
        TestClient *client = &world->clients[i];
        if (!client->subscription)
            join(world, client, world->replicas[0]);
        while (take(world, client, 2000))
            continue;
        for (size_t key = 0; key < KEYS; key++) {
            bool statement = key < STATEMENT_N;
            const Known *known = &client->known[key];
            const Known *latest = &world->latest[key];
            if (!(client->channels & (statement ? CHANNEL_STATEMENTS : CHANNEL_TICKS)) ||
                (statement && client->source && strcmp(client->source, source_of(key)) != 0))
                continue;
            if (known->revision == 0 && latest->gone)
                continue; /* was gone before the client came */
            assert_int_equal(known->gone, latest->gone);
            if (statement || !known->gone)
                assert_int_equal(known->revision, latest->revision);
        }
    }
}

static void run(guint32 seed, World *world)
{
    world->rand = g_rand_new_with_seed(seed);
    world->bus = bus_new(7);
    publish_statement(world, 0); /* something in each partition, by which cursors can be judged */
    publish_statement(world, 1);
    publish_tick(world, STATEMENT_N);
    for (size_t i = 0; i < REPLICAS; i++) {
        world->replicas[i] = replica_new(world->bus, (size_t)below(world, 60000) + 4000);
        replica_follow(world->replicas[i]);
        event_log_listen(world->replicas[i]->log, on_appended, world);
    }
    for (size_t i = 0; i < CLIENTS; i++)
        forget(world, &world->clients[i]);
    for (int i = 0; i < STEPS; i++)
        step(world, i >= STEPS - QUIET_STEPS);
    check_end(world);
    for (size_t i = 0; i < CLIENTS; i++)
        forget(world, &world->clients[i]);
    for (size_t i = 0; i < REPLICAS; i++)
        replica_free(world->replicas[i]);
    bus_free(world->bus);
    g_rand_free(world->rand);
}

static void test_all_promises_hold_in_any_order_of_events(void **state)
{
    (void)state;
    guint64 first = 1;
    const char *text = g_getenv("DAYWIRE_TEST_SEED");
    if (text)
        assert_true(g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &first, NULL));
    World total = {0};
    for (guint32 seed = (guint32)first; seed < first + SEEDS; seed++) {
        World world = {0};
        print_message("seed %u\n", seed);
        run(seed, &world);
        total.takes_between += world.takes_between;
        for (size_t i = 0; i < G_N_ELEMENTS(total.verdicts); i++)
            total.verdicts[i] += world.verdicts[i];
    }
    /* That it was tried at all. */
    print_message("snapshot %u, complete %u, compacted %u; %u acts between append and commit\n",
                  total.verdicts[0], total.verdicts[1], total.verdicts[2], total.takes_between);
    assert_true(total.verdicts[0] > 100 && total.verdicts[1] > 100 && total.verdicts[2] > 100);
    assert_true(total.takes_between > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_promises_hold_in_any_order_of_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
