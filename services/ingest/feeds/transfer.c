/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define CONNECT_TIMEOUT_MS 10000L
#define REDIRECTS_MAX      5L
#define HEADERS_MAX        ((size_t)64 * 1024) /* bytes, of all answers of a chain of redirects */
#define VALIDATOR_MAX      500                 /* longer ones are done without */
/* Below this for so long it is as good as silent. */
#define SLOW_BYTES_A_SECOND 50L
#define SLOW_SECONDS        15L

struct FeedTransfer {
    const FeedLimits *limits;
    FeedAddressPolicy policy;
    CURL *curl;
    struct curl_slist *headers;
    FeedAnswer answer;
    size_t header_bytes;
    unsigned redirects;
    bool temporary; /* one of the redirects is */
    bool too_many_headers;
    bool too_large;
    char *forbidden; /* the address it led to, and what that is */
    char problem[CURL_ERROR_SIZE];
};

void feed_answer_clear(FeedAnswer *answer)
{
    g_free(answer->url);
    g_free(answer->error);
    g_free(answer->moved_to);
    g_free(answer->final_url);
    g_free(answer->charset);
    g_free(answer->etag);
    g_free(answer->last_modified);
    if (answer->body)
        g_byte_array_unref(answer->body);
    *answer = (FeedAnswer){0};
}

/* ---- what libcurl calls ---- */

static void note_forbidden(FeedTransfer *transfer, const struct sockaddr *address, const char *what)
{
    char text[INET6_ADDRSTRLEN] = "?";

    if (address->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                        sizeof(text));
    else if (address->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                        sizeof(text));
    g_free(transfer->forbidden);
    transfer->forbidden = g_strdup_printf("%s, %s", text, what);
}

/* Every connection of a transfer begins here, those after a redirect too, with the address that it will have. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    FeedTransfer *transfer = user;

    /* What lies behind a proxy is for the proxy to look at. */
    if (!transfer->limits->proxy) {
        const char *what = feed_address_forbidden(&transfer->policy, &address->addr, address->addrlen);
        if (what || purpose != CURLSOCKTYPE_IPCXN) {
            note_forbidden(transfer, &address->addr, what ? what : "no connection of ours");
            return CURL_SOCKET_BAD;
        }
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool is_temporary(guint64 status)
{
    return status == 302 || status == 303 || status == 307;
}

static size_t take_header(char *data, size_t size, size_t count, void *user)
{
    FeedTransfer *transfer = user;
    size_t length = size * count;
    g_autofree char *line = g_strndup(data, MIN(length, 20));
    guint64 status = 0;

    transfer->header_bytes += length;
    transfer->too_many_headers = transfer->header_bytes > HEADERS_MAX;
    if (transfer->too_many_headers)
        return 0; /* ends the transfer; so below */
    if (g_str_has_prefix(line, "HTTP/")) {
        const char *number = strchr(line, ' ');
        g_clear_pointer(&transfer->forbidden, g_free); /* another address of the same name was fine */
        status = number ? g_ascii_strtoull(number, NULL, 10) : 0;
    }
    if (is_temporary(status) || status == 301 || status == 308) {
        transfer->redirects++;
        transfer->temporary = transfer->temporary || is_temporary(status);
    }
    return length;
}

/* What comes in here is decompressed. */
static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    FeedTransfer *transfer = user;
    size_t length = size * count;

    transfer->too_large = length > transfer->limits->max_size - transfer->answer.body->len;
    if (transfer->too_large)
        return 0;
    g_byte_array_append(transfer->answer.body, (const guint8 *)data, (guint)length);
    return length;
}

/* ---- starting ---- */

static bool add_header(FeedTransfer *transfer, const char *name, const char *value)
{
    if (*value == '\0')
        return true;
    g_autofree char *line = g_strdup_printf("%s: %s", name, value);
    struct curl_slist *headers = curl_slist_append(transfer->headers, line);
    if (headers)
        transfer->headers = headers;
    return headers != NULL;
}

static bool add_headers(FeedTransfer *transfer, const FeedRequest *request)
{
    return add_header(transfer, "Accept",
                      "application/rss+xml, application/atom+xml, application/feed+json, "
                      "application/rdf+xml, application/xml;q=0.9, */*;q=0.5") &&
           add_header(transfer, "If-None-Match", request->etag) &&
           add_header(transfer, "If-Modified-Since", request->last_modified);
}

static bool set_limits(CURL *curl, const FeedLimits *limits)
{
    return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, limits->proxy ? limits->proxy : "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limits->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, MIN(limits->timeout_ms, CONNECT_TIMEOUT_MS)) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_A_SECOND) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limits->max_size) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, limits->user_agent) == CURLE_OK &&
           /* A stop does not wait for names that are being looked up. */
           curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           /* The next poll is minutes away. */
           curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
}

static bool set_transfer(FeedTransfer *transfer, const FeedRequest *request)
{
    CURL *curl = transfer->curl;

    return add_headers(transfer, request) && set_limits(curl, transfer->limits) &&
           curl_easy_setopt(curl, CURLOPT_URL, request->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->problem) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

FeedTransfer *feed_transfer_new(const FeedLimits *limits, const FeedRequest *request)
{
    FeedTransfer *transfer = g_new0(FeedTransfer, 1);

    transfer->limits = limits;
    transfer->policy =
        (FeedAddressPolicy){.allow_private = limits->allow_private, .allowed = limits->networks};
    transfer->answer = (FeedAnswer){.user = request->user,
                                    .url = g_strdup(request->url),
                                    .etag = g_strdup(""),
                                    .last_modified = g_strdup(""),
                                    .body = g_byte_array_new()};
    transfer->curl = curl_easy_init();
    if (transfer->curl && set_transfer(transfer, request))
        return transfer;
    feed_transfer_free(transfer);
    return NULL;
}

void feed_transfer_free(FeedTransfer *transfer)
{
    if (!transfer)
        return;
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->headers);
    feed_answer_clear(&transfer->answer);
    g_free(transfer->forbidden);
    g_free(transfer);
}

CURL *feed_transfer_handle(const FeedTransfer *transfer)
{
    return transfer->curl;
}

/* ---- finishing ---- */

/* Of the last answer; "" when there is none, or one that cannot be sent back. */
static char *validator(CURL *curl, const char *name)
{
    struct curl_header *header = NULL;

    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return g_strdup("");
    for (const char *at = header->value; *at; at++)
        if (!g_ascii_isprint(*at))
            return g_strdup("");
    return g_strdup(strlen(header->value) <= VALIDATOR_MAX ? header->value : "");
}

/* "text/xml; charset=utf-8" */
static char *charset_of(const char *content_type)
{
    g_auto(GStrv) parts = g_strsplit(content_type ? content_type : "", ";", 10);

    for (char **part = parts; *part && *++part;) {
        const char *text = g_strstrip(*part);
        if (g_ascii_strncasecmp(text, "charset=", strlen("charset=")) != 0)
            continue;
        g_autofree char *name = g_strdup(text + strlen("charset="));
        g_strdelimit(name, "\"'", ' ');
        g_strstrip(name);
        return *name && g_str_is_ascii(name) ? g_steal_pointer(&name) : NULL;
    }
    return NULL;
}

static void read_answer(FeedTransfer *transfer)
{
    FeedAnswer *answer = &transfer->answer;
    const char *final_url = NULL;
    const char *content_type = NULL;
    long status = 0;
    curl_off_t retry_after = 0;

    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->curl, CURLINFO_EFFECTIVE_URL, &final_url);
    curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_TYPE, &content_type);
    curl_easy_getinfo(transfer->curl, CURLINFO_RETRY_AFTER, &retry_after);
    answer->status = (int)status;
    answer->final_url = g_strdup(final_url ? final_url : answer->url);
    answer->charset = charset_of(content_type);
    answer->retry_after = CLAMP(retry_after, 0, INT32_MAX) * INSTANT_SECOND;
    g_free(answer->etag);
    g_free(answer->last_modified);
    answer->etag = validator(transfer->curl, "ETag");
    answer->last_modified = validator(transfer->curl, "Last-Modified");
    if (transfer->redirects > 0 && !transfer->temporary)
        answer->moved_to = g_strdup(answer->final_url);
}

static void judge_status(FeedAnswer *answer)
{
    if (answer->status == 200) {
        answer->outcome = FEED_TAKEN;
    } else if (answer->status == 304) {
        answer->outcome = FEED_NOT_MODIFIED;
    } else {
        answer->outcome = feed_outcome_of_status(answer->status);
        answer->error = g_strdup_printf("the server answered %d", answer->status);
    }
}

static void judge(FeedTransfer *transfer, CURLcode code)
{
    FeedAnswer *answer = &transfer->answer;

    if (code == CURLE_OK) {
        judge_status(answer);
    } else if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED) {
        answer->outcome = FEED_TOO_LARGE;
        answer->error =
            g_strdup_printf("larger than %zu bytes ([feeds] max-size)", transfer->limits->max_size);
    } else if (transfer->too_many_headers) {
        answer->outcome = FEED_TOO_LARGE;
        answer->error = g_strdup_printf("headers of more than %zu bytes", HEADERS_MAX);
    } else if (transfer->forbidden) {
        answer->outcome = FEED_FORBIDDEN;
        answer->error = g_strdup_printf("it leads to %s, where feeds may not lead ([feeds] allow-networks)",
                                        transfer->forbidden);
    } else {
        answer->outcome = code == CURLE_BAD_CONTENT_ENCODING ? FEED_UNREADABLE : FEED_UNREACHABLE;
        g_autofree char *cause =
            g_utf8_make_valid(*transfer->problem ? transfer->problem : curl_easy_strerror(code), -1);
        answer->error = g_steal_pointer(&cause);
    }
}

FeedAnswer feed_transfer_finish(FeedTransfer *transfer, CURLcode code)
{
    read_answer(transfer);
    judge(transfer, code);
    FeedAnswer answer = transfer->answer;
    transfer->answer = (FeedAnswer){0};
    return answer;
}
