/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include "cli/client_stream.h"
#include "cli/files.h"
#include "common/error.h"

#define DEFAULT_SERVER     "http://127.0.0.1:8081"
#define CONNECT_TIMEOUT_MS 5000L
#define ANSWER_TIMEOUT_MS  90000L /* beyond the longest that ?wait=published is likely to hold an answer */
#define ANSWER_MAX         (16UL * 1024 * 1024)
#define TOKEN_MAX          4096
#define ATTEMPTS           7
#define BACK_OFF_MS        250
#define BACK_OFF_MAX_MS    8000

struct Client {
    CURL *curl;
    struct curl_slist *headers;        /* what every request has */
    struct curl_slist *stream_headers; /* of the stream that is under way */
    char *server;                      /* without a slash at its end */
    char *token_path;
    unsigned back_off_ms;
    char problem[CURL_ERROR_SIZE];
};

char *client_token_path(void)
{
    const char *named = g_getenv("DAYWIRE_INGEST_TOKEN_FILE");
    return named && *named ? g_strdup(named)
                           : g_build_filename(g_get_user_data_dir(), "daywire", "token", NULL);
}

static char *read_token(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GBytes) bytes = file_read(path, TOKEN_MAX, &cause);
    if (!bytes) {
        g_set_error(
            error, DAYWIRE_ERROR, cause->code,
            "cannot read the API's token: %s; name its file with --token-file or $DAYWIRE_INGEST_TOKEN_FILE "
            "(`daywire standalone` makes one where it is looked for)",
            cause->message);
        return NULL;
    }
    size_t size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *token = g_strndup(data ? data : "", size);
    g_strstrip(token);
    if (!*token || strpbrk(token, " \t\r\n") || !g_str_is_ascii(token)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: a token is one word of ASCII characters", path);
        return NULL;
    }
    return g_steal_pointer(&token);
}

/* The address without what follows the port. */
static char *read_server(const char *text, bool *ret_loopback, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if ((strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) || !host || !*host ||
        strspn(g_uri_get_path(uri), "/") != strlen(g_uri_get_path(uri)) || g_uri_get_query(uri) ||
        g_uri_get_userinfo(uri)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "--server %s: the address of daywire-ingest is written as " DEFAULT_SERVER, text);
        return NULL;
    }
    *ret_loopback =
        strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0;
    g_autofree char *server = g_uri_to_string(uri);
    size_t length = strlen(server);
    while (length > 0 && server[length - 1] == '/')
        length--;
    return g_strndup(server, length);
}

Client *client_new(const ClientOptions *options, GError **error)
{
    bool loopback = false;
    g_autofree char *server =
        read_server(options->server ? options->server : DEFAULT_SERVER, &loopback, error);
    if (!server)
        return NULL;
    g_autofree char *token_path = options->token_file ? g_strdup(options->token_file) : client_token_path();
    g_autofree char *token = read_token(token_path, error);
    if (!token)
        return NULL;
    CURL *curl = curl_easy_init();
    g_autofree char *authorization = g_strdup_printf("Authorization: Bearer %s", token);
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    struct curl_slist *more =
        headers ? curl_slist_append(headers, "Expect:") : NULL; /* no round trip before a body */
    if (!curl || !more) {
        curl_easy_cleanup(curl);
        curl_slist_free_all(headers);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl cannot be initialised");
        return NULL;
    }
    Client *client = g_new0(Client, 1);
    client->curl = curl;
    client->headers = headers;
    client->server = g_steal_pointer(&server);
    client->token_path = g_steal_pointer(&token_path);
    client->back_off_ms = options->back_off_ms ? options->back_off_ms : BACK_OFF_MS;
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->problem);
    curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS);
    if (loopback) /* a proxy from the environment leads away from this machine */
        curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
    return client;
}

void client_free(Client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    curl_slist_free_all(client->stream_headers);
    g_free(client->server);
    g_free(client->token_path);
    g_free(client);
}

void client_answer_clear(ClientAnswer *answer)
{
    if (answer->body)
        g_string_free(answer->body, TRUE);
    g_free(answer->etag);
    *answer = (ClientAnswer){0};
}

/* One line of the answer's head. */
static size_t take_header(char *data, size_t size, size_t count, void *user)
{
    ClientAnswer *answer = user;
    g_autofree char *line = g_strndup(data, size * count);
    if (g_ascii_strncasecmp(line, "ETag:", strlen("ETag:")) == 0) {
        g_free(answer->etag);
        answer->etag = g_strdup(g_strstrip(line + strlen("ETag:")));
    }
    return size * count;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    GString *body = user;
    if (body->len + size * count > ANSWER_MAX)
        return 0; /* ends the transfer */
    g_string_append_len(body, data, (gssize)(size * count));
    return size * count;
}

void client_explain(const Client *client, CURLcode code, GError **error)
{
    const char *server = client->server;
    const char *cause = *client->problem ? client->problem : curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "cannot reach %s: is daywire-ingest running? (%s)", server, cause);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "no answer from %s in time; what was sent may have been stored, and sending it again "
                    "does no harm "
                    "(%s)",
                    server, cause);
        return;
    case CURLE_WRITE_ERROR:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the answer of %s is larger than %lu bytes: that is no daywire-ingest", server,
                    ANSWER_MAX);
        return;
    default:
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "talking to %s failed: %s", server,
                    cause);
    }
}

void client_explain_token(const Client *client, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "%s does not accept the token in %s: use the one in its token-file", client->server,
                client->token_path);
}

/* One request, one answer. */
static bool perform(Client *client, const ClientRequest *request, ClientAnswer *answer, GError **error)
{
    g_autofree char *url = g_strconcat(client->server, request->path, NULL);
    g_autofree char *type =
        g_strdup_printf("Content-Type: %s", request->content_type ? request->content_type : "");
    g_autofree char *precondition =
        g_strdup_printf("If-Match: %s", request->if_match ? request->if_match : "");
    struct curl_slist matched = {.data = precondition, .next = client->headers};
    struct curl_slist *headers = request->if_match ? &matched : client->headers;
    struct curl_slist typed = {.data = type, .next = headers};
    CURL *curl = client->curl;

    answer->body = g_string_new(NULL);
    *client->problem = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer->body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
    if (request->content_type) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, &typed);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);     /* `typed` and `matched` end here */
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, NULL); /* as does what `answer` points to */
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
    if (code != CURLE_OK) {
        client_explain(client, code, error);
        return false;
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer->status = (unsigned)status;
    return true;
}

bool client_back_off_ms(const Client *client, unsigned attempt, unsigned *ret_ms)
{
    if (attempt + 1 >= ATTEMPTS)
        return false;
    *ret_ms = (unsigned)MIN((guint64)client->back_off_ms << attempt, BACK_OFF_MAX_MS);
    return true;
}

static bool back_off(const Client *client, unsigned attempt)
{
    unsigned wait_ms = 0;
    if (!client_back_off_ms(client, attempt, &wait_ms))
        return false;
    g_usleep((gulong)wait_ms * 1000);
    return true;
}

bool client_send(Client *client, const ClientRequest *request, ClientAnswer *ret_answer, GError **error)
{
    for (unsigned attempt = 0;; attempt++) {
        g_auto(ClientAnswer) answer = {0};
        if (!perform(client, request, &answer, error))
            return false;
        if (answer.status == 401) {
            client_explain_token(client, error);
            return false;
        }
        if (answer.status != 429 && answer.status != 503) {
            *ret_answer = answer;
            answer = (ClientAnswer){0};
            return true;
        }
        if (!back_off(client, attempt)) {
            g_autofree char *problem = client_answer_problem(&answer);
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "%s takes nothing now, %d attempts were made: %s; try again later", client->server,
                        ATTEMPTS, problem);
            return false;
        }
    }
}

yyjson_doc *client_answer_json(const ClientAnswer *answer, GError **error)
{
    g_autoptr(yyjson_doc) doc = json_read(answer->body->str, answer->body->len, 1, NULL);
    if (yyjson_is_obj(yyjson_doc_get_root(doc)))
        return g_steal_pointer(&doc);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                "the answer (status %u) is not JSON: is --server the address of daywire-ingest?",
                answer->status);
    return NULL;
}

yyjson_doc *client_get(Client *client, const char *path, const char *id, ClientAnswer *ret_answer,
                       GError **error)
{
    const ClientRequest request = {.method = "GET", .path = path};
    if (!client_send(client, &request, ret_answer, error))
        return NULL;
    if (ret_answer->status == 200)
        return client_answer_json(ret_answer, error);
    g_autofree char *problem = client_answer_problem(ret_answer);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "%s: %s", id, problem);
    return NULL;
}

char *client_answer_problem(const ClientAnswer *answer)
{
    g_autoptr(yyjson_doc) doc = json_read(answer->body->str, answer->body->len, 1, NULL);
    yyjson_val *problem = yyjson_doc_get_root(doc);
    const char *detail = yyjson_get_str(yyjson_obj_get(problem, "detail"));
    if (!detail)
        detail = yyjson_get_str(yyjson_obj_get(problem, "title"));
    return detail ? g_strdup(detail) : g_strdup_printf("status %u", answer->status);
}

CURL *client_stream_begin(Client *client, const char *path, const char *content_type, ClientGive *give,
                          ClientTake *take, void *user, GError **error)
{
    g_autofree char *url = g_strconcat(client->server, path, NULL);
    g_autofree char *type = g_strdup_printf("Content-Type: %s", content_type);
    const char *const own[] = {type, "Transfer-Encoding: chunked"};
    CURL *curl = client->curl;
    for (const struct curl_slist *header = client->headers; header; header = header->next)
        client->stream_headers = curl_slist_append(client->stream_headers, header->data);
    for (size_t i = 0; i < G_N_ELEMENTS(own) && client->stream_headers; i++) {
        struct curl_slist *more = curl_slist_append(client->stream_headers, own[i]);
        if (!more)
            client_stream_end(client);
        client->stream_headers = more;
    }
    if (!client->stream_headers) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl has no memory for a request");
        return NULL;
    }
    *client->problem = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "POST");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->stream_headers);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, user);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, user);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 0L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L); /* what was sent cannot be sent again by libcurl */
    return curl;
}

void client_stream_end(Client *client)
{
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(client->curl, CURLOPT_FRESH_CONNECT, 0L);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS);
    curl_slist_free_all(client->stream_headers);
    client->stream_headers = NULL;
}
