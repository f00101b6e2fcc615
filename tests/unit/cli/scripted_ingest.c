/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/scripted_ingest.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "common/http/chunks.h"
#include "common/line_reader.h"

#define HEAD                                                                                                 \
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: "    \
    "close\r\n\r\n"

struct ScriptedIngest {
    const Turn *turns;
    unsigned count;
    int listener;
    char *address;
    GThread *thread;
    GHashTable *stored; /* the server's thread */
    atomic_bool stopping;
    atomic_bool going_on;
    atomic_uint connections;
    atomic_uint stored_count;
};

typedef struct {
    ScriptedIngest *server;
    int fd;
    const Turn *turn;
    unsigned answered;
    LineReader *reader;
    Chunks chunks;
    bool over;
} Connection;

static void say(Connection *connection, const char *text)
{
    if (send(connection->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        connection->over = true;
}

static void say_line(Connection *connection, const char *line)
{
    g_autofree char *chunk = g_strdup_printf("%zx\r\n%s\n\r\n", strlen(line) + 1, line);
    say(connection, chunk);
}

/* False: the connection is over. */
static bool take_line(Connection *connection, const Line *line)
{
    const Turn *turn = connection->turn;
    bool good = turn->then == TURN_ALL || connection->answered < turn->lines;
    if (!good && turn->then == TURN_CUT)
        return false;
    if (!good && turn->then == TURN_END) {
        say(connection, "0\r\n\r\n");
        return false;
    }
    unsigned number = ++connection->answered;
    g_autofree char *answer = NULL;
    if (!good && turn->then == TURN_NOISE)
        answer = g_strdup("{\"hello\":\"world\"}");
    else if (!good && turn->then == TURN_BUSY)
        answer = g_strdup_printf("{\"line\":%u,\"status\":503,\"detail\":\"no room\"}", number);
    else if (memmem(line->text, line->length, "bad", 3))
        answer = g_strdup_printf("{\"line\":%u,\"status\":409,\"detail\":\"it is bad\"}", number);
    else if (g_hash_table_add(connection->server->stored, g_strndup(line->text, line->length)))
        answer = g_strdup_printf("{\"line\":%u,\"status\":201,\"result\":\"created\"}", number);
    else
        answer = g_strdup_printf("{\"line\":%u,\"status\":200,\"result\":\"unchanged\"}", number);
    atomic_store(&connection->server->stored_count, g_hash_table_size(connection->server->stored));
    say_line(connection, answer);
    return !connection->over;
}

/* False: the connection is over. */
static bool take_body(Connection *connection, const char *data, size_t size)
{
    size_t length = 0;
    ChunksResult result;
    Line line;
    while ((result = chunks_next(&connection->chunks, &data, &size, &length)) == CHUNKS_DATA) {
        const char *piece = data;
        size_t left = length;
        while (line_reader_take(connection->reader, &piece, &left, &line))
            if (!take_line(connection, &line))
                return false;
        chunks_use(&connection->chunks, length);
        data += length;
        size -= length;
    }
    if (result == CHUNKS_END)
        say(connection, "0\r\n\r\n");
    return result == CHUNKS_MORE;
}

/* 0 at the end. */
static size_t receive(Connection *connection, char *buffer, size_t size)
{
    while (!atomic_load(&connection->server->stopping)) {
        struct pollfd pollfd = {.fd = connection->fd, .events = POLLIN};
        if (poll(&pollfd, 1, 50) <= 0)
            continue;
        ssize_t received = recv(connection->fd, buffer, size, 0);
        return received > 0 ? (size_t)received : 0;
    }
    return 0;
}

static void serve(Connection *connection)
{
    static const Turn take_all = {.then = TURN_ALL};
    g_autoptr(GString) head = g_string_new(NULL);
    char buffer[65536];
    while (!strstr(head->str, "\r\n\r\n")) {
        if (receive(connection, buffer, 1) == 0)
            return;
        g_string_append_c(head, buffer[0]);
    }
    assert_non_null(strstr(head->str, "Transfer-Encoding: chunked\r\n"));
    if (connection->turn->then == TURN_STATUS) {
        g_autofree char *answer = g_strdup_printf(
            "HTTP/1.1 %u X\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{\"detail\":\"no.\"}\n",
            connection->turn->lines);
        say(connection, answer);
        return;
    }
    say(connection, HEAD);
    while (connection->turn->then == TURN_HOLD && !atomic_load(&connection->server->going_on) &&
           !atomic_load(&connection->server->stopping))
        g_usleep(1000);
    if (connection->turn->then == TURN_HOLD)
        connection->turn = &take_all;
    for (;;) {
        size_t size = receive(connection, buffer, sizeof buffer);
        if (size == 0 || !take_body(connection, buffer, size))
            return;
    }
}

static void *run(void *user)
{
    ScriptedIngest *server = user;
    while (!atomic_load(&server->stopping)) {
        struct pollfd pollfd = {.fd = server->listener, .events = POLLIN};
        if (poll(&pollfd, 1, 50) <= 0)
            continue;
        unsigned number = atomic_fetch_add(&server->connections, 1);
        Connection connection = {.server = server,
                                 .fd = accept(server->listener, NULL, NULL),
                                 .turn = &server->turns[MIN(number, server->count - 1)],
                                 .reader = line_reader_new((size_t)1024 * 1024)};
        serve(&connection);
        line_reader_free(connection.reader);
        close(connection.fd);
    }
    return NULL;
}

ScriptedIngest *scripted_ingest_start(const Turn *turns, unsigned count)
{
    ScriptedIngest *server = g_new0(ScriptedIngest, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->turns = turns;
    server->count = count;
    server->stored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->address = g_strdup_printf("http://127.0.0.1:%u", ntohs(address.sin_port));
    server->thread = g_thread_new("scripted ingest", run, server);
    return server;
}

void scripted_ingest_stop(ScriptedIngest *server)
{
    atomic_store(&server->stopping, true);
    g_thread_join(server->thread);
    close(server->listener);
    g_hash_table_unref(server->stored);
    g_free(server->address);
    g_free(server);
}

void scripted_ingest_go_on(ScriptedIngest *server)
{
    atomic_store(&server->going_on, true);
}

const char *scripted_ingest_address(const ScriptedIngest *server)
{
    return server->address;
}

unsigned scripted_ingest_connections(ScriptedIngest *server)
{
    return atomic_load(&server->connections);
}

unsigned scripted_ingest_stored(ScriptedIngest *server)
{
    return atomic_load(&server->stored_count);
}
