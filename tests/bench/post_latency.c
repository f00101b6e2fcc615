/* SPDX-License-Identifier: Apache-2.0 */
/* post-latency URL TOKEN WORD RATE COUNT: what a client waits for one POST. Sends COUNT new statements of 1 KB, RATE a second,
 * over one connection, and prints the milliseconds of each as a JSON array, from the instant at which it was to be sent: a
 * POST that comes late because of the one before has waited, too. */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pace.h"

static size_t drop(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

static void check(CURLcode result)
{
    if (result != CURLE_OK)
        g_error("curl: %s", curl_easy_strerror(result));
}

static CURL *open_client(const char *url, const char *token, struct curl_slist **ret_headers)
{
    g_autofree char *authorization = g_strdup_printf("Authorization: Bearer %s", token);
    CURL *client = curl_easy_init();

    *ret_headers = curl_slist_append(NULL, authorization);
    *ret_headers = curl_slist_append(*ret_headers, "Content-Type: application/json");
    check(curl_easy_setopt(client, CURLOPT_URL, url));
    check(curl_easy_setopt(client, CURLOPT_HTTPHEADER, *ret_headers));
    check(curl_easy_setopt(client, CURLOPT_WRITEFUNCTION, drop));
    return client;
}

static void post(CURL *client, const char *word, int64_t number)
{
    g_autoptr(GString) body = g_string_new(NULL);
    long status = 0;

    g_string_printf(
        body, "{\"id\":\"%s-%" PRId64 "\",\"title\":\"A ferry leaves\",\"date\":\"2026-03-02\",\"body\":\"",
        word, number);
    for (unsigned i = 0; i < 34; i++)
        g_string_append(body, "The ferry leaves at eight now. ");
    g_string_append(body, "\"}");
    check(curl_easy_setopt(client, CURLOPT_POSTFIELDS, body->str));
    check(curl_easy_perform(client));
    check(curl_easy_getinfo(client, CURLINFO_RESPONSE_CODE, &status));
    if (status != 201)
        g_error("the answer was %ld", status);
}

int main(int argc, char **argv)
{
    struct curl_slist *headers = NULL;

    if (argc != 6) {
        (void)fprintf(stderr, "usage: %s URL TOKEN WORD RATE COUNT\n", argv[0]);
        return 2;
    }
    int64_t interval = pace_interval(argv[4]);
    int64_t count = g_ascii_strtoll(argv[5], NULL, 10);
    CURL *client = open_client(argv[1], argv[2], &headers);
    post(client, argv[3], count); /* connected */
    int64_t next = g_get_monotonic_time();
    for (int64_t i = 0; i < count; i++, next += interval) {
        pace_wait_until(next);
        post(client, argv[3], i);
        pace_print(i == 0, next);
    }
    printf("]\n");
    curl_easy_cleanup(client);
    curl_slist_free_all(headers);
    return 0;
}
