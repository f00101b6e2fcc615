/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/readiness.h"

#include <curl/curl.h>

#define TIMEOUT_MS 1000L
#define ANSWER_MAX 4096

char *readiness_url(const char *listen, bool for_people)
{
    const char *port = strrchr(listen, ':');
    g_autofree char *address = g_strndup(listen, port ? (size_t)(port - listen) : strlen(listen));
    const char *host = address;
    if (strcmp(host, "0.0.0.0") == 0)
        host = "127.0.0.1";
    if (strcmp(host, "[::]") == 0)
        host = "[::1]";
    if (for_people && (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0))
        host = "localhost";
    return g_strdup_printf("http://%s%s", host, port ? port : "");
}

static size_t take(char *data, size_t size, size_t count, void *user)
{
    GString *body = user;
    if (body->len < ANSWER_MAX)
        g_string_append_len(body, data, (gssize)(size * count));
    return size * count;
}

/* "kafka: no broker; view: ok" out of the lines of the answer. */
static char *one_line(GString *body)
{
    g_auto(GStrv) lines = g_strsplit(g_strstrip(body->str), "\n", -1);
    return g_strjoinv("; ", lines);
}

Readiness readiness_ask(const char *listen, char **ret_reason)
{
    g_autofree char *base = readiness_url(listen, false);
    g_autofree char *url = g_strconcat(base, "/readyz", NULL);
    GString *body = g_string_new(NULL);
    CURL *curl = curl_easy_init();
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* one from the environment leads away from this machine */
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    CURLcode code = curl ? curl_easy_perform(curl) : CURLE_FAILED_INIT;
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (status != 200)
        *ret_reason =
            code == CURLE_OK ? one_line(body) : g_strdup_printf("%s: %s", base, curl_easy_strerror(code));
    g_string_free(body, TRUE);
    return status == 200                   ? READINESS_READY
           : code == CURLE_COULDNT_CONNECT ? READINESS_ABSENT
                                           : READINESS_UNREADY;
}
