/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/answer.h"

#include "common/json.h"

const char *http_status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Other";
}

static void append_header(GString *head, const char *name, const char *value)
{
    g_string_append_printf(head, "%s: ", name);
    for (const char *c = value; *c != '\0'; c++)
        g_string_append_c(head, (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c);
    g_string_append(head, "\r\n");
}

/* RFC 9110's form has English names, whatever the locale. */
static void append_date(GString *head, int64_t now_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_us / G_USEC_PER_SEC);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    g_string_append_printf(head, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday],
                           tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                           tm.tm_sec);
}

static GString *make_head(int status, const char *content_type, const char *const *headers, int64_t now_us)
{
    GString *head = g_string_sized_new(256);

    g_string_append_printf(head, "HTTP/1.1 %d %s\r\n", status, http_status_phrase(status));
    append_date(head, now_us);
    if (content_type != NULL)
        append_header(head, "Content-Type", content_type);
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        append_header(head, headers[i], headers[i + 1]);
    append_header(head, "X-Content-Type-Options", "nosniff");
    return head;
}

GString *http_answer_stream_head(int status, const char *content_type, const char *const *headers,
                                 bool chunked, int64_t now_us)
{
    GString *head = make_head(status, content_type, headers, now_us);

    if (chunked)
        append_header(head, "Transfer-Encoding", "chunked");
    g_string_append(head, "Connection: close\r\n\r\n");
    return head;
}

HttpAnswer *http_answer_new(int status, const char *content_type, const char *const *headers, GBytes *body,
                            int64_t now_us)
{
    HttpAnswer *answer = g_new0(HttpAnswer, 1);

    answer->status = status;
    answer->body = body != NULL ? g_bytes_ref(body) : g_bytes_new_static("", 0);
    answer->head = make_head(status, content_type, headers, now_us);
    /* These two statuses never have a body (RFC 9110 §8.6). */
    if (status != 204 && status != 304)
        g_string_append_printf(answer->head, "Content-Length: %zu\r\n", g_bytes_get_size(answer->body));
    return answer;
}

/* `name` and `value`: one more header; NULL: none. */
static HttpAnswer *problem_new(int status, const char *detail, const char *field, const char *name,
                               const char *value, int64_t now_us)
{
    const char *const headers[] = {"Cache-Control", "no-store", name, value, NULL};
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *problem = yyjson_mut_obj(doc);

    yyjson_mut_obj_add_str(doc, problem, "type", "about:blank");
    yyjson_mut_obj_add_str(doc, problem, "title", http_status_phrase(status));
    yyjson_mut_obj_add_int(doc, problem, "status", status);
    yyjson_mut_obj_add_val(doc, problem, "detail", json_text(doc, detail));
    if (field != NULL)
        yyjson_mut_obj_add_val(doc, problem, "field", json_text(doc, field));
    g_autoptr(GBytes) body = json_write_bytes(problem);
    return http_answer_new(status, "application/problem+json", headers, body, now_us);
}

HttpAnswer *http_answer_retry(int status, const char *detail, unsigned seconds, int64_t now_us)
{
    g_autofree char *value = g_strdup_printf("%u", seconds);
    return problem_new(status, detail, NULL, "Retry-After", value, now_us);
}

HttpAnswer *http_answer_problem(int status, const char *detail, const char *field, int64_t now_us)
{
    if (status == 401)
        return problem_new(status, detail, field, "WWW-Authenticate", "Bearer realm=\"daywire\"", now_us);
    if (status == 503)
        return problem_new(status, detail, field, "Retry-After", "1", now_us);
    return problem_new(status, detail, field, NULL, NULL, now_us);
}

void http_answer_free(HttpAnswer *answer)
{
    if (answer == NULL)
        return;
    g_string_free(answer->head, TRUE);
    g_bytes_unref(answer->body);
    g_free(answer);
}

GString *http_answer_finish_head(const HttpAnswer *answer, bool keep_alive)
{
    GString *head = g_string_new_len(answer->head->str, (gssize)answer->head->len);

    /* Keeping the connection is HTTP/1.1's default and needs no word. */
    g_string_append(head, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
    return head;
}
