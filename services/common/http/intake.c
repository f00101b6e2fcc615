/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets has decoded the path and the parameters, has collapsed "//" and "/../", and has stored
 * headers as C strings with their lengths. A NUL byte makes the two disagree; such a request is refused,
 * since what is read here might not be what a proxy in front has read. The same goes for every doubt about
 * where the body ends: libwebsockets reads Content-Length with atoll(), so "-1", "5,7" and "0x10" are refused
 * here before it acts on them. */
#include "common/http/intake.h"

#include "common/http/exchange_lws.h"

#define WORD_MAX 256 /* of headers that have a word or two */

static const enum lws_token_indexes header_tokens[HTTP_HEADER_COUNT] = {
    [HTTP_HEADER_AUTHORIZATION] = WSI_TOKEN_HTTP_AUTHORIZATION,
    [HTTP_HEADER_CONTENT_TYPE] = WSI_TOKEN_HTTP_CONTENT_TYPE,
    [HTTP_HEADER_IF_MATCH] = WSI_TOKEN_HTTP_IF_MATCH,
    [HTTP_HEADER_IF_NONE_MATCH] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
    [HTTP_HEADER_ACCEPT] = WSI_TOKEN_HTTP_ACCEPT,
    [HTTP_HEADER_ACCEPT_ENCODING] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
    [HTTP_HEADER_HOST] = WSI_TOKEN_HOST,
    [HTTP_HEADER_ORIGIN] = WSI_TOKEN_ORIGIN,
    [HTTP_HEADER_COOKIE] = WSI_TOKEN_HTTP_COOKIE,
    [HTTP_HEADER_X_FORWARDED_FOR] = WSI_TOKEN_X_FORWARDED_FOR,
};

static void refuse(HttpIntake *intake, int status, const char *reason)
{
    if (intake->refusal != 0)
        return;
    intake->refusal = status;
    intake->reason = reason;
}

/* False when the header is too long for the buffer or holds a NUL byte; absent is the same as empty. */
static bool read_header(struct lws *wsi, enum lws_token_indexes token, char *buffer, size_t size)
{
    int length = lws_hdr_total_length(wsi, token);

    buffer[0] = '\0';
    return length <= 0 ||
           (lws_hdr_copy(wsi, buffer, (int)size, token) == length && strlen(buffer) == (size_t)length);
}

static void take_target(struct lws *wsi, HttpIntake *intake, const char *path, size_t length)
{
    HttpRequest *request = intake->request;
    char parameter[HTTP_HEADER_DATA_MAX + 1];

    request->path = g_strndup(path, length);
    if (strlen(request->path) != length || !http_text_is_clean(request->path))
        refuse(intake, 400, "the path is UTF-8 text without control characters, \";\" and \"&\"");
    /* libwebsockets makes "/" of an empty last one. */
    for (int i = 0;
         lws_hdr_copy_fragment(wsi, parameter, (int)sizeof parameter, WSI_TOKEN_HTTP_URI_ARGS, i) >= 0; i++)
        if (parameter[0] != '\0' && strcmp(parameter, "/") != 0 &&
            !http_request_add_parameter(request, parameter))
            refuse(intake, 400, "a query parameter is not UTF-8 text without control characters");
}

static void take_headers(struct lws *wsi, HttpIntake *intake)
{
    char value[HTTP_HEADER_DATA_MAX + 1];

    for (size_t i = 0; i < HTTP_HEADER_COUNT; i++) {
        if (!read_header(wsi, header_tokens[i], value, sizeof value))
            refuse(intake, 400, "a header holds a NUL byte");
        else if (value[0] != '\0')
            intake->request->headers[i] = g_strdup(value);
    }
}

static bool has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    for (char **w = words; *w != NULL; w++)
        if (g_ascii_strcasecmp(g_strstrip(*w), word) == 0)
            return true;
    return false;
}

static void take_connection(struct lws *wsi, HttpIntake *intake)
{
    char version[WORD_MAX];
    char connection[WORD_MAX];
    char expect[WORD_MAX];

    if (!read_header(wsi, WSI_TOKEN_HTTP, version, sizeof version) ||
        !read_header(wsi, WSI_TOKEN_CONNECTION, connection, sizeof connection) ||
        !read_header(wsi, WSI_TOKEN_HTTP_EXPECT, expect, sizeof expect)) {
        refuse(intake, 400, "the HTTP version, Connection or Expect is too long or holds a NUL byte");
        return;
    }
    bool version_1_1 = strcmp(version, "HTTP/1.1") == 0;
    if (!version_1_1 && strcmp(version, "HTTP/1.0") != 0)
        refuse(intake, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    if (version_1_1 && intake->request->headers[HTTP_HEADER_HOST] == NULL)
        refuse(intake, 400, "the Host header is missing");
    intake->http_1_1 = version_1_1;
    intake->keep_alive = version_1_1 && !has_word(connection, "close");
    if (!version_1_1 && intake->chunked)
        refuse(intake, 411, "Transfer-Encoding is not known to HTTP/1.0");
    intake->expects_continue = version_1_1 && g_ascii_strcasecmp(expect, "100-continue") == 0;
}

/* Digits only, and few enough not to overflow. */
static bool parse_length(const char *text, uint64_t *ret_length)
{
    guint64 length = 0;

    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 18 ||
        !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &length, NULL))
        return false;
    *ret_length = length;
    return true;
}

static void take_framing(struct lws *wsi, HttpIntake *intake, bool needs_body)
{
    char length[WORD_MAX];
    char encoding[WORD_MAX];

    if (!read_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length) ||
        !read_header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING, encoding, sizeof encoding)) {
        refuse(intake, 400, "Content-Length or Transfer-Encoding is too long or holds a NUL byte");
        return;
    }
    if (length[0] != '\0' && !parse_length(length, &intake->body_size))
        refuse(intake, 400, "Content-Length is not one plain number");
    else if (length[0] != '\0' && encoding[0] != '\0')
        refuse(intake, 400, "Content-Length and Transfer-Encoding exclude each other");
    else if (encoding[0] != '\0' && (!needs_body || g_ascii_strcasecmp(encoding, "chunked") != 0))
        refuse(intake, 411, "Transfer-Encoding is not supported: send the body with a Content-Length");
    else if (length[0] == '\0' && encoding[0] == '\0' && needs_body)
        refuse(intake, 411, "Content-Length is missing");
    intake->chunked = intake->refusal == 0 && encoding[0] != '\0';
    intake->body_follows = intake->body_size > 0 || (length[0] == '\0' && needs_body);
}

void http_intake(struct lws *wsi, HttpMailbox *mailbox, HttpIntake *ret_intake)
{
    /* In the order of LWSHUMETH_... */
    static const char *const methods[] = {"GET",   "POST",   "OPTIONS", "PUT",
                                          "PATCH", "DELETE", "CONNECT", "HEAD"};
    char peer[64] = "";
    char *path = NULL;
    int path_length = 0;
    int method = lws_http_get_uri_and_method(wsi, &path, &path_length);
    bool known = method >= 0 && method < (int)G_N_ELEMENTS(methods);

    *ret_intake = (HttpIntake){.request = http_request_new(mailbox, known ? methods[method] : "")};
    if (!known || path == NULL) {
        refuse(ret_intake, 400, "the request line cannot be read");
        ret_intake->request->path = g_strdup("");
        return;
    }
    lws_get_peer_simple(wsi, peer, sizeof peer);
    ret_intake->request->peer = g_strdup(peer);
    take_framing(wsi, ret_intake,
                 method == LWSHUMETH_POST || method == LWSHUMETH_PUT || method == LWSHUMETH_PATCH);
    take_target(wsi, ret_intake, path, (size_t)path_length);
    take_headers(wsi, ret_intake);
    take_connection(wsi, ret_intake);
}
